using System.Numerics;
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
    private const int Samples = 6;
    private const int MaximumNodes = 4_000;
    private const int MaximumProofs = 120;
    private const int MaximumFailures = 12;
    private readonly TermEvaluator[] _samples = [.. Enumerable.Range(1, Samples).Select(seed => new TermEvaluator(1000 + (ulong)seed))];
    private readonly Dictionary<int, Term> _rewritten = [];
    private readonly Dictionary<(int Width, UInt128 Values), Term> _first = [];
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
        var changed = false;
        var args = new Term[t.Args.Length];
        for (var i = 0; i < args.Length; i++)
        {
            args[i] = _rewritten[t.Args[i].Id];
            changed |= !ReferenceEquals(args[i], t.Args[i]);
        }

        return changed ? TermRebuilder.Rebuild(factory, t, args) : t;
    }

    private Term Merge(Term original, Term t)
    {
        if (t.Width <= 1 || t.IsConstant)
        {
            return t;
        }

        UInt128 values = 0;
        foreach (var sample in _samples)
        {
            values = unchecked(values * 0x9E37_79B9_7F4A_7C15 + sample.Evaluate(original) + 1);
        }

        if (!_first.TryGetValue((t.Width, values), out var first))
        {
            _first[(t.Width, values)] = t;
            return t;
        }

        return ReferenceEquals(first, t) || Agree(first, t) ? first : t;
    }

    private bool Agree(Term a, Term b)
    {
        if (_proofs >= MaximumProofs || _failures >= MaximumFailures)
        {
            return false;
        }

        _proofs++;
        var differ = factory.Not(factory.Equal(a, b));
        if (differ.IsFalse || isUnsatisfiable(new Opaque(factory).Rewrite(differ)) || isUnsatisfiable(differ))
        {
            return true;
        }

        _failures++;
        return false;
    }

    /// <summary>Products of unknowns, quotients and products by constants of many bits.</summary>
    private static bool IsHard(Term t) => t.Op is TermOp.DivideUnsigned or TermOp.DivideSigned or TermOp.RemainderUnsigned or TermOp.RemainderSigned
        || t.Op == TermOp.Multiply && TermFactory.Digits(t) > 2;

    /// <summary>Hard operations as unknowns: after merging, those on equal operands are one.</summary>
    private sealed class Opaque(TermFactory factory)
    {
        private readonly Dictionary<int, Term> _known = [];

        public Term Rewrite(Term goal)
        {
            foreach (var t in TermOrder.Of(goal))
            {
                _known[t.Id] = IsHard(t) ? factory.Variable($"!h{t.Id}", t.Width)
                    : t.Args.Length == 0 ? t
                    : TermRebuilder.Rebuild(factory, t, Array.ConvertAll(t.Args, arg => _known[arg.Id]));
            }

            return _known[goal.Id];
        }
    }
}
