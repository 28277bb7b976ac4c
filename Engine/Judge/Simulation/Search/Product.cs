using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>A pair of places, one in each function, that are reached together: the entries, or two loop headers.</summary>
internal sealed class ProductNode(int index, FlowBlock before, FlowBlock after)
{
    public int Index { get; } = index;

    public FlowBlock Before { get; } = before;

    public FlowBlock After { get; } = after;

    /// <summary>What holds whenever both sides are here; none at the entry.</summary>
    public CutpointRelation? Relation { get; set; }

    /// <summary>What is known to be true here, as one conjunction.</summary>
    public Term? Facts { get; set; }

    /// <summary>Conditions of traps that have not held on any way here, so that the same checks do not trap here; null before there is a way.</summary>
    public IReadOnlyList<Term>? Passed { get; set; }

    public Fragment? BeforeFragment { get; set; }

    public Fragment? AfterFragment { get; set; }

    /// <summary>Headers through which each side went in its last run.</summary>
    public IReadOnlyDictionary<int, int> OpenBefore { get; set; } = new Dictionary<int, int>();

    public IReadOnlyDictionary<int, int> OpenAfter { get; set; } = new Dictionary<int, int>();

    /// <summary>Steps from here to other nodes.</summary>
    public List<ProductEdge> Edges { get; } = [];

    /// <summary>Whether the state here changed since the fragments were run.</summary>
    public bool IsStale { get; set; } = true;

    /// <summary>A name for obligations.</summary>
    public string Name => Index == 0 ? "entry" : $"loop{Index}";
}

/// <summary>Both sides go to the next node; <paramref name="Guard"/> is when.</summary>
internal sealed record ProductEdge(ProductNode From, ProductNode To, PathExit Before, PathExit After, Term Guard)
{
    /// <summary>Whether every way to where it comes from leads through where it goes: an edge back in a loop.</summary>
    public bool IsBack { get; set; }

    /// <summary>Conditions of traps that did not hold on this way: either side would not have come to its end.</summary>
    public IEnumerable<Term> Passed => From.BeforeFragment!.Traps.Concat(From.AfterFragment!.Traps)
        .Where(trap => !trap.Condition.IsTrue && TermFactory.Implies(Guard, trap.Guard)).Select(trap => trap.Condition).Concat(From.Passed ?? []);
}
