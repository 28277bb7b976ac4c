using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation;

/// <summary>
/// Every trap of one side is a trap of the other in the same visible state: history, memories, globals (AX-TRAP precise). The first trap on
/// a path is the one that happens, so where the states at which the sides may trap stand in different orders, each trap is compared with
/// all before it ruled out.
/// </summary>
internal sealed class TrapChecker(TermFactory factory, ObligationLog log)
{
    public bool Check(string name, List<TrapPoint> before, List<TrapPoint> after)
    {
        var ordered = SameOrder(before, after);
        return Side($"{name} trap is kept", before, after, ordered) && Side($"{name} trap is not new", after, before, ordered);
    }

    private bool Side(string what, List<TrapPoint> from, List<TrapPoint> to, bool ordered)
    {
        for (var i = 0; i < from.Count; i++)
        {
            var trap = from[i];
            var covered = ordered && to.Exists(other => SameState(trap, other) && TrapCollector.Covers(factory, other.Condition, trap.Condition)
                && TermFactory.Implies(trap.Guard, other.Guard));
            if (covered)
            {
                log.Unsatisfiable(what, factory.False, factory.True);
                continue;
            }

            var fires = factory.Both(trap.Guard, trap.Condition);
            foreach (var earlier in from.Take(i))
            {
                fires = factory.Both(fires, factory.Not(factory.Both(earlier.Guard, earlier.Condition)));
            }

            // Mostly the partner is in the very same state; only if that is not enough are states compared by the solver.
            var near = Uncovered(fires, trap, to, other => SameState(trap, other));
            var settled = log.Guess(near, uint.MaxValue);
            if (!log.Unsatisfiable(what, settled ? factory.False : Uncovered(fires, trap, to, _ => true), factory.True))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>This trap comes first, and no trap of the other side comes first in the same state.</summary>
    private Term Uncovered(Term fires, TrapPoint trap, List<TrapPoint> to, Predicate<TrapPoint> partner)
    {
        var goal = fires;
        var earlier = factory.True;
        foreach (var other in to)
        {
            var otherFires = factory.Both(other.Guard, other.Condition);
            if (partner(other))
            {
                var match = factory.Both(factory.Both(earlier, otherFires), Same(trap, other));
                goal = factory.Both(goal, factory.Not(match));
            }

            earlier = factory.Both(earlier, factory.Not(otherFires));
            if (goal.IsFalse)
            {
                break;
            }
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

    private static bool SameState(TrapPoint a, TrapPoint b) => ReferenceEquals(a.Parts, b.Parts) || a.Parts.AsSpan().SequenceEqual(b.Parts);

    /// <summary>Whether the states in which both sides may trap come in one order.</summary>
    private static bool SameOrder(List<TrapPoint> before, List<TrapPoint> after)
    {
        var keysAfter = Keys(after);
        var position = keysAfter.Select((key, i) => (key, i)).ToDictionary(x => x.key, x => x.i, StringComparer.Ordinal);
        var last = -1;
        foreach (var key in Keys(before))
        {
            if (position.TryGetValue(key, out var at))
            {
                if (at < last)
                {
                    return false;
                }

                last = at;
            }
        }

        return true;
    }

    private static List<string> Keys(List<TrapPoint> traps)
        => [.. traps.Select(t => string.Join(',', t.Parts.Select(p => p.Id))).Distinct(StringComparer.Ordinal)];
}
