namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>IEEE arithmetic on constants, round to nearest, every NaN result canonical (AX-FP).</summary>
internal static class FloatFolding
{
    /// <summary>ceil, floor, trunc, nearest, sqrt (2 to 6 in the order of the opcodes).</summary>
    public static ulong Unary(int which, ulong a, int width) => width == 32
        ? Bits(which switch
        {
            2 => MathF.Ceiling(Single(a)),
            3 => MathF.Floor(Single(a)),
            4 => MathF.Truncate(Single(a)),
            5 => MathF.Round(Single(a), MidpointRounding.ToEven),
            _ => MathF.Sqrt(Single(a)),
        })
        : Bits(which switch
        {
            2 => Math.Ceiling(Double(a)),
            3 => Math.Floor(Double(a)),
            4 => Math.Truncate(Double(a)),
            5 => Math.Round(Double(a), MidpointRounding.ToEven),
            _ => Math.Sqrt(Double(a)),
        });

    /// <summary>add, sub, mul, div, min, max (7 to 12).</summary>
    public static ulong Binary(int which, ulong a, ulong b, int width) => width == 32
        ? Bits(which switch
        {
            7 => Single(a) + Single(b),
            8 => Single(a) - Single(b),
            9 => Single(a) * Single(b),
            10 => Single(a) / Single(b),
            11 => MathF.Min(Single(a), Single(b)),
            _ => MathF.Max(Single(a), Single(b)),
        })
        : Bits(which switch
        {
            7 => Double(a) + Double(b),
            8 => Double(a) - Double(b),
            9 => Double(a) * Double(b),
            10 => Double(a) / Double(b),
            11 => Math.Min(Double(a), Double(b)),
            _ => Math.Max(Double(a), Double(b)),
        });

    public static bool Compare(string relation, ulong a, ulong b, int width)
    {
        var (x, y) = width == 32 ? (Single(a), Single(b)) : (Double(a), Double(b));
        return relation switch { "eq" => x == y, "lt" => x < y, _ => x <= y };
    }

    /// <summary>The converted bits, or null where a trapping truncation traps.</summary>
    public static ulong? Convert(int opcode, ulong a) => opcode switch
    {
        0xA8 or 0xA9 or 0xAE or 0xAF => Truncate(Single(a), opcode >= 0xAE ? 64 : 32, (opcode & 1) == 0),
        0xAA or 0xAB or 0xB0 or 0xB1 => Truncate(Double(a), opcode >= 0xAE ? 64 : 32, (opcode & 1) == 0),
        0xB2 => Bits((float)unchecked((int)a)),
        0xB3 => Bits((float)(uint)a),
        0xB4 => Bits((float)unchecked((long)a)),
        0xB5 => Bits(ToSingle(a)),
        0xB6 => Bits((float)Double(a)),
        0xB7 => Bits((double)unchecked((int)a)),
        0xB8 => Bits((double)(uint)a),
        0xB9 => Bits((double)unchecked((long)a)),
        0xBA => Bits((double)a),
        0xBB => Bits((double)Single(a)),
        >= 0xFC0000 => Saturate((opcode & 2) == 0 ? Single(a) : Double(a), opcode >= 0xFC0004 ? 64 : 32, (opcode & 1) == 0),
        _ => null,
    };

    private static ulong? Truncate(double x, int width, bool signed)
        => double.IsNaN(x) || OutOfRange(x, width, signed) != 0 ? null : Saturate(x, width, signed);

    private static int OutOfRange(double x, int width, bool signed)
    {
        var whole = Math.Truncate(x);
        var low = signed ? -Math.ScaleB(1, width - 1) : 0;
        var high = Math.ScaleB(1, signed ? width - 1 : width);
        return whole < low ? -1 : whole >= high ? 1 : 0;
    }

    private static ulong Saturate(double x, int width, bool signed)
    {
        if (double.IsNaN(x))
        {
            return 0;
        }

        var side = OutOfRange(x, width, signed);
        var all = width == 32 ? uint.MaxValue : ulong.MaxValue;
        var minimum = 1UL << (width - 1);
        return side < 0 ? signed ? minimum : 0
            : side > 0 ? signed ? minimum - 1 : all
            : signed ? unchecked((ulong)(long)Math.Truncate(x)) & all : (ulong)Math.Truncate(x);
    }

    /// <summary>Rounded once: a number above 2⁶³ is halved first, with its lost bit kept sticky.</summary>
    private static float ToSingle(ulong a) => a <= long.MaxValue ? (float)(long)a : (float)(long)(a >> 1 | a & 1) * 2;

    private static float Single(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static double Double(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static ulong Bits(float x) => float.IsNaN(x) ? 0x7FC0_0000 : BitConverter.SingleToUInt32Bits(x);

    private static ulong Bits(double x) => double.IsNaN(x) ? 0x7FF8_0000_0000_0000 : BitConverter.DoubleToUInt64Bits(x);
}
