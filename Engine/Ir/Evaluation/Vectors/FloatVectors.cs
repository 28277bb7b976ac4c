using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation.Vectors;

/// <summary>
/// Float lanes and conversions. A lane computes what the scalar instruction of the same name does, by that instruction's own row: rounding,
/// signs of zero and the canonical NaN are decided in one place.
/// </summary>
/// <remarks>Core 3.0 #op-fadd and the sections after it, #op-fpmin, #op-fpmax, #exec-vcvtop</remarks>
internal static class FloatVectors
{
    /// <summary>The float shapes: name, and name of the scalar.</summary>
    public static (Lanes Lanes, string Name, string Scalar)[] Shapes => [(new(32), "f32x4", "f32"), (new(64), "f64x2", "f64")];

    /// <summary>The rows.</summary>
    public static IEnumerable<VectorRow> Rows =>
    [
        .. Shapes.SelectMany(shape => Arithmetic(shape.Lanes, shape.Name, shape.Scalar)),

        //       instruction                        lanes read, made  by the scalar instruction
        Convert("i32x4.trunc_sat_f32x4_s",          32, 32,           "i32.trunc_sat_f32_s"),
        Convert("i32x4.trunc_sat_f32x4_u",          32, 32,           "i32.trunc_sat_f32_u"),
        Convert("i32x4.trunc_sat_f64x2_s_zero",     64, 32,           "i32.trunc_sat_f64_s"),
        Convert("i32x4.trunc_sat_f64x2_u_zero",     64, 32,           "i32.trunc_sat_f64_u"),
        Convert("f32x4.convert_i32x4_s",            32, 32,           "f32.convert_i32_s"),
        Convert("f32x4.convert_i32x4_u",            32, 32,           "f32.convert_i32_u"),
        Convert("f64x2.convert_low_i32x4_s",        32, 64,           "f64.convert_i32_s"),
        Convert("f64x2.convert_low_i32x4_u",        32, 64,           "f64.convert_i32_u"),
        Convert("f32x4.demote_f64x2_zero",          64, 32,           "f32.demote_f64"),
        Convert("f64x2.promote_low_f32x4",          32, 64,           "f64.promote_f32"),
    ];

    /// <summary>As many lanes as both shapes have, converted; lanes beyond them are zero.</summary>
    public static VectorRow Convert(string mnemonic, int from, int to, string scalar)
    {
        var (source, target, opcode) = (new Lanes(from), new Lanes(to), Scalar(scalar));
        var count = Math.Min(source.Count, target.Count);
        return new(mnemonic, (x, _) => Converted(source, target, count, opcode, x[0]));
    }

    /// <summary>The scalar instruction <paramref name="scalar"/> on every lane.</summary>
    public static VectorRow Lanewise(string mnemonic, Lanes shape, string scalar)
    {
        var opcode = Scalar(scalar);
        return Opcodes.Get(opcode).Pops.Length == 1
            ? new(mnemonic, (x, _) => Converted(shape, shape, shape.Count, opcode, x[0]))
            : new(mnemonic, (x, _) => Zip(shape, opcode, x[0], x[1]));
    }

    /// <summary>The scalar instruction <paramref name="opcode"/> on each pair of lanes.</summary>
    public static UInt128 Zip(Lanes shape, Opcode opcode, UInt128 a, UInt128 b) => shape.Vector(i => Run(opcode, shape.Bit(a, i), shape.Bit(b, i)));

    /// <summary>The opcode of a scalar instruction.</summary>
    public static Opcode Scalar(string mnemonic) => Opcodes.Rows.Single(row => row.Mnemonic == mnemonic).Opcode;

    private static IEnumerable<VectorRow> Arithmetic(Lanes shape, string name, string scalar)
    {
        foreach (var word in new[] { "abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt", "add", "sub", "mul", "div", "min", "max" })
        {
            yield return Lanewise($"{name}.{word}", shape, $"{scalar}.{word}");
        }

        foreach (var word in new[] { "eq", "ne", "lt", "gt", "le", "ge" })
        {
            var opcode = Scalar($"{scalar}.{word}");
            yield return new($"{name}.{word}", (x, _) => Mask(shape, opcode, x[0], x[1]));
        }

        // The operand itself, with its NaN: the first unless the second compares as better.
        var less = Scalar($"{scalar}.lt");
        yield return new($"{name}.pmin", (x, _) => WholeVectors.Select(x[1], x[0], Mask(shape, less, x[1], x[0])));
        yield return new($"{name}.pmax", (x, _) => WholeVectors.Select(x[1], x[0], Mask(shape, less, x[0], x[1])));
    }

    private static UInt128 Mask(Lanes shape, Opcode opcode, UInt128 a, UInt128 b) =>
        shape.Vector(i => Run(opcode, shape.Bit(a, i), shape.Bit(b, i)) != 0 ? UInt128.MaxValue : UInt128.Zero);

    private static UInt128 Converted(Lanes source, Lanes target, int count, Opcode opcode, UInt128 a) =>
        target.Vector(i => Run(opcode, source.Bit(a, i)), count);

    private static UInt128 Run(Opcode opcode, params ReadOnlySpan<UInt128> lanes)
    {
        Span<ulong> operands = stackalloc ulong[2];
        for (var i = 0; i < lanes.Length; i++)
        {
            operands[i] = (ulong)lanes[i];
        }

        return NumericSemantics.TryRun(opcode, operands[..lanes.Length], out var result, out var trap) && trap == TrapKind.None
            ? result
            : throw new InvariantException($"{opcode} on a lane has no result");
    }
}
