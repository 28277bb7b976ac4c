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

    /// <summary>What refutes that two terms differ under a condition, where it can.</summary>
    public delegate Refutation? WayOfPairs(Term where, Term a, Term b);

    /// <summary>The formula is false as it stands.</summary>
    public static Refutation? Plainly(Term goal) => goal.IsFalse ? new Refutation(goal) : null;

    /// <summary>A solver has said so of its text, as bits or, if it has such a form, as integers.</summary>
    /// <param name="goal">A formula of bit-vectors and Booleans.</param>
    /// <param name="asIntegers">Whether as integers.</param>
    /// <param name="ask">Has the text answered, by whomever; none: it is not worth it.</param>
    public static Refutation? BySolver(Term goal, bool asIntegers, Func<SmtQuery, SolverAnswer?> ask)
        => (asIntegers ? IntegerText.Print(goal) : SmtText.Print(goal)) is { } query && ask(query)?.Refutes(query) == true ? new Refutation(goal) : null;

    /// <summary>It cannot hold even with every load, every result of a call and what else <paramref name="isUnknown"/> says unknown.</summary>
    public static Refutation? Coarsely(TermFactory factory, Term goal, Way way, Predicate<Term>? isUnknown = null)
        => Refutes(way, new Abstraction(factory, isUnknown).Rewrite(goal)) ? new Refutation(goal) : null;

    /// <summary>It cannot hold with its equal parts merged.</summary>
    public static Refutation? ByMerging(Merging merging, Term goal, Way way) => Refutes(way, merging.Reduce(goal)) ? new Refutation(goal) : null;

    /// <summary>It cannot hold without its memories and functions.</summary>
    public static Refutation? ByElimination(MemoryElimination elimination, Term goal, Way way) => Refutes(way, elimination.Eliminate(goal)) ? new Refutation(goal) : null;

    /// <summary>Two terms are one operation, and no operand of one differs from that of the other.</summary>
    public static Refutation? ByParts(TermFactory factory, Term where, Term a, Term b, WayOfPairs way)
        => a.IsLike(b) && a.Args.Zip(b.Args).All(pair => Refutes(factory, way, where, pair.First, pair.Second)) ? new Refutation(Difference(factory, where, a, b)) : null;

    /// <summary>Neither arm of a choice differs from another term.</summary>
    public static Refutation? ByArms(TermFactory factory, Term where, Term choice, Term other, WayOfPairs way) => choice.Op == TermOp.IfThenElse
        && Array.TrueForAll(Arms(factory, where, choice, other), arm => Refutes(factory, way, arm.Where, arm.A, arm.B)) ? new Refutation(Difference(factory, where, choice, other)) : null;

    /// <summary>When a choice is either arm, with that arm and what another term is then, which may be a choice by the same condition.</summary>
    public static (Term Where, Term A, Term B)[] Arms(TermFactory factory, Term where, Term choice, Term other)
    {
        var others = other.Op == TermOp.IfThenElse && ReferenceEquals(other.Args[0], choice.Args[0]) ? other.Args : [choice.Args[0], other, other];
        return [(factory.Both(where, choice.Args[0]), choice.Args[1], others[1]), (factory.Both(where, factory.Not(choice.Args[0])), choice.Args[2], others[2])];
    }

    /// <summary>That two terms differ under a condition.</summary>
    public static Term Difference(TermFactory factory, Term where, Term a, Term b) => factory.Both(where, factory.Not(factory.Equal(a, b)));

    /// <summary>Whether a way refutes this very formula.</summary>
    public static bool Refutes(Way way, Term goal) => way(goal) is { } refutation && ReferenceEquals(refutation.Goal, goal);

    private static bool Refutes(TermFactory factory, WayOfPairs way, Term where, Term a, Term b) => Refutes(difference => way(where, a, b), Difference(factory, where, a, b));
}

/// <summary>
/// Makes equal parts of a formula the same node, operands first: everything above is built again on the one that is kept. What is merged is proved equal
/// first, so the formula keeps its models.
/// </summary>
/// <param name="factory">Makes the terms.</param>
/// <param name="guess">Of a part as it was and as it is built again: what may be equal to it.</param>
/// <param name="way">Refutes that the two differ.</param>
internal sealed class Merging(TermFactory factory, Func<Term, Term, Term> guess, Refutation.Way way)
{
    private readonly Dictionary<int, Term> _merged = [];

    public Term Reduce(Term goal)
    {
        foreach (var t in TermOrder.Of(goal))
        {
            if (!_merged.ContainsKey(t.Id))
            {
                var args = Array.ConvertAll(t.Args, arg => _merged[arg.Id]);
                _merged[t.Id] = Merge(t, args.AsSpan().SequenceEqual(t.Args) ? t : TermRebuilder.Rebuild(factory, t, args));
            }
        }

        return _merged[goal.Id];
    }

    private Term Merge(Term original, Term t) => guess(original, t) is var other && !ReferenceEquals(other, t) && t.Width > 0 && other.Width == t.Width
        && Refutation.Refutes(way, factory.Not(factory.Equal(other, t))) ? other : t;
}
