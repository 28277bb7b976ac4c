using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>
/// The first trap of one side is the first trap of the other: of the same kind, in the same visible state [R2]. Points in program order that trap
/// alike form groups, and groups of both sides are aligned in order. A point holds its place when it fires only together with one of the
/// aligned group; any other point is compared, as the first to fire, with the first to fire of the other side. Why that is enough for any
/// repetition of states stands in docs/proofs.md.
/// </summary>
internal sealed class TrapChecker(TermFactory factory, ObligationLog log)
{
    public bool Check(string name, IReadOnlyList<TrapPoint> before, IReadOnlyList<TrapPoint> after)
    {
        var (x, y) = (Groups(before), Groups(after));
        var toAfter = Align(before, x, after, y);
        var toBefore = new int[y.Count];
        Array.Fill(toBefore, -1);
        for (var g = 0; g < toAfter.Length; g++)
        {
            if (toAfter[g] >= 0)
            {
                toBefore[toAfter[g]] = g;
            }
        }

        return Side($"{name} trap is kept", before, x, after, y, toAfter) && Side($"{name} trap is not new", after, y, before, x, toBefore);
    }

    private bool Side(string what, IReadOnlyList<TrapPoint> from, List<Range> groups, IReadOnlyList<TrapPoint> to, List<Range> others, int[] aligned)
    {
        for (var g = 0; g < groups.Count; g++)
        {
            for (var i = groups[g].Start.Value; i < groups[g].End.Value; i++)
            {
                var partners = aligned[g] >= 0 ? Slice(to, others[aligned[g]]) : [];
                if (partners.Exists(other => TrapCollector.Covers(factory, other.Condition, from[i].Condition) && TermFactory.Implies(from[i].Guard, other.Guard)))
                {
                    log.Unsatisfiable(what, factory.False, factory.True);
                }
                else if (!log.Any(what, Goals(from, i, partners, to)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Three formulas, each of which settles a point if it cannot hold, by rising cost.</summary>
    private IEnumerable<Term> Goals(IReadOnlyList<TrapPoint> from, int index, List<TrapPoint> partners, IReadOnlyList<TrapPoint> to)
    {
        var trap = from[index];
        var fires = Fires(trap);
        if (partners.Count > 0)
        {
            yield return partners.Aggregate(fires, (goal, other) => factory.Both(goal, factory.Not(Fires(other))));
        }

        for (var i = 0; i < index; i++)
        {
            fires = factory.Both(fires, factory.Not(Fires(from[i])));
        }

        // Mostly the partner is in the very same state; only if that is not enough are states compared by the solver.
        yield return Uncovered(fires, trap, to, other => IsAlike(trap, other));
        yield return Uncovered(fires, trap, to, other => other.Kind == trap.Kind);
    }

    private Term Fires(TrapPoint trap) => factory.Both(trap.Guard, trap.Condition);

    /// <summary>This trap comes first, and no trap of the other side comes first in the same state.</summary>
    private Term Uncovered(Term fires, TrapPoint trap, IReadOnlyList<TrapPoint> to, Predicate<TrapPoint> partner)
    {
        var goal = fires;
        var earlier = factory.True;
        foreach (var other in to)
        {
            if (goal.IsFalse)
            {
                break;
            }

            if (partner(other))
            {
                goal = factory.Both(goal, factory.Not(factory.Both(factory.Both(earlier, Fires(other)), Same(trap, other))));
            }

            earlier = factory.Both(earlier, factory.Not(Fires(other)));
        }

        return goal;
    }

    private Term Same(TrapPoint a, TrapPoint b)
    {
        var result = factory.True;
        for (var p = 0; p < a.Parts.Length; p++)
        {
            result = factory.Both(result, factory.Equal(a.Parts[p], b.Parts[p]));
        }

        return result;
    }

    /// <summary>Whether nothing tells the two apart: kind and state.</summary>
    private static bool IsAlike(TrapPoint a, TrapPoint b) => a.Kind == b.Kind && (ReferenceEquals(a.Parts, b.Parts) || a.Parts.AsSpan().SequenceEqual(b.Parts));

    private static List<TrapPoint> Slice(IReadOnlyList<TrapPoint> traps, Range group)
        => [.. Enumerable.Range(group.Start.Value, group.End.Value - group.Start.Value).Select(i => traps[i])];

    /// <summary>Points that follow each other and trap alike.</summary>
    private static List<Range> Groups(IReadOnlyList<TrapPoint> traps)
    {
        var groups = new List<Range>();
        for (var start = 0; start < traps.Count;)
        {
            var end = start + 1;
            while (end < traps.Count && IsAlike(traps[start], traps[end]))
            {
                end++;
            }

            groups.Add(start..end);
            start = end;
        }

        return groups;
    }

    /// <summary>For each group of one side the group of the other that it is aligned with, in order, or -1.</summary>
    private static int[] Align(IReadOnlyList<TrapPoint> before, List<Range> x, IReadOnlyList<TrapPoint> after, List<Range> y)
    {
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        int Key(TrapPoint trap)
        {
            var text = $"{trap.Kind}:{string.Join(',', trap.Parts.Select(p => p.Id))}";
            return keys.TryGetValue(text, out var key) ? key : keys[text] = keys.Count;
        }

        var aligned = new int[x.Count];
        Array.Fill(aligned, -1);
        foreach (var (g, h) in CommonSubsequence.Of([.. x.Select(g => Key(before[g.Start.Value]))], [.. y.Select(h => Key(after[h.Start.Value]))]))
        {
            aligned[g] = h;
        }

        return aligned;
    }
}
