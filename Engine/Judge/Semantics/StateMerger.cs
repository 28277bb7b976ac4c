using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>Joins the states of several paths into one, value by value, with if-then-else on the path conditions.</summary>
internal sealed class StateMerger(TermFactory factory)
{
    private const int WeightCap = 1 << 20;
    private readonly Dictionary<int, int> _weights = [];

    /// <summary>The state where <paramref name="paths"/> meet; slots that are not <paramref name="live"/> are forgotten.</summary>
    public MachineState Merge(List<(Term Guard, MachineState State)> paths, bool[]? live, out Term guard)
    {
        guard = paths[0].Guard;
        for (var i = 1; i < paths.Count; i++)
        {
            guard = factory.Either(guard, paths[i].Guard);
        }

        var first = paths[0].State;
        var slots = new Term?[first.Slots.Length];
        var conditions = paths.Count == 1 ? [factory.True] : Distinguish(paths);
        for (var s = 0; s < slots.Length; s++)
        {
            if (live is null || live[s])
            {
                var slot = s;
                slots[s] = Join(paths, conditions, state => state.Slots[slot]);
            }
        }

        var parts = first.Parts;
        if (paths.Exists(p => !ReferenceEquals(p.State.Parts, parts)))
        {
            parts = new Term[first.Parts.Length];
            for (var p = 0; p < parts.Length; p++)
            {
                var part = p;
                parts[p] = Join(paths, conditions, state => state.Parts[part])!;
            }
        }

        return new MachineState(slots, parts);
    }

    /// <summary>Each path's condition without what all paths share.</summary>
    private Term[] Distinguish(List<(Term Guard, MachineState State)> paths)
    {
        ReadOnlySpan<Term> common = TermFactory.Conjuncts(paths[0].Guard);
        foreach (var (guard, _) in paths)
        {
            common = TermFactory.Common(common, TermFactory.Conjuncts(guard));
        }

        var result = new Term[paths.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = factory.Relative(paths[i].Guard, common);
        }

        return result;
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

        if (groups.Count > 1)
        {
            // The heaviest condition becomes the last else, so that both sides nest their choices alike.
            groups.Sort((a, b) => Weight(a.Condition) != Weight(b.Condition) ? Weight(a.Condition).CompareTo(Weight(b.Condition)) : a.Condition.Id.CompareTo(b.Condition.Id));
        }

        var result = groups[^1].Value;
        for (var i = groups.Count - 2; i >= 0; i--)
        {
            result = factory.IfThenElse(groups[i].Condition, groups[i].Value, result);
        }

        return result;
    }

    private int Weight(Term condition)
    {
        if (condition.Op is not (TermOp.Not or TermOp.Conjunction))
        {
            return 1;
        }

        if (!_weights.TryGetValue(condition.Id, out var weight))
        {
            weight = condition.Op == TermOp.Not ? 1 : 0;
            foreach (var arg in condition.Args)
            {
                weight = Math.Min(WeightCap, weight + Weight(arg));
            }

            _weights[condition.Id] = weight;
        }

        return weight;
    }
}
