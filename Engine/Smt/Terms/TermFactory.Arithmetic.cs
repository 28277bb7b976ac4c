using System.Numerics;

namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>Linear arithmetic: every sum is Σ cᵢ·xᵢ + c modulo 2ⁿ, by rising id of xᵢ, the constant last.</summary>
internal sealed partial class TermFactory
{
    public Term Add(Term a, Term b) => Combine(a.Width, (a, 1UL), (b, 1UL));

    public Term Subtract(Term a, Term b) => Combine(a.Width, (a, 1UL), (b, ulong.MaxValue));

    public Term Negate(Term a) => Combine(a.Width, (a, ulong.MaxValue));

    public Term AddConstant(Term a, ulong constant)
        => (constant & Mask(a.Width)) == 0 ? a : Combine(a.Width, (a, 1UL), (Constant(constant, a.Width), 1UL));

    public Term Multiply(Term a, Term b)
    {
        // A constant factor inside an operand moves outside, so that (2x)·y and 2(x·y) meet.
        var ((ca, xa), (cb, xb)) = (Factor(a), Factor(b));
        return a.IsConstant ? Combine(a.Width, (b, a.Value))
            : b.IsConstant ? Combine(a.Width, (a, b.Value))
            : ca != 1 || cb != 1 ? Combine(a.Width, (Multiply(xa, xb), unchecked(ca * cb)))
            : a.Id > b.Id ? Raw(TermOp.Multiply, a.Width, 0, null, b, a)
            : Raw(TermOp.Multiply, a.Width, 0, null, a, b);
    }

    private static (ulong Constant, Term Other) Factor(Term a)
        => a.Op == TermOp.Multiply && a.Args[0].IsConstant ? (a.Args[0].Value, a.Args[1]) : (1, a);

    /// <summary>Σ kᵢ·tᵢ in normal form.</summary>
    private Term Combine(int width, params ReadOnlySpan<(Term Term, ulong Factor)> parts)
    {
        var sum = new LinearSum();
        foreach (var (term, factor) in parts)
        {
            sum.Add(term, factor);
        }

        return FromSum(sum, width);
    }

    private Term FromSum(LinearSum sum, int width)
    {
        var mask = Mask(width);
        var items = new List<Term>();
        foreach (var (term, factor) in sum.Sorted())
        {
            var k = factor & mask;
            if (k != 0)
            {
                items.Add(k == 1 ? term : Raw(TermOp.Multiply, width, 0, null, Constant(k, width), term));
            }
        }

        var constant = sum.Constant & mask;
        if (constant != 0 || items.Count == 0)
        {
            items.Add(Constant(constant, width));
        }

        return items.Count == 1 ? items[0] : Raw(TermOp.Add, width, 0, null, [.. items]);
    }

    /// <summary>Splits <c>base + c</c>; a constant has no base.</summary>
    public (Term? Base, ulong Offset) Split(Term address) => address.Split ??= address.IsConstant ? (null, address.Value)
        : address.Op != TermOp.Add || !address.Args[^1].IsConstant ? (address, 0)
        : (address.Args.Length == 2 ? address.Args[0] : Raw(TermOp.Add, address.Width, 0, null, address.Args[..^1]), address.Args[^1].Value);

    /// <summary>The constant <c>a - b</c> as a signed number, when it is one.</summary>
    public bool Distance(Term a, Term b, out long distance)
    {
        var (baseA, offsetA) = Split(a);
        var (baseB, offsetB) = Split(b);
        distance = Signed(unchecked(offsetA - offsetB), a.Width);
        return ReferenceEquals(baseA, baseB);
    }

    // Division, remainder and counting. The caller guards division by zero and the overflow of signed division.
    public Term Divide(TermOp op, Term a, Term b)
        => !b.IsConstant || b.Value == 0 ? Raw(op, a.Width, 0, null, a, b)
            : a.IsConstant ? Constant(FoldDivision(op, a.Value, b.Value, a.Width), a.Width)
            : PowerOfTwo(op, a, b.Value) ?? Raw(op, a.Width, 0, null, a, b);

    private static ulong FoldDivision(TermOp op, ulong a, ulong b, int width)
    {
        var minusOne = Signed(b, width) == -1;
        return op switch
        {
            TermOp.DivideUnsigned => a / b,
            TermOp.RemainderUnsigned => a % b,
            TermOp.DivideSigned => minusOne ? unchecked(0 - a) : unchecked((ulong)(Signed(a, width) / Signed(b, width))),
            _ => minusOne ? 0 : unchecked((ulong)(Signed(a, width) % Signed(b, width))),
        };
    }

    /// <summary>x / 2ᵏ is a shift and x % 2ᵏ a mask, unsigned; x / 1 and x % 1 for both.</summary>
    private Term? PowerOfTwo(TermOp op, Term a, ulong divisor)
        => divisor == 1 ? op is TermOp.DivideUnsigned or TermOp.DivideSigned ? a : Constant(0, a.Width)
            : !BitOperations.IsPow2(divisor) ? null
            : op == TermOp.DivideUnsigned ? ShiftRight(a, Constant((ulong)BitOperations.Log2(divisor), a.Width))
            : op == TermOp.RemainderUnsigned ? And(a, Constant(divisor - 1, a.Width))
            : null;

    /// <summary>Leading zeros, trailing zeros or population count.</summary>
    public Term CountBits(TermOp op, Term a)
    {
        if (!a.IsConstant)
        {
            return Raw(op, a.Width, 0, null, a);
        }

        var count = op switch
        {
            TermOp.PopulationCount => BitOperations.PopCount(a.Value),
            TermOp.LeadingZeros => BitOperations.LeadingZeroCount(a.Value) - (64 - a.Width),
            _ => a.Value == 0 ? a.Width : BitOperations.TrailingZeroCount(a.Value),
        };
        return Constant((ulong)count, a.Width);
    }
}

/// <summary>A sum under construction: factors by term, and a constant, all modulo 2⁶⁴ (the user masks).</summary>
internal sealed class LinearSum
{
    private readonly List<(Term Term, ulong Factor)> _items = [];

    /// <summary>The constant part.</summary>
    public ulong Constant { get; private set; }

    /// <summary>Adds <paramref name="factor"/>·<paramref name="term"/>, opening sums and constant factors.</summary>
    public void Add(Term term, ulong factor)
    {
        switch (term.Op)
        {
            case TermOp.Constant:
                Constant = unchecked(Constant + factor * term.Value);
                return;
            case TermOp.Add:
                foreach (var arg in term.Args)
                {
                    Add(arg, factor);
                }

                return;
            case TermOp.Multiply when term.Args[0].IsConstant:
                Add(term.Args[1], unchecked(factor * term.Args[0].Value));
                return;
            default:
                for (var i = 0; i < _items.Count; i++)
                {
                    if (ReferenceEquals(_items[i].Term, term))
                    {
                        _items[i] = (term, unchecked(_items[i].Factor + factor));
                        return;
                    }
                }

                _items.Add((term, factor));
                return;
        }
    }

    /// <summary>Terms with their factors, by rising id; a factor may be zero.</summary>
    public IReadOnlyList<(Term Term, ulong Factor)> Sorted()
    {
        _items.Sort((x, y) => x.Term.Id.CompareTo(y.Term.Id));
        return _items;
    }
}
