namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>Extensions and extractions, pushed towards the leaves where that loses nothing.</summary>
internal sealed partial class TermFactory
{
    private readonly Dictionary<(int Term, int High, int Low), Term> _extracts = [];

    public Term ZeroExtend(Term a, int width)
        => a.Width == width ? a
            : a.IsConstant ? Constant(a.Value, width)
            : a.Op == TermOp.ZeroExtend ? ZeroExtend(a.Args[0], width)
            : a.Op == TermOp.IfThenElse && (a.Args[1].IsConstant || a.Args[2].IsConstant)
                ? IfThenElse(a.Args[0], ZeroExtend(a.Args[1], width), ZeroExtend(a.Args[2], width))
            : Raw(TermOp.ZeroExtend, width, 0, null, a);

    public Term SignExtend(Term a, int width)
        => a.Width == width ? a
            : a.IsConstant ? Constant(unchecked((ulong)Signed(a.Value, a.Width)), width)
            : a.Op == TermOp.ZeroExtend ? ZeroExtend(a.Args[0], width)
            : a.Op == TermOp.SignExtend ? SignExtend(a.Args[0], width)
            : a.Op == TermOp.IfThenElse && a.Args[1].IsConstant && a.Args[2].IsConstant
                ? IfThenElse(a.Args[0], SignExtend(a.Args[1], width), SignExtend(a.Args[2], width))
            : Raw(TermOp.SignExtend, width, 0, null, a);

    /// <summary>Parts of one width behind each other, the lowest first, in <paramref name="width"/> bits.</summary>
    public Term Concatenate(IEnumerable<Term> parts, int width)
        => parts.Select((part, k) => ShiftLeftBy(ZeroExtend(part, width), k * part.Width)).Aggregate(Add);

    /// <summary>Bits <paramref name="high"/> down to <paramref name="low"/>.</summary>
    public Term Extract(Term a, int high, int low)
    {
        // Remembered, because a shared operand would otherwise be taken apart once for every path to it.
        var width = high - low + 1;
        return width == a.Width ? a
            : _extracts.TryGetValue((a.Id, high, low), out var known) ? known
            : _extracts[(a.Id, high, low)] = ExtractFrom(a, high, low, width) ?? Raw(TermOp.Extract, width, (ulong)low, null, a);
    }

    private Term? ExtractFrom(Term a, int high, int low, int width)
    {
        switch (a.Op)
        {
            case TermOp.Constant:
                return Constant(a.Value >> low, width);
            case TermOp.Extract:
                return Extract(a.Args[0], high + (int)a.Value, low + (int)a.Value);
            case TermOp.ZeroExtend or TermOp.SignExtend:
                return ExtractExtension(a, high, low, width);
            case TermOp.IfThenElse when a.Args[1].IsConstant || a.Args[2].IsConstant:
                return IfThenElse(a.Args[0], Extract(a.Args[1], high, low), Extract(a.Args[2], high, low));
            case TermOp.And or TermOp.Or or TermOp.Xor:
                var result = Extract(a.Args[0], high, low);
                for (var i = 1; i < a.Args.Length; i++)
                {
                    var next = Extract(a.Args[i], high, low);
                    result = a.Op == TermOp.And ? And(result, next) : a.Op == TermOp.Or ? Or(result, next) : Xor(result, next);
                }

                return result;
            case TermOp.Multiply when !a.Args[0].IsConstant:
                return low == 0 ? Multiply(Extract(a.Args[0], high, 0), Extract(a.Args[1], high, 0)) : null;
            case TermOp.Add or TermOp.Multiply:
                return ExtractSum(a, low, width);
            case TermOp.Load when low % 8 == 0 && width % 8 == 0:
                return Load(a.Args[0], AddConstant(a.Args[1], (ulong)(low / 8)), width / 8);
            default:
                return null;
        }
    }

    private Term? ExtractExtension(Term a, int high, int low, int width)
    {
        var inner = a.Args[0].Width;
        return high < inner ? Extract(a.Args[0], high, low)
            : low >= inner ? a.Op == TermOp.ZeroExtend ? Constant(0, width) : null
            : a.Op == TermOp.ZeroExtend ? ZeroExtend(Extract(a.Args[0], inner - 1, low), width)
            : SignExtend(Extract(a.Args[0], inner - 1, low), width);
    }

    /// <summary>
    /// The low bits of a sum are the sum of the low bits; with a shift, when all of it is a multiple of 2^low, so that no carry is lost.
    /// </summary>
    private Term? ExtractSum(Term a, int low, int width)
    {
        var sum = new LinearSum();
        sum.Add(a, 1);
        var lost = low == 0 ? 0 : Mask(low);
        if ((sum.Constant & lost) != 0 || sum.Sorted().Any(item => (item.Factor & lost) != 0))
        {
            return null;
        }

        var result = new LinearSum();
        result.Add(Constant(sum.Constant >> low, width), 1);
        foreach (var (term, factor) in sum.Sorted())
        {
            result.Add(Extract(term, width - 1, 0), factor >> low);
        }

        return FromSum(result, width);
    }
}
