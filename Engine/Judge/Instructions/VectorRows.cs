using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Instructions;

/// <summary>
/// Instructions on vectors, which are two halves of 64 bits. Memory, lanes, splats and bitwise operations are exact. Every other one is an
/// uninterpreted function of its operands and immediates, relaxed ones too, since an embedding chooses once what they do.
/// </summary>
internal static class VectorRows
{
    private const int Vector = Sort.Vector;
    private const int Any = InstructionRow.Any;

    public static InstructionRow[] All { get; } =
    [
        Load(0, "v128.load", 2, 8, (_, x) => x),
        .. new[] { (8, "8x8"), (4, "16x4"), (2, "32x2") }.SelectMany((shape, k) => new[]
        {
            Load(1 + 2 * k, $"v128.load{shape.Item2}_s", shape.Item1, 8 / shape.Item1, (f, x) => Halves(f, Array.ConvertAll(x, lane => f.SignExtend(lane, 2 * lane.Width)))),
            Load(2 + 2 * k, $"v128.load{shape.Item2}_u", shape.Item1, 8 / shape.Item1, (f, x) => Halves(f, Array.ConvertAll(x, lane => f.ZeroExtend(lane, 2 * lane.Width)))),
        }),
        .. Sizes(7, (code, bits) => Load(code, $"v128.load{bits}_splat", 1, bits / 8, (f, x) => Splat(f, x[0]))),
        Access(11, "v128.store", [Any, Vector], (m, i, x) => m.Store(i, x[0], x[1].Args)),
        new(Code(13), "i8x16.shuffle", [OperandKind.Bytes], [Vector, Vector], Vector, Effects.Float, (m, i, x) => Opaque(m, i, Vector, x)) { IsUninterpreted = true },
        .. Opaque(14, Vector, 2, "i8x16", "swizzle"),
        .. Lanes(15, 21, "i8x16", 8, 32, "_s", "_u"),
        .. Lanes(16, 24, "i16x8", 16, 32, "_s", "_u"),
        .. Lanes(17, 27, "i32x4", 32, 32, ""),
        .. Lanes(18, 29, "i64x2", 64, 64, ""),
        .. Lanes(19, 31, "f32x4", 32, 32, ""),
        .. Lanes(20, 33, "f64x2", 64, 64, ""),
        .. Opaque(35, Vector, 2, "i8x16", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
        .. Opaque(45, Vector, 2, "i16x8", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
        .. Opaque(55, Vector, 2, "i32x4", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
        .. Opaque(65, Vector, 2, "f32x4", "eq ne lt gt le ge"),
        .. Opaque(71, Vector, 2, "f64x2", "eq ne lt gt le ge"),
        Each(77, "v128.not", 1, (f, x) => f.Xor(x[0], Ones(f))),
        Each(78, "v128.and", 2, (f, x) => f.And(x[0], x[1])),
        Each(79, "v128.andnot", 2, (f, x) => f.And(x[0], f.Xor(x[1], Ones(f)))),
        Each(80, "v128.or", 2, (f, x) => f.Or(x[0], x[1])),
        Each(81, "v128.xor", 2, (f, x) => f.Xor(x[0], x[1])),
        Each(82, "v128.bitselect", 3, (f, x) => f.Or(f.And(x[0], x[2]), f.And(x[1], f.Xor(x[2], Ones(f))))),
        InstructionRow.Of(Code(83), "v128.any_true", [Vector], 32, (f, x) => f.Bit(f.Not(f.Equal(x[0], f.Constant(0, Vector))), 32)),
        .. Sizes(84, (code, bits) => new(Code(code), $"v128.load{bits}_lane", [OperandKind.Access, OperandKind.Lane], [Any, Vector], Vector, Effects.Partial,
            (m, i, x) => Replace(m.Terms, x[1], i.Lane, m.Load(i, x[0], 1, bits / 8)[0])) { LaneBits = bits, AccessBytes = bits / 8 }),
        .. Sizes(88, (code, bits) => Access(code, $"v128.store{bits}_lane", [Any, Vector], (m, i, x) => m.Store(i, x[0], Lane(m.Terms, x[1], i.Lane, bits)), bits)),
        Load(92, "v128.load32_zero", 1, 4, (f, x) => [f.ZeroExtend(x[0], 64), f.Constant(0, 64)]),
        Load(93, "v128.load64_zero", 1, 8, (f, x) => [x[0], f.Constant(0, 64)]),
        .. Opaque(94, Vector, 1, "f32x4", "demote_f64x2_zero"),
        .. Opaque(95, Vector, 1, "f64x2", "promote_low_f32x4"),
        .. Opaque(96, Vector, 1, "i8x16", "abs neg popcnt"),
        .. Opaque(99, 32, 1, "i8x16", "all_true bitmask"),
        .. Opaque(101, Vector, 2, "i8x16", "narrow_i16x8_s narrow_i16x8_u"),
        .. Opaque(103, Vector, 1, "f32x4", "ceil floor trunc nearest"),
        .. Shifts(107, "i8x16"),
        .. Opaque(110, Vector, 2, "i8x16", "add add_sat_s add_sat_u sub sub_sat_s sub_sat_u"),
        .. Opaque(116, Vector, 1, "f64x2", "ceil floor"),
        .. Opaque(118, Vector, 2, "i8x16", "min_s min_u max_s max_u"),
        .. Opaque(122, Vector, 1, "f64x2", "trunc"),
        .. Opaque(123, Vector, 2, "i8x16", "avgr_u"),
        .. Opaque(124, Vector, 1, "i16x8", "extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u"),
        .. Opaque(126, Vector, 1, "i32x4", "extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u"),
        .. Opaque(128, Vector, 1, "i16x8", "abs neg"),
        .. Opaque(130, Vector, 2, "i16x8", "q15mulr_sat_s"),
        .. Opaque(131, 32, 1, "i16x8", "all_true bitmask"),
        .. Opaque(133, Vector, 2, "i16x8", "narrow_i32x4_s narrow_i32x4_u"),
        .. Opaque(135, Vector, 1, "i16x8", "extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u"),
        .. Shifts(139, "i16x8"),
        .. Opaque(142, Vector, 2, "i16x8", "add add_sat_s add_sat_u sub sub_sat_s sub_sat_u"),
        .. Opaque(148, Vector, 1, "f64x2", "nearest"),
        .. Opaque(149, Vector, 2, "i16x8", "mul min_s min_u max_s max_u"),
        .. Opaque(155, Vector, 2, "i16x8", "avgr_u extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u extmul_high_i8x16_u"),
        .. Opaque(160, Vector, 1, "i32x4", "abs neg"),
        .. Opaque(163, 32, 1, "i32x4", "all_true bitmask"),
        .. Opaque(167, Vector, 1, "i32x4", "extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u"),
        .. Shifts(171, "i32x4"),
        .. Opaque(174, Vector, 2, "i32x4", "add"),
        .. Opaque(177, Vector, 2, "i32x4", "sub"),
        .. Opaque(181, Vector, 2, "i32x4", "mul min_s min_u max_s max_u dot_i16x8_s"),
        .. Opaque(188, Vector, 2, "i32x4", "extmul_low_i16x8_s extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u"),
        .. Opaque(192, Vector, 1, "i64x2", "abs neg"),
        .. Opaque(195, 32, 1, "i64x2", "all_true bitmask"),
        .. Opaque(199, Vector, 1, "i64x2", "extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u"),
        .. Shifts(203, "i64x2"),
        .. Opaque(206, Vector, 2, "i64x2", "add"),
        .. Opaque(209, Vector, 2, "i64x2", "sub"),
        .. Opaque(213, Vector, 2, "i64x2", "mul eq ne lt_s gt_s le_s ge_s extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u"),
        .. Opaque(224, Vector, 1, "f32x4", "abs neg"),
        .. Opaque(227, Vector, 1, "f32x4", "sqrt"),
        .. Opaque(228, Vector, 2, "f32x4", "add sub mul div min max pmin pmax"),
        .. Opaque(236, Vector, 1, "f64x2", "abs neg"),
        .. Opaque(239, Vector, 1, "f64x2", "sqrt"),
        .. Opaque(240, Vector, 2, "f64x2", "add sub mul div min max pmin pmax"),
        .. Opaque(248, Vector, 1, "i32x4", "trunc_sat_f32x4_s trunc_sat_f32x4_u"),
        .. Opaque(250, Vector, 1, "f32x4", "convert_i32x4_s convert_i32x4_u"),
        .. Opaque(252, Vector, 1, "i32x4", "trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero"),
        .. Opaque(254, Vector, 1, "f64x2", "convert_low_i32x4_s convert_low_i32x4_u"),
        .. Opaque(0x100, Vector, 2, "i8x16", "relaxed_swizzle"),
        .. Opaque(0x101, Vector, 1, "i32x4", "relaxed_trunc_f32x4_s relaxed_trunc_f32x4_u relaxed_trunc_f64x2_s_zero relaxed_trunc_f64x2_u_zero"),
        .. Opaque(0x105, Vector, 3, "f32x4", "relaxed_madd relaxed_nmadd"),
        .. Opaque(0x107, Vector, 3, "f64x2", "relaxed_madd relaxed_nmadd"),
        .. new[] { "i8x16", "i16x8", "i32x4", "i64x2" }.SelectMany((shape, k) => Opaque(0x109 + k, Vector, 3, shape, "relaxed_laneselect")),
        .. Opaque(0x10D, Vector, 2, "f32x4", "relaxed_min relaxed_max"),
        .. Opaque(0x10F, Vector, 2, "f64x2", "relaxed_min relaxed_max"),
        .. Opaque(0x111, Vector, 2, "i16x8", "relaxed_q15mulr_s relaxed_dot_i8x16_i7x16_s"),
        .. Opaque(0x113, Vector, 3, "i32x4", "relaxed_dot_i8x16_i7x16_add_s"),
    ];

    private static int Code(int code) => 0xFD << 16 | code;

    private static Term Ones(TermFactory f) => f.Constant(ulong.MaxValue, 64);

    private static InstructionRow[] Sizes(int first, Func<int, int, InstructionRow> row) => [.. new[] { 8, 16, 32, 64 }.Select((bits, k) => row(first + k, bits))];

    private static InstructionRow Load(int code, string name, int count, int bytes, Func<TermFactory, Term[], Term[]> halves)
        => new(Code(code), name, [OperandKind.Access], [Any], Vector, Effects.Partial, (m, i, x) =>
            halves(m.Terms, m.Load(i, x[0], count, bytes)) is var v ? m.Terms.Vector(v[0], v[1]) : null) { AccessBytes = count * bytes };

    private static InstructionRow Access(int code, string name, int[] operands, Action<IMachine, FlowInstruction, Term[]> store, int lane = 0)
        => new(Code(code), name, lane > 0 ? [OperandKind.Access, OperandKind.Lane] : [OperandKind.Access], [.. operands], InstructionRow.None,
            Effects.Writes | Effects.Partial, (m, i, x) =>
            {
                store(m, i, x);
                return null;
            })
        { LaneBits = lane, AccessBytes = lane > 0 ? lane / 8 : 16 };

    private static InstructionRow Each(int code, string name, int operands, Value value)
        => InstructionRow.Of(Code(code), name, [.. Enumerable.Repeat(Vector, operands)], Vector,
            (f, x) => f.Vector(value(f, Array.ConvertAll(x, v => v.Args[0])), value(f, Array.ConvertAll(x, v => v.Args[1]))));

    /// <summary>A splat; lanes that are read, in one or two ways of extending them; a lane that is replaced.</summary>
    private static IEnumerable<InstructionRow> Lanes(int splat, int first, string shape, int bits, int width, params string[] signs)
    {
        yield return InstructionRow.Of(Code(splat), shape + ".splat", [width], Vector, (f, x) => f.Vector(Splat(f, f.Extract(x[0], bits - 1, 0))[0], Splat(f, f.Extract(x[0], bits - 1, 0))[1]));
        foreach (var sign in signs)
        {
            yield return new InstructionRow(Code(first++), $"{shape}.extract_lane{sign}", [OperandKind.Lane], [Vector], width, Effects.None, (m, i, x) => sign == "_s"
                ? m.Terms.SignExtend(Lane(m.Terms, x[0], i.Lane, bits), width) : m.Terms.ZeroExtend(Lane(m.Terms, x[0], i.Lane, bits), width)) { LaneBits = bits };
        }

        yield return new InstructionRow(Code(first), shape + ".replace_lane", [OperandKind.Lane], [Vector, width], Vector, Effects.None,
            (m, i, x) => Replace(m.Terms, x[0], i.Lane, m.Terms.Extract(x[1], bits - 1, 0))) { LaneBits = bits };
    }

    private static IEnumerable<InstructionRow> Shifts(int first, string shape) => Opaque(first, Vector, 2, shape, "shl shr_s shr_u").Select(row => row with { Operands = [Vector, 32] });

    private static IEnumerable<InstructionRow> Opaque(int first, int result, int operands, string shape, string names) => names.Split(' ').Select((name, k) =>
        new InstructionRow(Code(first + k), $"{shape}.{name}", [], [.. Enumerable.Repeat(Vector, operands)], result, Effects.Float, (m, i, x) => Opaque(m, i, result, x)) { IsUninterpreted = true });

    private static Term Opaque(IMachine m, FlowInstruction i, int result, Term[] x)
        => m.Terms.Function(FormattableString.Invariant($"vector.{i.Opcode & 0xFFFF:x}.{i.First:x}.{i.Second:x}"), result, x);

    /// <summary>A lane in all places.</summary>
    private static Term[] Splat(TermFactory f, Term lane) => Halves(f, [.. Enumerable.Repeat(lane, 128 / lane.Width)]);

    private static Term[] Halves(TermFactory f, Term[] lanes) => [f.Concatenate(lanes[..(lanes.Length / 2)], 64), f.Concatenate(lanes[(lanes.Length / 2)..], 64)];

    private static Term Lane(TermFactory f, Term vector, int lane, int bits) => f.Extract(vector.Args[lane * bits / 64], (lane * bits % 64) + bits - 1, lane * bits % 64);

    /// <summary>The vector with another lane.</summary>
    private static Term Replace(TermFactory f, Term vector, int lane, Term value)
    {
        var halves = Halves(f, [.. Enumerable.Range(0, 128 / value.Width).Select(k => k == lane ? value : Lane(f, vector, k, value.Width))]);
        return lane * value.Width < 64 ? f.Vector(halves[0], vector.Args[1]) : f.Vector(vector.Args[0], halves[1]);
    }
}
