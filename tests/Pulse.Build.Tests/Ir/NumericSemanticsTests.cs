using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Ir;

[TestClass]
public sealed class NumericSemanticsTests
{
    [TestMethod]
    [DataRow("i32.shl", 1UL, 33UL, 2UL, DisplayName = "a count counts modulo the width")]
    [DataRow("i32.shr_s", 0x8000_0000UL, 31UL, 0xFFFF_FFFFUL)]
    [DataRow("i32.rem_s", 0x8000_0000UL, 0xFFFF_FFFFUL, 0UL)]
    [DataRow("i64.rotr", 1UL, 1UL, 1UL << 63)]
    [DataRow("i32.lt_s", 0xFFFF_FFFFUL, 0UL, 1UL)]
    [DataRow("i32.lt_u", 0xFFFF_FFFFUL, 0UL, 0UL)]
    [DataRow("f32.min", 0x8000_0000UL, 0UL, 0x8000_0000UL, DisplayName = "-0 is below +0")]
    [DataRow("f32.add", 0x7F80_0001UL, 0UL, 0x7FC0_0000UL, DisplayName = "a NaN result is canonical")]
    public void Two_operands(string mnemonic, ulong a, ulong b, ulong expected) => Expect(mnemonic, [a, b], expected);

    [TestMethod]
    [DataRow("i64.extend_i32_s", 0x8000_0000UL, 0xFFFF_FFFF_8000_0000UL)]
    [DataRow("i32.extend8_s", 0x1FFUL, 0xFFFF_FFFFUL)]
    [DataRow("f32.convert_i64_u", 0x20000020000001UL, 0x5A000001UL, DisplayName = "rounds once, upwards from just above half")]
    [DataRow("f32.convert_i64_s", 0xFFDFFFFFDFFFFFFFUL, 0xDA000001UL)]
    [DataRow("f64.convert_i64_u", 0xFFFF_FFFF_FFFF_FFFFUL, 0x43F0_0000_0000_0000UL)]
    [DataRow("i32.trunc_sat_f32_s", 0x7FC0_0000UL, 0UL)]
    [DataRow("i64.trunc_sat_f64_u", 0x4400_0000_0000_0000UL, ulong.MaxValue)]
    [DataRow("f64.nearest", 0xBFE0_0000_0000_0000UL, 0x8000_0000_0000_0000UL, DisplayName = "-0.5 rounds to -0")]
    public void One_operand(string mnemonic, ulong a, ulong expected) => Expect(mnemonic, [a], expected);

    [TestMethod]
    [DataRow("i32.div_s", 1UL, 0UL, TrapKind.IntegerDivideByZero)]
    [DataRow("i32.div_s", 0x8000_0000UL, 0xFFFF_FFFFUL, TrapKind.IntegerOverflow)]
    [DataRow("i64.rem_u", 1UL, 0UL, TrapKind.IntegerDivideByZero)]
    public void Traps(string mnemonic, ulong a, ulong b, object kind)
    {
        Assert.IsTrue(NumericSemantics.TryRun(Find(mnemonic), [a, b], out _, out var trap));
        Assert.AreEqual(kind, trap);
        Assert.IsFalse(ConstantFolding.TryEvaluate(Find(mnemonic), [a, b], out _));
    }

    [TestMethod]
    [DataRow("i32.trunc_f32_s", 0x4F00_0000UL, TrapKind.IntegerOverflow)]
    [DataRow("i32.trunc_f32_u", 0xBF80_0000UL, TrapKind.IntegerOverflow)]
    [DataRow("i64.trunc_f64_s", 0x7FF8_0000_0000_0000UL, TrapKind.InvalidConversion)]
    public void Truncation_traps(string mnemonic, ulong a, object kind)
    {
        Assert.IsTrue(NumericSemantics.TryRun(Find(mnemonic), [a], out _, out var trap));
        Assert.AreEqual(kind, trap);
    }

    [TestMethod]
    public void Every_numeric_row_has_semantics()
    {
        foreach (var row in Opcodes.Rows.Where(r => (r.Feature & (WasmFeatures.Simd | WasmFeatures.RelaxedSimd)) == 0 && !r.IsCustom && r.AccessBytes == 0 && r.Pops.Length > 0 && (r.Effects & ~Effects.Traps) == 0))
        {
            var operands = row.Pops.Select(_ => 1UL).ToArray();
            Assert.IsTrue(NumericSemantics.TryRun(row.Opcode, operands, out _, out _), row.Mnemonic);
        }
    }

    private static void Expect(string mnemonic, ulong[] operands, ulong expected)
    {
        Assert.IsTrue(ConstantFolding.TryEvaluate(Find(mnemonic), operands, out var bits));
        Assert.AreEqual(expected, bits, $"0x{bits:x}");
    }

    private static Opcode Find(string mnemonic) => Opcodes.Rows.Single(r => r.Mnemonic == mnemonic).Opcode;
}
