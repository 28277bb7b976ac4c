namespace Pulse.Build.Tests.Judge;

/// <summary>Operands that tell instructions apart: all pairs of corner values, and random ones from a fixed seed.</summary>
internal static class SampleOperands
{
    private const int Random = 220;
    private const int MostPairs = 500;

    private static readonly long[] Integers =
    [
        0, 1, 2, -1, -2, 31, 32, 33, 63, 64, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, int.MaxValue, 0x8000_0000, uint.MaxValue, 0x1_0000_0000, long.MaxValue, long.MinValue,
    ];

    private static readonly float[] Floats =
    [
        0, -0f, 1, -1, 0.5f, -0.5f, 1.5f, 2.5f, -0.99999994f, float.Epsilon, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
        2147483648f, -2147483648f, -2147483904f, 2147483520f, 4294967296f, 4294967040f, 9223372036854775808f, -9223372036854775808f, 18446744073709551616f, 8388609f,
    ];

    private static readonly double[] Doubles =
        [2147483647.5, -2147483648.9, -2147483649, 4294967295.9, -0.9, 9223372036854774784.0, -9223372036854777856.0, 18446744073709549568.0, 4503599627370497.5, double.Epsilon, double.MaxValue];

    private static readonly long[] Addresses =
        [0, 1, 2, 3, 4, 7, 8, 65504, 65512, 65519, 65520, 65521, 65528, 65529, 65532, 65533, 65534, 65535, 65536, 65537, int.MaxValue, 0x8000_0000, 0xFFFF_FFF8, 0xFFFF_FFFF];

    private static readonly long[] Lengths = [0, 1, 2, 3, 8, 15, 16, 17, 65536, 0xFFFF_FFFF];

    /// <summary>At least <see cref="Random"/> rows of operands of these kinds; the same ones each time.</summary>
    public static IEnumerable<long[]> For(Sample[] kinds, int seed)
    {
        if (kinds.Length == 0)
        {
            return [[]];
        }

        var corners = kinds.Length switch
        {
            1 => Corners(kinds[0]).Select(a => new[] { a }),
            2 => Corners(kinds[0]).SelectMany(a => Corners(kinds[1]).Select(b => new[] { a, b })),
            _ => [],
        };
        var random = new Fuzz.FuzzRandom((ulong)seed);
        return corners.Take(MostPairs).Concat(Enumerable.Range(0, Random).Select(_ => Array.ConvertAll(kinds, kind => One(kind, random)))).ToList();
    }

    private static long[] Corners(Sample kind) => kind switch
    {
        Sample.F32 => [.. Floats.Select(f => (long)BitConverter.SingleToUInt32Bits(f)), 0x7F80_0001, 0xFFC0_0000],
        Sample.F64 => [.. Doubles.Concat(Floats.Select(f => (double)f)).Select(BitConverter.DoubleToInt64Bits), 0x7FF0_0000_0000_0001, -1],
        Sample.Address => Addresses,
        Sample.Length => Lengths,
        _ => Integers,
    };

    private static long One(Sample kind, Fuzz.FuzzRandom random)
    {
        var corners = Corners(kind);
        var bits = unchecked((long)random.Next());
        return kind is Sample.Address or Sample.Length || random.Below(3) == 0 ? corners[random.Below(corners.Length)]
            : kind is Sample.F64 && random.Below(2) == 0 ? BitConverter.DoubleToInt64Bits(bits / 4096.0 / (1 + random.Below(1 << 20)))
            : kind is Sample.F32 && random.Below(2) == 0 ? BitConverter.SingleToUInt32Bits(bits / 4096f / (1 + random.Below(1 << 20)))
            : bits >> random.Below(64);
    }
}
