namespace Pulse.Build.Engine.Ir.Evaluation.Vectors;

/// <summary>Instructions that move bits and do not ask what they mean: constants, lanes in and out, shuffles and bitwise operations.</summary>
/// <remarks>Core 3.0 #exec-instr-vec</remarks>
internal static class WholeVectors
{
    private static readonly Lanes Bytes = new(8);

    /// <summary>The rows.</summary>
    public static IEnumerable<VectorRow> Rows =>
    [
        new("v128.const", (_, immediate) => immediate),
        new("v128.not", (x, _) => ~x[0]),
        new("v128.and", (x, _) => x[0] & x[1]),
        new("v128.andnot", (x, _) => x[0] & ~x[1]),
        new("v128.or", (x, _) => x[0] | x[1]),
        new("v128.xor", (x, _) => x[0] ^ x[1]),
        new("v128.bitselect", (x, _) => Select(x[0], x[1], x[2])),
        new("v128.any_true", (x, _) => x[0] != 0 ? UInt128.One : UInt128.Zero),
        new("i8x16.shuffle", (x, immediate) => Shuffle(x[0], x[1], immediate)),
        new("i8x16.swizzle", (x, _) => Swizzle(x[0], x[1])),
        .. Lanes.Integers.SelectMany(shape => Moves(shape, shape.Name)),
        .. Moves(new(32), "f32x4"),
        .. Moves(new(64), "f64x2"),
        .. new[] { new Lanes(8), new(16) }.SelectMany(NarrowExtracts),
        .. new[] { (32, "i32x4"), (64, "i64x2"), (32, "f32x4"), (64, "f64x2") }.Select(shape => Extract(new(shape.Item1), $"{shape.Item2}.extract_lane")),
    ];

    /// <summary>Bits of <paramref name="a"/> where <paramref name="mask"/> has ones, of <paramref name="b"/> elsewhere.</summary>
    public static UInt128 Select(UInt128 a, UInt128 b, UInt128 mask) => (a & mask) | (b & ~mask);

    /// <summary>Bytes of <paramref name="a"/> by the indices in <paramref name="indices"/>; zero for an index beyond.</summary>
    public static UInt128 Swizzle(UInt128 a, UInt128 indices) =>
        Bytes.Vector(i => (int)Bytes.Bit(indices, i) is var index && index < Bytes.Count ? Bytes.Bit(a, index) : UInt128.Zero);

    private static UInt128 Shuffle(UInt128 a, UInt128 b, UInt128 indices) =>
        Bytes.Vector(i => (int)Bytes.Bit(indices, i) is var index && index < Bytes.Count ? Bytes.Bit(a, index) : Bytes.Bit(b, index - Bytes.Count));

    private static IEnumerable<VectorRow> Moves(Lanes shape, string name) =>
    [
        new($"{name}.splat", (x, _) => Splat(shape, x[0])),
        new($"{name}.replace_lane", (x, lane) => Replace(shape, x[0], (int)lane, x[1])),
    ];

    /// <summary>Lanes narrower than any scalar come out as an i32, extended.</summary>
    private static IEnumerable<VectorRow> NarrowExtracts(Lanes shape) =>
    [
        new($"{shape.Name}.extract_lane_s", (x, lane) => new Lanes(32).Of(shape.Integer(x[0], (int)lane, true))),
        Extract(shape, $"{shape.Name}.extract_lane_u"),
    ];

    private static VectorRow Extract(Lanes shape, string mnemonic) => new(mnemonic, (x, lane) => shape.Bit(x[0], (int)lane));

    private static UInt128 Splat(Lanes shape, UInt128 scalar) => shape.Vector(_ => scalar);

    private static UInt128 Replace(Lanes shape, UInt128 vector, int lane, UInt128 scalar) =>
        shape.Vector(i => i == lane ? scalar : shape.Bit(vector, i));
}
