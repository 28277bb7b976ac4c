namespace Pulse.Build.Engine.Ir.Evaluation.Scalars;

/// <summary>Floating-point arithmetic on bits, with canonical NaN results.</summary>
/// <remarks>Core 3.0 #floating-point-operations</remarks>
internal static class FloatSemantics
{
    private const uint CanonicalNan32 = 0x7FC0_0000;
    private const ulong CanonicalNan64 = 0x7FF8_0000_0000_0000;
    private const uint Sign32 = 0x8000_0000;
    private const ulong Sign64 = 1UL << 63;

    /// <summary>The f32 with these bits.</summary>
    public static float F32(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    /// <summary>The f64 with these bits.</summary>
    public static double F64(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    /// <summary>The bits of <paramref name="value"/>; of the canonical NaN if it is one.</summary>
    public static ulong Bits(float value) => float.IsNaN(value) ? CanonicalNan32 : BitConverter.SingleToUInt32Bits(value);

    /// <summary>The bits of <paramref name="value"/>; of the canonical NaN if it is one.</summary>
    public static ulong Bits(double value) => double.IsNaN(value) ? CanonicalNan64 : BitConverter.DoubleToUInt64Bits(value);

    /// <summary>eq, ne, lt, gt, le, ge in the order of the opcodes.</summary>
    public static ulong Compare(int which, double a, double b) => which switch
    {
        0 => a == b,
        1 => a != b,
        2 => a < b,
        3 => a > b,
        4 => a <= b,
        _ => a >= b,
    } ? 1UL : 0UL;

    /// <summary>abs … copysign of f32, in the order of the opcodes.</summary>
    public static ulong Arithmetic32(int which, ReadOnlySpan<ulong> x)
    {
        var a = F32(x[0]);
        var b = x.Length > 1 ? F32(x[1]) : 0;
        return which switch
        {
            0 => x[0] & ~(ulong)Sign32 & uint.MaxValue,
            1 => (x[0] ^ Sign32) & uint.MaxValue,
            2 => Bits(MathF.Ceiling(a)),
            3 => Bits(MathF.Floor(a)),
            4 => Bits(MathF.Truncate(a)),
            5 => Bits(MathF.Round(a, MidpointRounding.ToEven)),
            6 => Bits(MathF.Sqrt(a)),
            7 => Bits(a + b),
            8 => Bits(a - b),
            9 => Bits(a * b),
            10 => Bits(a / b),
            11 => Bits(MathF.Min(a, b)),
            12 => Bits(MathF.Max(a, b)),
            _ => (x[0] & ~(ulong)Sign32 & uint.MaxValue) | (x[1] & Sign32),
        };
    }

    /// <summary>abs … copysign of f64, in the order of the opcodes.</summary>
    public static ulong Arithmetic64(int which, ReadOnlySpan<ulong> x)
    {
        var a = F64(x[0]);
        var b = x.Length > 1 ? F64(x[1]) : 0;
        return which switch
        {
            0 => x[0] & ~Sign64,
            1 => x[0] ^ Sign64,
            2 => Bits(Math.Ceiling(a)),
            3 => Bits(Math.Floor(a)),
            4 => Bits(Math.Truncate(a)),
            5 => Bits(Math.Round(a, MidpointRounding.ToEven)),
            6 => Bits(Math.Sqrt(a)),
            7 => Bits(a + b),
            8 => Bits(a - b),
            9 => Bits(a * b),
            10 => Bits(a / b),
            11 => Bits(Math.Min(a, b)),
            12 => Bits(Math.Max(a, b)),
            _ => (x[0] & ~Sign64) | (x[1] & Sign64),
        };
    }
}
