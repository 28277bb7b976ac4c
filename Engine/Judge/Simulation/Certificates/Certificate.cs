using System.Collections.Immutable;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Certificates;

/// <summary>
/// How two functions simulate each other: which calls of the first are expanded, which places of both are reached together, what holds
/// there, and which place follows which. A claim and plain data: nothing of it is true because it stands here.
/// </summary>
/// <param name="Expanded">Places of calls in the first function that are expanded in place.</param>
/// <param name="Cutpoints">Pairs of places; the first is the pair of entries.</param>
/// <param name="Steps">By index, from which cutpoint both sides may go to which.</param>
internal sealed record Certificate(ImmutableArray<string> Expanded, ImmutableArray<Cutpoint> Cutpoints, ImmutableArray<CutStep> Steps);

/// <summary>From one cutpoint to the next.</summary>
internal readonly record struct CutStep(int From, int To);

/// <summary>A pair of places, one in each function, that are reached together: the entries, or two loop headers.</summary>
internal sealed record Cutpoint
{
    /// <summary>Block of the first function.</summary>
    public required int Before { get; init; }

    /// <summary>Block of the second function.</summary>
    public required int After { get; init; }

    /// <summary>
    /// The value of each position as a term: slots of the first, slots of the second, components of the state of the first, of the second. Null:
    /// not read any more. Empty at the entries. A term speaks of this place's own variables, which are defined by the positions they
    /// are named after, and of variables of other places, which mean what they were when control was there last.
    /// </summary>
    public ImmutableArray<Term?> Values { get; init; } = [];

    /// <summary>A condition on variables of other places that holds here.</summary>
    public required Term Facts { get; init; }

    /// <summary>Conditions of traps that did not hold on the way here, so that neither side will trap for them.</summary>
    public ImmutableArray<Term> Passed { get; init; } = [];

    /// <summary>Headers of the first function through which control goes on from here, each with the number of phases in which it does.</summary>
    public ImmutableSortedDictionary<int, int> OpenBefore { get; init; } = ImmutableSortedDictionary<int, int>.Empty;

    /// <summary>The same of the second function.</summary>
    public ImmutableSortedDictionary<int, int> OpenAfter { get; init; } = ImmutableSortedDictionary<int, int>.Empty;
}
