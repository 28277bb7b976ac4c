using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tests.Stages;

/// <summary>What is valid but has no lowering is refused by the function that uses it, never lowered to something else.</summary>
[TestClass]
public sealed class UnloweredFeatureTests
{
    [TestMethod]
    [DataRow("(func (export \"run\") (drop (v128.not (v128.const i64x2 0 0))))")]
    [DataRow("(global $g (mut v128) (v128.const i64x2 0 0)) (func (export \"run\") (global.set $g (global.get $g)))")]
    [DataRow("(func $v (param v128)) (func (export \"run\") (call $v (v128.const i64x2 0 0)))")]
    [DataRow("(memory 1 1 shared) (func (export \"run\") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0))))")]
    [DataRow("(memory 1 1 shared) (func (export \"run\") (drop (memory.atomic.notify (i32.const 0) (i32.const 0))))")]
    [DataRow("(memory i64 1) (func (export \"run\") (drop (i32.load (i64.const 0))))", DiagnosticId.PULSE4003)]
    [DataRow("(memory 100 (pagesize 1)) (func (export \"run\") (drop (memory.size)))")]
    [DataRow("(table i64 1 funcref) (elem (i64.const 0) func $g) (func $g) (func (export \"run\") (call_indirect (i64.const 0)))")]
    public void A_function_without_lowering_is_named(string text, DiagnosticId id = DiagnosticId.PULSE4002)
    {
        var said = new DiagnosticList();
        var bytes = CoreModule.Parse(new InputFile("f.wat", Encoding.UTF8.GetBytes(text)), said)!.Value;
        Assert.IsNull(ThumbCompiler.Lower(new LowerOptions { Module = new InputFile("f.wasm", bytes), Output = OutputKind.Object }, said));
        Assert.AreEqual(id, said.Single().Id, string.Join('\n', said));
    }

    [TestMethod]
    public void A_function_that_nothing_reaches_needs_no_lowering()
    {
        var said = new DiagnosticList();
        const string Text = "(global v128 (v128.const i64x2 1 2)) (func $v (param v128)) (func (export \"run\") (result i32) (i32.const 1))";
        var bytes = CoreModule.Parse(new InputFile("f.wat", Encoding.UTF8.GetBytes(Text)), said)!.Value;
        Assert.IsNotNull(ThumbCompiler.Lower(new LowerOptions { Module = new InputFile("f.wasm", bytes), Output = OutputKind.Object }, said), string.Join('\n', said));
    }
}
