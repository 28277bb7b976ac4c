using Pulse.Build.Engine.Smt.Elimination;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Smt.Text;

namespace Pulse.Build.Engine.Smt.Refuting;

/// <summary>
/// That a formula can never hold. There is one only for a formula for which a step below has been taken, so that whoever decides which steps to take,
/// and in which order, can be wrong about nothing but that.
/// </summary>
internal sealed class Refutation
{
    private Refutation(Term goal) => Goal = goal;

    /// <summary>The formula.</summary>
    public Term Goal { get; }

    /// <summary>What refutes formulas, where it can.</summary>
    public delegate Refutation? Way(Term goal);

    /// <summary>The formula is false as it stands.</summary>
    public static Refutation? Plainly(Term goal) => goal.IsFalse ? new Refutation(goal) : null;

    /// <summary>A solver says so, of its bits or of integers.</summary>
    /// <param name="solver">The solver.</param>
    /// <param name="goal">A formula of bit-vectors and Booleans.</param>
    /// <param name="asIntegers">Whether of integers, if it has such a form.</param>
    /// <param name="isHard">Whether it is hard as bits, for the solver to know.</param>
    /// <param name="limitOf">The work that a text is worth, if any.</param>
    /// <param name="hear">Is told the answer.</param>
    public static Refutation? BySolver(ISolver solver, Term goal, bool asIntegers, bool isHard, Func<SmtQuery, uint?> limitOf, Action<SmtQuery, SolverAnswer> hear)
    {
        if ((asIntegers ? IntegerText.Print(goal) : SmtText.Print(goal)) is not { } printed || limitOf(printed) is not { } limit)
        {
            return null;
        }

        var query = printed with { IsHard = isHard };
        var answer = solver.Check(query, limit);
        hear(query, answer);
        return answer.Verdict == SolverVerdict.Unsatisfiable ? new Refutation(goal) : null;
    }

    /// <summary>It cannot hold even with every load, every result of a call and what else <paramref name="isUnknown"/> says unknown.</summary>
    public static Refutation? Coarsely(TermFactory factory, Term goal, Way way, Predicate<Term>? isUnknown = null)
        => Refutes(way, new Abstraction(factory, isUnknown).Rewrite(goal)) ? new Refutation(goal) : null;

    /// <summary>Neither can any of the ways in which the parts of two terms in it differ.</summary>
    public static Refutation? ByParts(TermFactory factory, Term goal, Way way)
        => Congruence.Split(factory, goal) is { } parts && parts.TrueForAll(part => Refutes(way, part)) ? new Refutation(goal) : null;

    /// <summary>It cannot hold with its equal parts merged.</summary>
    public static Refutation? ByMerging(Merging merging, Term goal, Way way) => Refutes(way, merging.Reduce(goal)) ? new Refutation(goal) : null;

    /// <summary>It cannot hold without its memories and functions.</summary>
    public static Refutation? ByElimination(MemoryElimination elimination, Term goal, Way way) => Refutes(way, elimination.Eliminate(goal)) ? new Refutation(goal) : null;

    /// <summary>Whether a way refutes this very formula.</summary>
    public static bool Refutes(Way way, Term goal) => way(goal) is { } refutation && ReferenceEquals(refutation.Goal, goal);
}
