using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Ordering;
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

/// <summary>Joins the states of several paths into one, value by value, with if-then-else on the path conditions.</summary>
internal sealed class StateMerger(TermFactory factory)
{
    private readonly ChoiceOrder _order = new();

    /// <summary>The state where <paramref name="paths"/> meet; slots that are not <paramref name="live"/> are forgotten.</summary>
    public MachineState Merge(List<(Term Guard, MachineState State)> paths, bool[]? live, out Term guard)
    {
        guard = paths.Select(path => path.Guard).Aggregate(factory.Either);
        var first = paths[0].State;
        var conditions = paths.Count == 1 ? [factory.True] : Distinguish(paths);
        Term?[] slots = [.. first.Slots.Select((_, s) => live is null || live[s] ? Join(paths, conditions, state => state.Slots[s]) : null)];
        var parts = paths.Exists(path => !ReferenceEquals(path.State.Parts, first.Parts))
            ? [.. first.Parts.Select((_, p) => Join(paths, conditions, state => state.Parts[p])!)] : first.Parts;
        return new MachineState(slots, parts);
    }

    /// <summary>Each path's condition without what all paths share.</summary>
    private Term[] Distinguish(List<(Term Guard, MachineState State)> paths)
    {
        var common = paths.Aggregate(TermFactory.Conjuncts(paths[0].Guard).ToArray(), (shared, path) => TermFactory.Common(shared, TermFactory.Conjuncts(path.Guard)));
        return [.. paths.Select(path => factory.Relative(path.Guard, common))];
    }

    private Term? Join(List<(Term Guard, MachineState State)> paths, Term[] conditions, Func<MachineState, Term?> select)
    {
        var groups = new List<(Term Value, Term Condition)>();
        for (var i = 0; i < paths.Count; i++)
        {
            if (select(paths[i].State) is not { } value || groups.Count > 0 && groups[0].Value.Width != value.Width)
            {
                return null;
            }

            var known = groups.FindIndex(g => ReferenceEquals(g.Value, value));
            if (known < 0)
            {
                groups.Add((value, conditions[i]));
            }
            else
            {
                groups[known] = (value, factory.Either(groups[known].Condition, conditions[i]));
            }
        }

        groups.Sort((a, b) => _order.Compare(a.Condition, b.Condition));
        var result = groups[^1].Value;
        for (var i = groups.Count - 2; i >= 0; i--)
        {
            result = factory.IfThenElse(groups[i].Condition, groups[i].Value, result);
        }

        return result;
    }
}
