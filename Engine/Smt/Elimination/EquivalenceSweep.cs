using Pulse.Build.Engine.Smt.Sampling;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Smt.Elimination;

/// <summary>
/// Makes equal parts of a formula the same node, operands first: parts that have one value on a few random inputs are proved equal by
/// small queries, and everything above is built again on the one that came first. Two long chains of multiplications that a solver cannot
/// compare as wholes so become one chain, step by step. What is merged is proved, so the formula keeps its models.
/// </summary>
/// <example><code>(x ^ a)·p·q = (a | x &amp; ~a …)·p·q   with  x ^ a = …  proved first   =>   true</code></example>
internal sealed class EquivalenceSweep(TermFactory factory, Func<Term, bool> isUnsatisfiable)
{
    private const int MaximumNodes = 4_000;
    private const int MaximumProofs = 120;
    private const int MaximumFailures = 12;
    private readonly EqualityGuesses _guesses = new();
    private readonly Dictionary<int, Term> _rewritten = [];
    private int _proofs;
    private int _failures;

    /// <summary>Whether the formula has operations that hide equal operands from a solver.</summary>
    public static bool Pays(Term goal) => TermOrder.Of(goal).Exists(IsHard);

    /// <summary>The formula with equal parts merged.</summary>
    public Term Reduce(Term goal)
    {
        var order = TermOrder.Of(goal);
        if (order.Count > MaximumNodes)
        {
            return goal;
        }

        foreach (var t in order)
        {
            if (!_rewritten.ContainsKey(t.Id))
            {
                _rewritten[t.Id] = Merge(t, Rebuilt(t));
            }
        }

        return _rewritten[goal.Id];
    }

    private Term Rebuilt(Term t)
    {
        var args = Array.ConvertAll(t.Args, arg => _rewritten[arg.Id]);
        return args.AsSpan().SequenceEqual(t.Args) ? t : TermRebuilder.Rebuild(factory, t, args);
    }

    private Term Merge(Term original, Term t)
        => t.Width > 1 && !t.IsConstant && _guesses.FirstLike(original, t) is var first && !ReferenceEquals(first, t) && Agree(first, t) ? first : t;

    private bool Agree(Term a, Term b)
    {
        if (_proofs >= MaximumProofs || _failures >= MaximumFailures)
        {
            return false;
        }

        _proofs++;
        var differ = factory.Not(factory.Equal(a, b));
        if (differ.IsFalse || isUnsatisfiable(new Abstraction(factory, IsHard).Rewrite(differ)) || isUnsatisfiable(differ))
        {
            return true;
        }

        _failures++;
        return false;
    }

    /// <summary>What is looked at as an unknown first, since after merging those on equal operands are one: products of unknowns, quotients and products by constants of many bits.</summary>
    public static bool IsHard(Term t) => t.Op is TermOp.DivideUnsigned or TermOp.DivideSigned or TermOp.RemainderUnsigned or TermOp.RemainderSigned
        || t.Op == TermOp.Multiply && TermFactory.Digits(t) > 2;
}
