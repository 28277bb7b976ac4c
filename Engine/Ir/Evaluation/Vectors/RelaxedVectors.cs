using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation.Vectors;

/// <summary>
/// Relaxed instructions. The specification lets an implementation choose once among several operations for each; the choice here is always
/// the deterministic profile's:
/// <list type="bullet">
/// <item>swizzle, truncations, min, max and q15mulr do what the instruction without "relaxed" does: zero for an index beyond, saturation,
/// the canonical NaN, -0 below +0, -1 × -1 saturates;</item>
/// <item>laneselect selects bit by bit, like bitselect;</item>
/// <item>madd and nmadd round twice: the product, then the sum;</item>
/// <item>dot products take both operands as signed, and the sum of two products saturates to 16 bits.</item>
/// </list>
/// An engine may show any other of the allowed results: V8 on x64 rounds madd once, and a desk run and a target may differ likewise.
/// </summary>
/// <remarks>Core 3.0 #relaxed-ops, #profile-deterministic</remarks>
internal static class RelaxedVectors
{
    /// <summary>The rows.</summary>
    public static IEnumerable<VectorRow> Rows =>
    [
        new("i8x16.relaxed_swizzle", (x, _) => WholeVectors.Swizzle(x[0], x[1])),
        .. Lanes.Integers.Select(shape => new VectorRow($"{shape.Name}.relaxed_laneselect", (x, _) => WholeVectors.Select(x[0], x[1], x[2]))),
        .. FloatVectors.Shapes.SelectMany(shape => Floats(shape.Lanes, shape.Name, shape.Scalar)),
        FloatVectors.Convert("i32x4.relaxed_trunc_f32x4_s",      32, 32, "i32.trunc_sat_f32_s"),
        FloatVectors.Convert("i32x4.relaxed_trunc_f32x4_u",      32, 32, "i32.trunc_sat_f32_u"),
        FloatVectors.Convert("i32x4.relaxed_trunc_f64x2_s_zero", 64, 32, "i32.trunc_sat_f64_s"),
        FloatVectors.Convert("i32x4.relaxed_trunc_f64x2_u_zero", 64, 32, "i32.trunc_sat_f64_u"),
        IntegerVectors.Binary(new(16), "relaxed_q15mulr_s", true, Fit.Signed, IntegerVectors.RoundedProduct),
        IntegerVectors.Dot(new(16), "relaxed_dot_i8x16_i7x16_s", Fit.Signed),
        new("i32x4.relaxed_dot_i8x16_i7x16_add_s", (x, _) => DotAdd(x[0], x[1], x[2])),
    ];

    private static IEnumerable<VectorRow> Floats(Lanes shape, string name, string scalar)
    {
        var (add, multiply) = (FloatVectors.Scalar($"{scalar}.add"), FloatVectors.Scalar($"{scalar}.mul"));
        var signs = shape.Vector(_ => UInt128.One << (shape.Bits - 1));
        return
        [
            FloatVectors.Lanewise($"{name}.relaxed_min", shape, $"{scalar}.min"),
            FloatVectors.Lanewise($"{name}.relaxed_max", shape, $"{scalar}.max"),
            new($"{name}.relaxed_madd", (x, _) => MultiplyAdd(shape, multiply, add, x[0], x[1], x[2])),
            new($"{name}.relaxed_nmadd", (x, _) => MultiplyAdd(shape, multiply, add, x[0] ^ signs, x[1], x[2])),
        ];
    }

    private static UInt128 MultiplyAdd(Lanes shape, Opcode multiply, Opcode add, UInt128 a, UInt128 b, UInt128 c) =>
        FloatVectors.Zip(shape, add, FloatVectors.Zip(shape, multiply, a, b), c);

    private static UInt128 DotAdd(UInt128 a, UInt128 b, UInt128 c)
    {
        var (pairs, sums) = (new Lanes(16), new Lanes(32));
        var dot = IntegerVectors.PairwiseSum(sums, IntegerVectors.Dot(pairs, a, b, Fit.Signed), true);
        return sums.Vector(i => sums.Of(sums.Integer(dot, i, true) + sums.Integer(c, i, true)));
    }
}
