using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Simulation.Alignment;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>
/// The first trap of one side is the first trap of the other: of the same kind, in the same visible state [R2]. The points of both sides are shown one by
/// one, each side in program order. A point holds when it fires only together with one of its partners, which are those of its kind and state that were
/// shown before, and those that come next on the other side with none of another kind or state before them; or else when it is compared, as the first
/// to fire, with the first to fire of the other side. Why that is enough, in any order and for any repetition of states, stands in docs/proofs.md.
/// Neighbours that are alike on both sides, of which some fires on one exactly when some does on the other, all hold at once.
/// </summary>
internal sealed class TrapChecker(TermFactory factory, Obligations obligations)
{
    public bool Check(string name, IReadOnlyList<TrapPoint> before, IReadOnlyList<TrapPoint> after)
    {
        var (i, j, endBefore, endAfter) = (0, 0, 0, 0);
        foreach (var isBefore in TrapOrder.Of(before, after))
        {
            if (isBefore && i >= endBefore && before.Skip(i).TakeWhile(before[i].IsLike).ToList() is var xs && after.Skip(j).TakeWhile(before[i].IsLike).ToList() is var ys
                && ys.Count == xs.Count && obligations.Perhaps($"{name} traps agree", factory.Not(factory.Equal(SomeFires(xs), SomeFires(ys)))))
            {
                (endBefore, endAfter) = (i + xs.Count, j + ys.Count);
            }

            if (isBefore ? i++ >= endBefore && !Holds($"{name} trap is kept", before, i - 1, after, j)
                : j++ >= endAfter && !Holds($"{name} trap is not new", after, j - 1, before, i))
            {
                return false;
            }
        }

        InvariantException.Require(i == before.Count && j == after.Count, "a trap point was left out");
        return true;
    }

    private Term SomeFires(List<TrapPoint> points) => points.Aggregate(factory.False, (some, point) => factory.Either(some, point.Fires(factory)));

    private bool Holds(string what, IReadOnlyList<TrapPoint> from, int index, IReadOnlyList<TrapPoint> to, int shown)
    {
        var trap = from[index];
        var partners = to.Take(shown).Where(trap.IsLike).Concat(to.Skip(shown).TakeWhile(trap.IsLike)).ToList();
        return partners.Exists(other => TrapCollector.Covers(factory, other.Condition, trap.Condition) && TermFactory.Implies(trap.Guard, other.Guard))
            ? obligations.Unsatisfiable(what, factory.False, factory.True)
            : obligations.Any(what, [.. Goals(from, index, partners, to)]);
    }

    /// <summary>Three formulas, each of which settles a point if it cannot hold, by rising cost.</summary>
    private IEnumerable<Term> Goals(IReadOnlyList<TrapPoint> from, int index, List<TrapPoint> partners, IReadOnlyList<TrapPoint> to)
    {
        var trap = from[index];
        var fires = trap.Fires(factory);
        if (partners.Count > 0)
        {
            yield return partners.Aggregate(fires, (goal, other) => factory.Both(goal, factory.Not(other.Fires(factory))));
        }

        fires = from.Take(index).Aggregate(fires, (goal, earlier) => factory.Both(goal, factory.Not(earlier.Fires(factory))));

        // Mostly the partner is in the very same state; only if that is not enough are states compared by the solver.
        yield return Uncovered(fires, trap, to, trap.IsLike);
        yield return Uncovered(fires, trap, to, other => other.Kind == trap.Kind);
    }

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
                goal = factory.Both(goal, factory.Not(factory.Both(factory.Both(earlier, other.Fires(factory)), Same(trap, other))));
            }

            earlier = factory.Both(earlier, factory.Not(other.Fires(factory)));
        }

        return goal;
    }

    private Term Same(TrapPoint a, TrapPoint b)
        => a.Parts.Zip(b.Parts).Aggregate(factory.True, (same, part) => factory.Both(same, factory.Equal(part.First, part.Second)));
}
