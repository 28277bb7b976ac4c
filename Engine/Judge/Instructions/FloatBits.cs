namespace Pulse.Build.Engine.Judge.Instructions;

/// <summary>Floats and their bits; every NaN that comes out is canonical (AX-FP).</summary>
internal static class FloatBits
{
    public static float Single(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    public static double Double(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    public static ulong Bits(float x) => float.IsNaN(x) ? 0x7FC0_0000 : BitConverter.SingleToUInt32Bits(x);

    public static ulong Bits(double x) => double.IsNaN(x) ? 0x7FF8_0000_0000_0000 : BitConverter.DoubleToUInt64Bits(x);

    /// <summary>Rounded once: a number above 2⁶³ is halved first, with its lost bit kept sticky.</summary>
    public static float ToSingle(ulong a) => a <= long.MaxValue ? (float)(long)a : (float)(long)(a >> 1 | a & 1) * 2;

    /// <summary>-1 below what an integer of these bits can be, 1 above, 0 within, and for what is no number.</summary>
    public static int OutOfRange(double x, int width, bool signed)
    {
        var whole = Math.Truncate(x);
        return whole < (signed ? -Math.ScaleB(1, width - 1) : 0) ? -1 : whole >= Math.ScaleB(1, signed ? width - 1 : width) ? 1 : 0;
    }

    /// <summary>The integer towards zero, or the nearest there is; 0 for what is no number.</summary>
    public static ulong Saturate(double x, int width, bool signed)
    {
        var all = width == 32 ? uint.MaxValue : ulong.MaxValue;
        var minimum = 1UL << (width - 1);
        return double.IsNaN(x) ? 0 : OutOfRange(x, width, signed) switch
        {
            < 0 => signed ? minimum : 0,
            > 0 => signed ? minimum - 1 : all,
            _ => signed ? unchecked((ulong)(long)Math.Truncate(x)) & all : (ulong)Math.Truncate(x),
        };
    }
}
