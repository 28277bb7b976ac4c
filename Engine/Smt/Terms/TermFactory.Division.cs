using System.Numerics;

namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>Division, remainder and counting. The caller guards division by zero and the overflow of signed division.</summary>
internal sealed partial class TermFactory
{
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
