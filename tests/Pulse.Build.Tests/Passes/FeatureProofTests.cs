using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Tests.Passes;

/// <summary>Whatever a module uses beyond WebAssembly 1.0, all of it is optimised and proved.</summary>
[TestClass]
public sealed class FeatureProofTests
{
    /// <summary>A function that shrinks, and one that nothing keeps.</summary>
    private const string Ordinary = """
        (func $dead (result i32) i32.const 1)
        (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
        (func (export "plain") (param i32) (result i32) (i32.add (i32.const 0) (call $double (i32.sub (local.get 0) (i32.const 0)))))
        """;

    [TestMethod]
    [DataRow("(memory 1) (func (export \"f\") (param i32) (result v128) (i32x4.add (v128.load (local.get 0)) (i32x4.splat (call $double (local.get 0)))))")]
    [DataRow("(memory 1) (func $v (result v128) (v128.const f32x4 1 2 3 nan)) (func (export \"f\") (drop (call $v)) (v128.store8_lane 3 (i32.const 0) (call $v)))")]
    [DataRow("(global $g (export \"g\") (mut v128) (v128.const i64x2 1 2)) (func (export \"f\") (global.set $g (v128.not (global.get $g))))")]
    [DataRow("(global $g (mut v128) (v128.const i64x2 1 2)) (global $h v128 (v128.const i64x2 3 4)) (func (export \"f\") (global.set $g (global.get $h)))")]
    [DataRow("(global $g v128 (global.get $h)) (func (export \"f\") (result v128) (global.get $g))", "(global $h (import \"a\" \"h\") v128)")]
    [DataRow("(func (export \"f\") (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))")]
    [DataRow("(memory 1 2 shared) (func (export \"f\") (result i32) (i32.atomic.rmw.add (i32.const 8) (call $double (i32.const 1))))")]
    [DataRow("(memory 1 2 shared) (func $g (result i32) (i32.load (i32.const 4))) (func (export \"f\") (result i32) atomic.fence (call $g))")]
    [DataRow("(memory i64 1) (data (i64.const 5) \"abc\") (func $g (param i64) (result i32) (i32.load (local.get 0))) (func (export \"f\") (result i32) (call $g (i64.const 3)))")]
    [DataRow("(memory 9 (pagesize 1)) (data (i32.const 5) \"abc\") (func (export \"f\") (result i32) (i32.add (i32.load (i32.const 5)) (memory.size)))")]
    [DataRow("(table i64 2 funcref) (elem (i64.const 0) func $double) (func (export \"f\") (result i32) (call_indirect (param i32) (result i32) (i32.const 3) (i64.const 0)))")]
    [DataRow("(table i64 2 funcref) (table $t 3 funcref) (func (export \"f\") (table.copy 0 $t (i64.const 0) (i32.const 0) (i32.const 0)))")]
    [DataRow("(global $g (export \"g\") i32 (i32.add (global.get $b) (i32.mul (i32.const 3) (i32.const 5))))", "(global $b (import \"a\" \"b\") i32)")]
    [DataRow("(memory (export \"m\") 1) (data (i32.add (i32.const 4) (i32.const 5)) \"abc\")")]
    [DataRow("(table (export \"t\") 9 externref) (elem (offset (i32.add (global.get $b) (i32.const 1))) externref (ref.null extern))", "(global $b (import \"a\" \"b\") i32)")]
    [DataRow("(table $gone 7 funcref) (table $t 3 funcref) (elem (table $t) (i32.const 1) func $double) (func (export \"f\") (result i32) (call_indirect $t (param i32) (result i32) (i32.const 3) (i32.const 1)))")]
    [DataRow("(memory $gone 1) (memory $m 2) (data (memory $m) (i32.const 1) \"abc\") (func (export \"f\") (result i32) (i32.load $m (i32.const 3)))")]
    [DataRow("(table $t 3 funcref) (elem $e func $double) (func (export \"f\") (table.init $t $e (i32.const 1) (i32.const 0) (i32.add (i32.const 1) (i32.const 0))) (elem.drop $e))")]
    [DataRow("(func $next (param i32) (result i32) (return_call $f (i32.sub (call $double (local.get 0)) (i32.const 9)))) (func $f (export \"f\") (param i32) (result i32) (if (i32.eqz (local.get 0)) (then (return (i32.const 1)))) (return_call $next (i32.add (local.get 0) (i32.const 0))))")]
    [DataRow("(table $t 3 funcref) (elem (table $t) (i32.const 1) func $double) (func $last (param i32) (result i32) (return_call_indirect $t (param i32) (result i32) (local.get 0) (local.get 0))) (func (export \"f\") (result i32) (return_call $last (i32.const 2))) (func (export \"g\") (result i32) (i32.add (call $last (i32.const 2)) (i32.const 0)))")]
    public void Every_function_of_a_module_with_the_feature_is_proved(string text, string imports = "")
    {
        var said = new DiagnosticList();
        var bytes = CoreModule.Parse(new InputFile("f.wat", Encoding.UTF8.GetBytes(imports + Ordinary + text)), said)!.Value;
        var result = WasmOptimizer.Optimize(new OptimizeOptions { Module = new InputFile("f.wasm", bytes) }, said);
        Assert.IsNotNull(result, string.Join('\n', said));
        Assert.AreEqual(0, result.Fallbacks, string.Join('\n', said));
        Assert.IsGreaterThan(0, result.Changed);
        var after = ModuleReader.Read(result.Module, "after.wasm");
        Validator.Validate(after, "after.wasm");
        Assert.IsLessThan(ModuleReader.Read(bytes, "before.wasm").Functions.Count, after.Functions.Count, "the dead function is gone");
    }
}
