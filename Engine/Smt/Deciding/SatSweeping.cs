using System.Numerics;
using Pulse.Build.Engine.Smt.Refuting;
using Pulse.Build.Engine.Smt.Sampling;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Smt.Deciding;

/// <summary>
/// Merges parts of formulas that have one value on a few random inputs and are proved equal by small queries. Two long chains of multiplications that a
/// solver cannot compare as wholes so become one chain, step by step.
/// </summary>
/// <example><code>(x ^ a)·p·q = (a | x &amp; ~a …)·p·q   with  x ^ a = …  proved first   =>   true</code></example>
internal sealed class SatSweeping
{
    private const int MaximumNodes = 4_000;
    private const int MaximumProofs = 120;
    private const int MaximumFailures = 12;
    private readonly TermFactory _factory;
    private readonly Refutation.Way _way;
    private readonly Merging _merging;
    private readonly EqualityGuesses _guesses = new();
    private int _proofs;
    private int _failures;

    public SatSweeping(TermFactory factory, Refutation.Way way) => (_factory, _way, _merging) = (factory, way, new Merging(factory, Guess, Agree));

    /// <summary>Whether the formula has operations that hide equal operands from a solver.</summary>
    public static bool Pays(Term goal) => TermOrder.Of(goal).Exists(IsHard);

    /// <summary>Refutes a formula with equal parts merged.</summary>
    public Refutation? Refute(Term goal, Refutation.Way way) => TermOrder.Of(goal).Count > MaximumNodes ? way(goal) : Refutation.ByMerging(_merging, goal, way);

    private Term Guess(Term original, Term t)
        => t.Width > 1 && !t.IsConstant && _guesses.FirstLike(original, t) is var first && _proofs < MaximumProofs && _failures < MaximumFailures ? first : t;

    private Refutation? Agree(Term differ)
    {
        _proofs++;
        var refutation = Refutation.Coarsely(_factory, differ, _way, IsHard) ?? _way(differ);
        _failures += refutation is null ? 1 : 0;
        return refutation;
    }

    /// <summary>What is looked at as an unknown first, since after merging those on equal operands are one: products of unknowns, quotients and products by constants of many bits.</summary>
    public static bool IsHard(Term t) => IsHard(t, 2);

    /// <summary>Whether a term divides, or multiplies by what takes more than some additions.</summary>
    public static bool IsHard(Term t, int digits) => t.Op is TermOp.DivideUnsigned or TermOp.DivideSigned or TermOp.RemainderUnsigned or TermOp.RemainderSigned
        || t.Op == TermOp.Multiply && Digits(t) > digits;

    /// <summary>How many additions a product takes: the bits of its factor or of the factor's negation; the width, if the factor is unknown.</summary>
    private static int Digits(Term product) => !product.Args[0].IsConstant ? product.Width
        : Math.Min(BitOperations.PopCount(product.Args[0].Value), BitOperations.PopCount(unchecked(0 - product.Args[0].Value) & TermFactory.Mask(product.Width)));
}
