using System.Numerics;
using Pulse.Build.Engine.Codegen.Machine;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Division by a constant as a multiplication by its reciprocal.</summary>
/// <example><code>x / 10   =>   umull _, h = x, 0xCCCCCCCD; h >> 3</code></example>
/// <remarks>Granlund and Montgomery, "Division by invariant integers using multiplication" (PLDI 1994).</remarks>
internal static class ConstantDivision
{
    /// <summary>The quotient; <paramref name="multiply"/> says whether a multiplication is wanted where no shift does.</summary>
    public static VReg Quotient(MachineBuilder builder, VReg a, int divisor, bool signed, bool multiply)
    {
        if (divisor == 1)
        {
            return a;
        }

        if (signed)
        {
            return Signed(builder, a, divisor, multiply);
        }

        var unsigned = unchecked((uint)divisor);
        if (BitOperations.IsPow2(unsigned))
        {
            return builder.Lsr(a, BitOperations.TrailingZeroCount(unsigned));
        }

        return multiply ? Unsigned(builder, a, unsigned) : builder.Divide(a, builder.Constant(divisor), signed: false);
    }

    private static VReg Unsigned(MachineBuilder builder, VReg a, uint divisor)
    {
        // The least shift whose rounded-up reciprocal is exact for every dividend that can occur.
        var bits = 32 - BitOperations.LeadingZeroCount(builder.FactsOf(a).UnsignedMax);
        var log = 32 - BitOperations.LeadingZeroCount(divisor - 1);
        for (var shift = 0; shift <= log; shift++)
        {
            var power = UInt128.One << (32 + shift);
            var factor = (power + divisor - 1) / divisor;
            if (factor <= uint.MaxValue && (factor * divisor - power) << bits <= power)
            {
                var (_, high) = builder.MulWide(a, builder.Constant(unchecked((int)(uint)factor)), signed: false);
                var quotient = builder.Lsr(high, shift);
                builder.Refine(quotient, ValueFacts.UpTo(builder.FactsOf(a).UnsignedMax / divisor));
                return quotient;
            }
        }

        return builder.Divide(a, builder.Constant(unchecked((int)divisor)), signed: false);
    }

    private static VReg Signed(MachineBuilder builder, VReg a, int divisor, bool multiply)
    {
        if (divisor == int.MinValue)
        {
            return builder.SetIf(Thumb.Condition.EQ, a, builder.Constant(divisor));
        }

        if (divisor == -1)
        {
            return builder.Sub(builder.Constant(0), a);
        }

        var magnitude = Math.Abs(divisor);
        VReg quotient;
        if (BitOperations.IsPow2(magnitude))
        {
            // Round towards zero: a negative dividend gets divisor - 1 added.
            var log = BitOperations.TrailingZeroCount(magnitude);
            quotient = builder.Asr(builder.Add(a, builder.Lsr(builder.Asr(a, 31), 32 - log)), log);
        }
        else if (!multiply)
        {
            return builder.Divide(a, builder.Constant(divisor), signed: true);
        }
        else
        {
            quotient = Multiply(builder, a, magnitude);
        }

        return divisor < 0 ? builder.Sub(builder.Constant(0), quotient) : quotient;
    }

    private static VReg Multiply(MachineBuilder builder, VReg a, int magnitude)
    {
        for (var shift = 0; ; shift++)
        {
            // Exact for all |dividend| <= 2^31 when the excess of the reciprocal is at most 2^shift.
            var power = UInt128.One << (32 + shift);
            var factor = power / (uint)magnitude + 1;
            if (factor * (uint)magnitude - power <= UInt128.One << (shift + 1))
            {
                var (_, high) = builder.MulWide(a, builder.Constant(unchecked((int)(uint)factor)), signed: true);
                var sum = factor > 0x7FFF_FFFFu ? builder.Add(high, a) : high;
                return builder.Sub(builder.Asr(sum, shift), builder.Asr(a, 31));
            }
        }
    }
}
