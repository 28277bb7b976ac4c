using System.Numerics;

namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>Facts about bit-vector terms that hold for every assignment: bits that can be one, and the unsigned range.</summary>
internal sealed partial class TermFactory
{
    /// <summary>A mask of the bits that may be one.</summary>
    public static ulong PossibleOnes(Term t) => t.Ones ??= ComputeOnes(t);

    private static ulong ComputeOnes(Term t)
    {
        var all = Mask(t.Width);
        switch (t.Op)
        {
            case TermOp.Constant:
                return t.Value;
            case TermOp.ZeroExtend:
                return PossibleOnes(t.Args[0]);
            case TermOp.And:
                return t.Args.Aggregate(all, (meet, arg) => meet & PossibleOnes(arg));
            case TermOp.Or or TermOp.Xor:
                return t.Args.Aggregate(0UL, (union, arg) => union | PossibleOnes(arg));
            case TermOp.IfThenElse:
                return PossibleOnes(t.Args[1]) | PossibleOnes(t.Args[2]);
            case TermOp.Multiply when t.Args[0].IsConstant && BitOperations.IsPow2(t.Args[0].Value):
                return PossibleOnes(t.Args[1]) << BitOperations.Log2(t.Args[0].Value) & all;
            case TermOp.Add: // no carries where no bit meets another
                var sum = 0UL;
                foreach (var ones in t.Args.Select(PossibleOnes))
                {
                    if ((sum & ones) != 0)
                    {
                        return all;
                    }

                    sum |= ones;
                }

                return sum;
            default:
                return all;
        }
    }

    /// <summary>The least and the greatest unsigned value.</summary>
    public static (ulong Low, ulong High) RangeOf(Term t) => t.Range ??= ComputeRange(t);

    private static (ulong Low, ulong High) ComputeRange(Term t)
    {
        switch (t.Op)
        {
            case TermOp.Constant:
                return (t.Value, t.Value);
            case TermOp.Variable or TermOp.Result when t.Bounds is { } bounds:
                return bounds;
            case TermOp.ZeroExtend:
                return RangeOf(t.Args[0]);
            case TermOp.IfThenElse:
                var (lowA, highA) = RangeOf(t.Args[1]);
                var (lowB, highB) = RangeOf(t.Args[2]);
                return (Math.Min(lowA, lowB), Math.Max(highA, highB));
            case TermOp.Multiply when t.Args[0].IsConstant:
                var (low, high) = RangeOf(t.Args[1]);
                return Math.BigMul(high, t.Args[0].Value) <= Mask(t.Width) ? (low * t.Args[0].Value, high * t.Args[0].Value) : Bits(t);
            case TermOp.Add:
                return RangeOfSum(t);
            case TermOp.Or: // no less than any operand
                return (t.Args.Max(arg => RangeOf(arg).Low), PossibleOnes(t));
            case TermOp.RemainderUnsigned when t.Args[1].IsConstant && t.Args[1].Value != 0:
                return (0, Math.Min(RangeOf(t.Args[0]).High, t.Args[1].Value - 1));
            case TermOp.DivideUnsigned when t.Args[1].IsConstant && t.Args[1].Value != 0:
                var (lowD, highD) = RangeOf(t.Args[0]);
                return (lowD / t.Args[1].Value, highD / t.Args[1].Value);
            case TermOp.LeadingZeros or TermOp.TrailingZeros or TermOp.PopulationCount:
                return (0, Math.Min((ulong)t.Width, Mask(t.Width)));
            case TermOp.Extract when t.Value == 0 && RangeOf(t.Args[0]).High <= Mask(t.Width):
                return RangeOf(t.Args[0]);
            default:
                return Bits(t);
        }
    }

    private static (ulong, ulong) Bits(Term t) => (0, PossibleOnes(t));

    private static (ulong, ulong) RangeOfSum(Term t)
    {
        UInt128 low = 0, high = 0;
        foreach (var arg in t.Args)
        {
            var (l, h) = RangeOf(arg);
            low += l;
            high += h;
        }

        return high <= Mask(t.Width) ? ((ulong)low, (ulong)high) : Bits(t);
    }
}
