using System.Buffers.Binary;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Ir;

/// <summary>Vectors are written as bytes in memory order: the first two digits are lane 0's lowest byte. Short ones end in zeros.</summary>
[TestClass]
public sealed class VectorSemanticsTests
{
    [TestMethod]
    public void Every_vector_row_without_memory_has_semantics_and_every_other_row_has_none()
    {
        foreach (var row in Opcodes.Rows)
        {
            var expected = row.Feature is WasmFeatures.Simd or WasmFeatures.RelaxedSimd && row.AccessBytes == 0;
            Assert.AreEqual(expected, VectorSemantics.Covers(row), row.Mnemonic);
            Assert.AreEqual(expected, VectorSemantics.TryRun(row.Opcode, new UInt128[3], 0, out _), row.Mnemonic);
        }
    }

    [TestMethod]
    public void No_result_exceeds_its_type()
    {
        foreach (var row in Opcodes.Rows.Where(VectorSemantics.Covers))
        {
            foreach (var operand in new[] { UInt128.Zero, UInt128.MaxValue, UInt128.MaxValue / 3, UInt128.MaxValue / 255 * 128, UInt128.One << 127 })
            {
                UInt128[] operands = [.. row.Pops.Select(type => type == ValType.V128 ? operand : operand & ((UInt128.One << type.Bits()) - 1))];
                Assert.IsTrue(VectorSemantics.TryRun(row.Opcode, operands, 1, out var result), row.Mnemonic);
                Assert.IsTrue(row.Pushes[0] == ValType.V128 || result >> row.Pushes[0].Bits() == 0, $"{row.Mnemonic} of {operand:x}");
            }
        }
    }

    [TestMethod]
    [DataRow("i8x16.add_sat_s", "7f8001", "01ff01", "7f8002")]
    [DataRow("i8x16.add_sat_u", "ff8001", "017f01", "ffff02")]
    [DataRow("i8x16.sub_sat_s", "807f00", "01ff80", "807f7f")]
    [DataRow("i8x16.sub_sat_u", "0080ff", "01ff01", "0000fe")]
    [DataRow("i16x8.add_sat_s", "ff7f0080", "0100ffff", "ff7f0080")]
    [DataRow("i16x8.sub_sat_u", "00000100", "0100ffff", "00000000")]
    [DataRow("i8x16.add", "ff7f", "0101", "0080")]
    [DataRow("i64x2.sub", "0000000000000000", "0100000000000000", "ffffffffffffffff")]
    [DataRow("i64x2.mul", "00000000000000800300000000000000", "ffffffffffffffffffffffffffffffff", "0000000000000080fdffffffffffffff")]
    [DataRow("i16x8.mul", "ff7f0080", "0200ffff", "feff0080")]
    [DataRow("i8x16.avgr_u", "80ff00", "80fe01", "80ff01", DisplayName = "avgr_u takes -128 as 128 and rounds halves up")]
    [DataRow("i16x8.avgr_u", "00800000", "ffff0100", "00c00100")]
    [DataRow("i8x16.min_s", "80ff7f", "7f0080", "80ff80")]
    [DataRow("i8x16.max_u", "80ff7f", "7f0080", "80ff80")]
    [DataRow("i32x4.max_s", "00000080", "ffffff7f", "ffffff7f")]
    [DataRow("i32x4.min_u", "00000080", "ffffff7f", "ffffff7f")]
    [DataRow("i16x8.q15mulr_sat_s", "0080008000400100", "0080ff7f00400040", "ff7f018000200100", DisplayName = "q15mulr_sat_s: only -1 × -1 saturates; halves round up")]
    [DataRow("i8x16.lt_s", "80ff00", "00ff80", "ff0000")]
    [DataRow("i8x16.lt_u", "80ff00", "00ff80", "0000ff")]
    [DataRow("i64x2.ge_s", "0000000000000080ffffffffffffffff", "0000000000000000feffffffffffffff", "0000000000000000ffffffffffffffff")]
    [DataRow("i16x8.ne", "00010000", "00000000", "ffff0000")]
    [DataRow("i8x16.narrow_i16x8_s", "800080ff7f00ff7f0080", "0001", "7f807f7f800000007f", DisplayName = "narrow saturates signed lanes")]
    [DataRow("i8x16.narrow_i16x8_u", "ff000001ffff", "0080", "ffff0000000000000000")]
    [DataRow("i16x8.narrow_i32x4_s", "0080000000000080ffffff7f", "ffff0000", "ff7f0080ff7f0000ff7f")]
    [DataRow("i16x8.narrow_i32x4_u", "ffff000000000080ffffff7f", "ffffffff", "ffff0000ffff00000000")]
    [DataRow("i16x8.extmul_low_i8x16_s", "80ff", "8001", "0040ffff")]
    [DataRow("i16x8.extmul_high_i8x16_u", "0000000000000000ff02", "0000000000000000ff80", "01fe0001")]
    [DataRow("i64x2.extmul_low_i32x4_u", "ffffffff", "ffffffff", "01000000feffffff")]
    [DataRow("i64x2.extmul_low_i32x4_s", "00000080", "00000080", "0000000000000040")]
    [DataRow("i32x4.dot_i16x8_s", "00800080ff7fff7f", "00800080ff7f0100", "000000800080ff3f", DisplayName = "dot_i16x8_s wraps where all operands are -32768")]
    public void Two_operands_of_integer_lanes(string mnemonic, string a, string b, string expected) => Expect(mnemonic, [Vector(a), Vector(b)], expected);

    [TestMethod]
    [DataRow("i8x16.abs", "807fff", "807f01", DisplayName = "abs of the least value is itself")]
    [DataRow("i64x2.abs", "0000000000000080ffffffffffffffff", "00000000000000800100000000000000")]
    [DataRow("i32x4.neg", "0000008001000000", "00000080ffffffff")]
    [DataRow("i8x16.popcnt", "ff8000", "080100")]
    [DataRow("i16x8.extend_low_i8x16_s", "807f", "80ff7f00")]
    [DataRow("i16x8.extend_high_i8x16_u", "0000000000000000ff", "ff00")]
    [DataRow("i64x2.extend_high_i32x4_s", "000000000000000000000080ffffff7f", "00000080ffffffffffffff7f00000000")]
    [DataRow("i16x8.extadd_pairwise_i8x16_s", "80807fff", "00ff7e00")]
    [DataRow("i16x8.extadd_pairwise_i8x16_u", "ffff80ff", "fe017f01")]
    [DataRow("i32x4.extadd_pairwise_i16x8_s", "00800080", "0000ffff")]
    [DataRow("v128.not", "", "ffffffffffffffffffffffffffffffff")]
    public void One_operand_of_integer_lanes(string mnemonic, string a, string expected) => Expect(mnemonic, [Vector(a)], expected);

    [TestMethod]
    [DataRow("i8x16.shl", "81", 9U, "02", DisplayName = "a count counts modulo the lane's width")]
    [DataRow("i8x16.shr_s", "8040", 255U, "ff00")]
    [DataRow("i8x16.shr_u", "80", 7U, "01")]
    [DataRow("i16x8.shr_s", "0080", 16U, "0080")]
    [DataRow("i32x4.shr_u", "00000080", 31U, "01")]
    [DataRow("i64x2.shl", "01000000000000000300000000000000", 127U, "00000000000000800000000000000080")]
    [DataRow("i64x2.shr_s", "0000000000000080", 63U, "ffffffffffffffff")]
    public void Shifts(string mnemonic, string a, uint count, string expected) => Expect(mnemonic, [Vector(a), count], expected);

    [TestMethod]
    [DataRow("v128.any_true", "", 0U)]
    [DataRow("v128.any_true", "00000000000000000000000000000001", 1U)]
    [DataRow("i8x16.all_true", "01010101010101010101010101010101", 1U)]
    [DataRow("i8x16.all_true", "01010101010101010101010101010100", 0U)]
    [DataRow("i16x8.all_true", "01000100010001000100010001000001", 1U)]
    [DataRow("i64x2.all_true", "00000000000000010000000000000000", 0U)]
    [DataRow("i8x16.bitmask", "807fff00000000000000000000000080", 0x8005U)]
    [DataRow("i16x8.bitmask", "00808000000000000000000000000080", 0x81U)]
    [DataRow("i32x4.bitmask", "00000080000000000000000000000080", 0x9U)]
    [DataRow("i64x2.bitmask", "ffffffffffffff7f0000000000000080", 0x2U)]
    public void Tests_of_a_vector(string mnemonic, string a, uint expected)
    {
        Assert.IsTrue(VectorSemantics.TryRun(Find(mnemonic), [Vector(a)], 0, out var result));
        Assert.AreEqual<UInt128>(expected, result);
    }

    [TestMethod]
    [DataRow("f32x4.min", "0000008000000000", "0000000000000080", "0000008000000080", DisplayName = "min: -0 is below +0")]
    [DataRow("f32x4.max", "0000008000000000", "0000000000000080", "0000000000000000")]
    [DataRow("f32x4.min", "0100807f0000803f", "0000803f0100a07f", "0000c07f0000c07f", DisplayName = "min of a NaN is canonical")]
    [DataRow("f32x4.pmin", "0000008000000000", "0000000000000080", "0000008000000000", DisplayName = "pmin keeps the first zero")]
    [DataRow("f32x4.pmax", "0000008000000000", "0000000000000080", "0000008000000000")]
    [DataRow("f32x4.pmin", "0100807f0000803f", "0000803f0100a07f", "0100807f0000803f", DisplayName = "pmin keeps the first operand at a NaN, bits and all")]
    [DataRow("f64x2.pmax", "000000000000f03f", "0000000000000040", "0000000000000040")]
    [DataRow("f32x4.div", "00000000000080bf", "0000000000000080", "0000c07f0000807f0000c07f0000c07f", DisplayName = "0 / 0 is the canonical NaN, -1 / -0 is infinity")]
    [DataRow("f32x4.add", "ffffff7e000080ff", "ffffff7e0000807f", "ffff7f7f0000c07f")]
    [DataRow("f64x2.mul", "ffffffffffffef7f", "0000000000000040", "000000000000f07f")]
    [DataRow("f32x4.eq", "00000080ffffffff", "00000000ffffffff", "ffffffff00000000ffffffffffffffff")]
    [DataRow("f64x2.ne", "000000000000f87f", "000000000000f87f", "ffffffffffffffff0000000000000000")]
    [DataRow("f64x2.le", "00000000000000800000000000000840", "0000000000000000000000000000f87f", "ffffffffffffffff0000000000000000")]
    public void Two_operands_of_float_lanes(string mnemonic, string a, string b, string expected) => Expect(mnemonic, [Vector(a), Vector(b)], expected);

    [TestMethod]
    [DataRow("f32x4.nearest", "0000003f0000c03f000020400000003f", "00000000000000400000004000000000", DisplayName = "0.5, 1.5 and 2.5 go to the even")]
    [DataRow("f64x2.nearest", "000000000000e0bf0000000000000c40", "00000000000000800000000000001040", DisplayName = "-0.5 goes to -0, 3.5 to 4")]
    [DataRow("f32x4.ceil", "cdccccbd", "00000080")]
    [DataRow("f32x4.floor", "cdccccbd", "000080bf")]
    [DataRow("f64x2.trunc", "cdccccccccccecbf", "0000000000000080")]
    [DataRow("f32x4.sqrt", "000080bf0000008000008040", "0000c07f0000008000000040")]
    [DataRow("f32x4.abs", "010080ff", "0100807f", DisplayName = "abs keeps a NaN's payload")]
    [DataRow("f64x2.neg", "010000000000f07f", "010000000000f0ff0000000000000080")]
    [DataRow("i32x4.trunc_sat_f32x4_s", "0000004f000000cf0000c07f6666e6bf", "ffffff7f0000008000000000ffffffff")]
    [DataRow("i32x4.trunc_sat_f32x4_u", "0000804f000080bf0000c07f0000004f", "ffffffff000000000000000000000080")]
    [DataRow("i32x4.trunc_sat_f64x2_s_zero", "000000000000f0ff0000c0ffffffdf41", "00000080ffffff7f0000000000000000", DisplayName = "the upper lanes are zero")]
    [DataRow("i32x4.trunc_sat_f64x2_u_zero", "000000000000f07f000000000000f8ff", "ffffffff000000000000000000000000")]
    [DataRow("f32x4.convert_i32x4_s", "ffffff7f00000080", "0000004f000000cf")]
    [DataRow("f32x4.convert_i32x4_u", "ffffffff81000001", "0000804f4000804b", DisplayName = "rounds to the nearest")]
    [DataRow("f64x2.convert_low_i32x4_s", "00000080ffffffff0100000001000000", "000000000000e0c1000000000000f0bf")]
    [DataRow("f64x2.convert_low_i32x4_u", "00000080ffffffff", "000000000000e0410000e0ffffffef41")]
    [DataRow("f32x4.demote_f64x2_zero", "000000000000e03f010000000000f0ff", "0000003f0000c07f", DisplayName = "a NaN result of demote is canonical")]
    [DataRow("f64x2.promote_low_f32x4", "010000000100807f0000803f", "000000000000a036000000000000f87f")]
    public void One_operand_of_float_lanes(string mnemonic, string a, string expected) => Expect(mnemonic, [Vector(a)], expected);

    [TestMethod]
    [DataRow("i8x16.splat", 0x1FFU, "ffffffffffffffffffffffffffffffff")]
    [DataRow("i16x8.splat", 0x12345U, "45234523452345234523452345234523")]
    [DataRow("f32x4.splat", 0x7FA00001U, "0100a07f0100a07f0100a07f0100a07f", DisplayName = "a NaN is splatted as it is")]
    public void Splats(string mnemonic, uint scalar, string expected) => Expect(mnemonic, [scalar], expected);

    [TestMethod]
    [DataRow("i8x16.extract_lane_s", "0080", 1, "80ffffff")]
    [DataRow("i8x16.extract_lane_u", "0080", 1, "80")]
    [DataRow("i16x8.extract_lane_s", "00000080", 1, "0080ffff")]
    [DataRow("i32x4.extract_lane", "000000000000000000000000efbeadde", 3, "efbeadde")]
    [DataRow("f64x2.extract_lane", "0000000000000000010000000000f07f", 1, "010000000000f07f")]
    public void Lanes_out(string mnemonic, string a, int lane, string expected) => Expect(mnemonic, [Vector(a)], expected, (UInt128)lane);

    [TestMethod]
    [DataRow("i8x16.replace_lane", 15, 0x1FFU, "000000000000000000000000000000ff")]
    [DataRow("i16x8.replace_lane", 0, 0x12345U, "4523")]
    [DataRow("f32x4.replace_lane", 2, 0x7FA00001U, "00000000000000000100a07f")]
    public void Lanes_in(string mnemonic, int lane, uint scalar, string expected) => Expect(mnemonic, [0, scalar], expected, (UInt128)lane);

    [TestMethod]
    public void Shuffle_takes_lanes_of_both_operands_and_a_constant_is_its_bytes()
    {
        Expect("i8x16.shuffle", [Vector("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"), Vector("b0b1b2b3b4b5b6b7b8b9babbbcbdbebf")], "a0b0afbfa0a0a0a0a0a0a0a0a0a0a0a0", Vector("00100f1f"));
        Expect("v128.const", [], "0102030405060708090a0b0c0d0e0f10", Vector("0102030405060708090a0b0c0d0e0f10"));
    }

    [TestMethod]
    [DataRow("i8x16.swizzle")]
    [DataRow("i8x16.relaxed_swizzle")]
    public void Swizzle_gives_zero_for_an_index_beyond(string mnemonic) =>
        Expect(mnemonic, [Vector("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"), Vector("0f10ff8002")], "af000000a2a0a0a0a0a0a0a0a0a0a0a0");

    [TestMethod]
    [DataRow("v128.bitselect")]
    [DataRow("i16x8.relaxed_laneselect")]
    public void A_mask_selects_bit_by_bit(string mnemonic) => Expect(mnemonic, [Vector("ffff0000"), Vector("0000ffff"), Vector("0f80f0ff")], "0f800f00");

    [TestMethod]
    [DataRow("f32x4.relaxed_min", "0000c0ff00000080", "0000803f00000000", "0000c07f00000080")]
    [DataRow("i32x4.relaxed_trunc_f32x4_u", "0000804f", null, "ffffffff")]
    [DataRow("i32x4.relaxed_trunc_f64x2_s_zero", "000000000000f8ff000000000000f0ff", null, "0000000000000080")]
    [DataRow("i16x8.relaxed_q15mulr_s", "0080", "0080", "ff7f")]
    [DataRow("i16x8.relaxed_dot_i8x16_i7x16_s", "8080ff7f", "80800180", "ff7f7fc0", DisplayName = "both operands are signed, the sum saturates")]
    public void Relaxed_instructions_follow_the_deterministic_profile(string mnemonic, string a, string? b, string expected) =>
        Expect(mnemonic, b is null ? [Vector(a)] : [Vector(a), Vector(b)], expected);

    [TestMethod]
    [DataRow("f32x4.relaxed_madd", "0100803f", "0100803f", "020080bf", "00000000", DisplayName = "madd rounds the product, then the sum")]
    [DataRow("f32x4.relaxed_nmadd", "0100803f", "0100803f", "0200803f", "00000000")]
    [DataRow("i32x4.relaxed_dot_i8x16_i7x16_add_s", "80808080", "80808080", "01000000", "ffff0000", DisplayName = "each pair of products saturates before the sum")]
    public void Relaxed_instructions_of_three_operands(string mnemonic, string a, string b, string c, string expected) =>
        Expect(mnemonic, [Vector(a), Vector(b), Vector(c)], expected);

    private static void Expect(string mnemonic, UInt128[] operands, string expected, UInt128 immediate = default)
    {
        Assert.IsTrue(VectorSemantics.TryRun(Find(mnemonic), operands, immediate, out var result));
        Assert.AreEqual(Vector(expected), result, $"0x{result:x}");
    }

    private static UInt128 Vector(string bytes)
    {
        var all = new byte[16];
        Convert.FromHexString(bytes).CopyTo(all, 0);
        return BinaryPrimitives.ReadUInt128LittleEndian(all);
    }

    private static Opcode Find(string mnemonic) => Opcodes.Rows.Single(row => row.Mnemonic == mnemonic).Opcode;
}
