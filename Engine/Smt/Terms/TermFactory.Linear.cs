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
        var items = new List<Term>(sum.Items.Count + 1);
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
}
