using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Tests.Ir;

/// <summary>Vectors in memory, globals and choices. Memory holds 00 11 22 … ff at 0, and lanes of <c>v</c> are 1, 2, 3, 4.</summary>
[TestClass]
public sealed class VectorAccessTests
{
    private static Instance Link(string body, string type) => Instance.Create(
        WatParser.Parse(
            $$"""
            (module (memory 1) (data (i32.const 0) "\00\11\22\33\44\55\66\77\88\99\aa\bb\cc\dd\ee\ff")
              (global $v (mut v128) (v128.const i32x4 1 2 3 4))
              (func (export "f") (param i32) {{type}} {{body}}))
            """,
            "test"),
        new Imports());

    [TestMethod]
    [DataRow("(v128.load (local.get 0))", "ffeeddccbbaa99887766554433221100")]
    [DataRow("(v128.load8x8_s offset=4 (local.get 0))", "ffbbffaaff99ff880077006600550044")]
    [DataRow("(v128.load8x8_u offset=4 (local.get 0))", "00bb00aa009900880077006600550044")]
    [DataRow("(v128.load16x4_s offset=4 (local.get 0))", "ffffbbaaffff99880000776600005544")]
    [DataRow("(v128.load32x2_s offset=8 (local.get 0))", "ffffffffffeeddccffffffffbbaa9988")]
    [DataRow("(v128.load32x2_u offset=8 (local.get 0))", "00000000ffeeddcc00000000bbaa9988")]
    [DataRow("(v128.load8_splat offset=1 (local.get 0))", "11111111111111111111111111111111")]
    [DataRow("(v128.load16_splat offset=1 (local.get 0))", "22112211221122112211221122112211")]
    [DataRow("(v128.load64_splat offset=8 (local.get 0))", "ffeeddccbbaa9988ffeeddccbbaa9988")]
    [DataRow("(v128.load32_zero offset=4 (local.get 0))", "00000000000000000000000077665544")]
    [DataRow("(v128.load8_lane offset=15 5 (local.get 0) (global.get $v))", "0000000400000003 0000ff0200000001")]
    [DataRow("(v128.load64_lane 1 (local.get 0) (global.get $v))", "7766554433221100 0000000200000001")]
    [DataRow("(select (global.get $v) (v128.const i32x4 9 9 9 9) (i32.eqz (local.get 0)))", "0000000400000003 0000000200000001")]
    [DataRow("(global.set $v (v128.not (global.get $v))) (global.get $v)", "fffffffbfffffffc fffffffdfffffffe")]
    [DataRow("(local v128) (local.get 1)", "0")]
    public void A_vector_is_read_byte_for_byte(string code, string expected)
    {
        var value = Link(code, "(result v128)").Invoke("f", [RuntimeValue.I32(0)]).Results[0].AsV128;
        Assert.AreEqual(expected.Replace(" ", "", StringComparison.Ordinal), value.ToString(expected.Length > 1 ? "x32" : "x", null));
    }

    [TestMethod]
    [DataRow("(v128.store offset=12 (local.get 0) (global.get $v))", 12, 0x0000000200000001UL, 0x0000000400000003UL)]
    [DataRow("(v128.store8_lane offset=3 4 (local.get 0) (global.get $v))", 0, 0x7766554402221100UL, 0xffeeddccbbaa9988UL)]
    [DataRow("(v128.store32_lane offset=4 3 (local.get 0) (global.get $v))", 0, 0x0000000433221100UL, 0xffeeddccbbaa9988UL)]
    [DataRow("(v128.store64_lane 1 (local.get 0) (global.get $v))", 0, 0x0000000400000003UL, 0xffeeddccbbaa9988UL)]
    public void A_store_writes_its_bytes_and_no_others(string code, int at, ulong low, ulong high)
    {
        var instance = Link(code, "");
        Assert.IsTrue(instance.Invoke("f", [RuntimeValue.I32(0)]).Returned);
        Assert.AreEqual(low, instance.Memories[0].Read((ulong)at, 8));
        Assert.AreEqual(high, instance.Memories[0].Read((ulong)at + 8, 8));
    }

    [TestMethod]
    [DataRow("(drop (v128.load (local.get 0)))")]
    [DataRow("(v128.store (local.get 0) (global.get $v))")]
    [DataRow("(drop (v128.load64_lane offset=8 0 (local.get 0) (global.get $v)))")]
    public void An_access_that_ends_outside_traps_and_writes_nothing(string code)
    {
        var instance = Link(code, "");
        Assert.AreEqual(TrapKind.OutOfBoundsMemory, instance.Invoke("f", [RuntimeValue.I32(65536 - 15)]).Trap);
        Assert.AreEqual(0UL, instance.Memories[0].Read(65536 - 8, 8));
    }
}
