using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation.Scalars;

/// <summary>Conversions between integers and floats.</summary>
/// <remarks>Core 3.0 #exec-cvtop</remarks>
internal static class FloatConversions
{
    /// <summary>Truncations that trap, conversions from integers, demotion and promotion; null for any other opcode or when it traps.</summary>
    public static ulong? TryConvert(Opcode opcode, ReadOnlySpan<ulong> x, out TrapKind trap)
    {
        trap = TrapKind.None;
        return unchecked(opcode switch
        {
            Opcode.I32TruncF32S => Truncate(FloatSemantics.F32(x[0]), 32, true, out trap),
            Opcode.I32TruncF32U => Truncate(FloatSemantics.F32(x[0]), 32, false, out trap),
            Opcode.I32TruncF64S => Truncate(FloatSemantics.F64(x[0]), 32, true, out trap),
            Opcode.I32TruncF64U => Truncate(FloatSemantics.F64(x[0]), 32, false, out trap),
            Opcode.I64TruncF32S => Truncate(FloatSemantics.F32(x[0]), 64, true, out trap),
            Opcode.I64TruncF32U => Truncate(FloatSemantics.F32(x[0]), 64, false, out trap),
            Opcode.I64TruncF64S => Truncate(FloatSemantics.F64(x[0]), 64, true, out trap),
            Opcode.I64TruncF64U => Truncate(FloatSemantics.F64(x[0]), 64, false, out trap),
            Opcode.F32ConvertI32S => FloatSemantics.Bits((float)(int)(uint)x[0]),
            Opcode.F32ConvertI32U => FloatSemantics.Bits((float)(double)(uint)x[0]),
            Opcode.F32ConvertI64S => FloatSemantics.Bits((long)x[0] < 0 ? -ToSingle(0 - x[0]) : ToSingle(x[0])),
            Opcode.F32ConvertI64U => FloatSemantics.Bits(ToSingle(x[0])),
            Opcode.F32DemoteF64 => FloatSemantics.Bits((float)FloatSemantics.F64(x[0])),
            Opcode.F64ConvertI32S => FloatSemantics.Bits((double)(int)(uint)x[0]),
            Opcode.F64ConvertI32U => FloatSemantics.Bits((double)(uint)x[0]),
            Opcode.F64ConvertI64S => FloatSemantics.Bits((double)(long)x[0]),
            Opcode.F64ConvertI64U => FloatSemantics.Bits(ToDouble(x[0])),
            Opcode.F64PromoteF32 => FloatSemantics.Bits((double)FloatSemantics.F32(x[0])),
            _ => (ulong?)null,
        });
    }

    /// <summary>Truncations that saturate.</summary>
    public static ulong Saturate(Opcode opcode, ulong bits)
    {
        var which = opcode - Opcode.I32TruncSatF32S;
        var value = (which & 2) == 0 ? FloatSemantics.F32(bits) : FloatSemantics.F64(bits);
        var (width, signed) = (which < 4 ? 32 : 64, (which & 1) == 0);
        if (double.IsNaN(value))
        {
            return 0;
        }

        if (Truncate(value, width, signed, out var trap) is var result && trap == TrapKind.None)
        {
            return result!.Value;
        }

        var all = width == 32 ? uint.MaxValue : ulong.MaxValue;
        return (signed, value < 0) switch
        {
            (true, true) => 1UL << (width - 1),
            (true, false) => all >> 1,
            (false, true) => 0,
            _ => all,
        };
    }

    private static ulong? Truncate(double value, int width, bool signed, out TrapKind trap)
    {
        var magnitude = Math.ScaleB(1.0, signed ? width - 1 : width);
        var whole = Math.Truncate(value);
        trap = double.IsNaN(value) ? TrapKind.InvalidConversion
            : whole < (signed ? -magnitude : 0) || whole >= magnitude ? TrapKind.IntegerOverflow
            : TrapKind.None;
        if (trap != TrapKind.None)
        {
            return null;
        }

        var bits = unchecked(whole < 0 ? (ulong)(long)whole : (ulong)whole);
        return width == 32 ? bits & uint.MaxValue : bits;
    }

    /// <summary>Rounds once: what is below the bits that a double keeps is gathered in one sticky bit, which a single never reaches.</summary>
    private static float ToSingle(ulong value)
    {
        if (value >> 53 != 0)
        {
            value = (value & ~0x7FFUL) | ((value & 0x7FF) != 0 ? 0x800UL : 0);
        }

        return (float)ToDouble(value);
    }

    private static double ToDouble(ulong value)
    {
        if (value >> 63 == 0)
        {
            return (double)(long)value;
        }

        // Halved with a sticky bit, converted with one rounding, and doubled exactly.
        return (double)(long)((value >> 1) | (value & 1)) * 2;
    }
}
