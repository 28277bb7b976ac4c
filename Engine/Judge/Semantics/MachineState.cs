using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>A symbolic state of one side: values in slots (null: never read again), and the components of the shared state.</summary>
/// <param name="slots">Owned by this state.</param>
/// <param name="parts">Shared; replaced, never changed in place, so that a trap can keep it.</param>
internal sealed class MachineState(Term?[] slots, Term[] parts)
{
    public Term?[] Slots { get; } = slots;

    public Term[] Parts { get; private set; } = parts;

    /// <summary>The value of a slot.</summary>
    /// <exception cref="UnmodelledException">It has none.</exception>
    public Term Read(int slot) => Slots[slot] ?? throw new UnmodelledException("invalid code: a value is used before it is set");

    public MachineState Clone() => new((Term?[])Slots.Clone(), Parts);

    public void Set(int part, Term value)
    {
        if (!ReferenceEquals(Parts[part], value))
        {
            Parts = (Term[])Parts.Clone();
            Parts[part] = value;
        }
    }
}

/// <summary>One way out of a fragment.</summary>
internal sealed record PathExit(Term Guard, MachineState State);

/// <summary>A place where a fragment may trap: under <paramref name="Guard"/>, when <paramref name="Condition"/> holds, why, and what is visible then.</summary>
internal sealed record TrapPoint(Term Guard, TrapKind Kind, Term Condition, Term[] Parts)
{
    /// <summary>When it traps, if nothing before it has.</summary>
    public Term Fires(TermFactory factory) => factory.Both(Guard, Condition);

    /// <summary>Whether nothing tells the two apart once they trap: kind and state.</summary>
    public bool IsLike(TrapPoint other) => Kind == other.Kind && (ReferenceEquals(Parts, other.Parts) || Parts.AsSpan().SequenceEqual(other.Parts));
}

/// <summary>All ways out of a fragment.</summary>
internal sealed class Fragment
{
    public PathExit? Return { get; set; }

    /// <summary>By the header reached.</summary>
    public SortedDictionary<int, PathExit> Cuts { get; } = [];

    /// <summary>In execution order.</summary>
    public List<TrapPoint> Traps { get; } = [];
}
