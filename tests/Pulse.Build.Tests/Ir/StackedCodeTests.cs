using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Emission;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Engine.Wasm.Validation;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Ir;

/// <summary>What a producer keeps on the stack, emission keeps there: bodies come back no larger, valid, and with their meaning.</summary>
[TestClass]
public sealed class StackedCodeTests
{
    [TestMethod]
    [DataRow("an if leaves its value", "(i32.mul (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (call $g (i32.const 3))) (else (call $g (local.get 0)))) (i32.const 7))")]
    [DataRow("an if leaves a value that is used again", "(local i32) (i32.mul (local.tee 1 (if (result i32) (local.get 0) (then (call $g (i32.const 3))) (else (call $g (local.get 0))))) (local.get 1))")]
    [DataRow("an if leaves a value for later", "(local i32) (local.set 1 (if (result i32) (i32.eq (local.get 0) (i32.const 2)) (then (i32.const 220)) (else (i32.const 221)))) (drop (call $g (i32.const 1))) (i32.add (local.get 1) (local.get 1))")]
    [DataRow("an else is an if", "(i32.add (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (call $g (i32.const 3))) (else (if (result i32) (i32.gt_s (local.get 0) (i32.const 50)) (then (call $g (local.get 0))) (else (i32.const 9))))) (i32.const 7))")]
    [DataRow("an arm returns", "(i32.add (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (call $g (i32.const 3))) (else (if (local.get 0) (then (return (i32.const 4)))) (call $g (i32.const 9)))) (i32.const 7))")]
    [DataRow("an arm is a loop without end", "(i32.add (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (call $g (i32.const 3))) (else (loop (if (i32.eqz (local.tee 0 (i32.shr_u (local.get 0) (i32.const 1)))) (then (return (i32.const 4)))) (drop (call $g (local.get 0))) (br 0)) (unreachable))) (i32.const 7))")]
    [DataRow("a block leaves its value", "(i32.mul (block (result i32) (if (local.get 0) (then (drop (call $g (i32.const 1))) (br 1 (call $g (i32.const 3))))) (call $g (local.get 0))) (i32.const 7))")]
    [DataRow("a branch takes a constant along", "(i32.mul (block (result i32) (drop (br_if 0 (i32.const 1) (i32.eq (call $g (i32.const 2)) (local.get 0)))) (drop (br_if 0 (i32.const 2) (i32.gt_s (call $g (local.get 0)) (i32.const 50)))) (call $g (i32.const 4))) (i32.const 7))")]
    [DataRow("a branch out of a loop takes a constant along", "(local i32) (i32.mul (block (result i32) (loop (drop (br_if 1 (i32.const 77) (i32.gt_s (call $g (local.get 1)) (local.get 0)))) (br_if 0 (i32.lt_s (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 9)))) (call $g (i32.const 1))) (i32.const 7))")]
    [DataRow("a branch over a loop takes a constant along", "(local i32) (i32.mul (block (result i32) (drop (br_if 0 (i32.const 77) (i32.gt_s (call $g (i32.const 1)) (local.get 0)))) (loop (br_if 0 (i32.lt_s (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (call $g (i32.const 9)))) (drop (br_if 1 (i32.const 78) (i32.gt_s (call $g (local.get 1)) (local.get 0)))) (br_if 0 (i32.lt_s (call $g (local.get 1)) (local.get 0)))) (call $g (i32.const 1))) (i32.const 7))")]
    [DataRow("a value lies under a result", "(i32.sub (local.get 0) (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (call $g (i32.const 3))) (else (call $g (i32.const 5)))))")]
    [DataRow("values lie under the result of a block", "(i32.sub (local.get 0) (i32.add (i32.const 77) (block (result i32) (if (local.get 0) (then (drop (call $g (i32.const 1))) (br 1 (call $g (i32.const 3))))) (call $g (local.get 0)))))")]
    [DataRow("a call lies under an if", "(call $g (local.get 0)) (if (local.get 0) (then (drop (call $g (i32.const 1)))))")]
    [DataRow("a value lies under a loop and is used again", "(local i32) (local.tee 1 (call $g (local.get 0))) (loop (br_if 0 (i32.gt_s (call $g (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))) (i32.const 0)))) (i32.mul (local.get 1))")]
    [DataRow("values lie under one another", "(call $g (i32.const 1)) (call $g (i32.const 2)) (call $g (i32.const 3)) (global.set 0 (i32.add (global.get 0) (i32.const 1))) (i32.mul) (i32.sub)")]
    [DataRow("several results are taken in order", "(call $two (local.get 0)) (i32.sub)")]
    [DataRow("a result that nothing uses lies under another", "(call $two (local.get 0)) (call $g) (global.set 0) (drop) (global.get 0)")]
    [DataRow("a loop starts with copies", "(local i32 i32) (local.set 1 (local.tee 2 (call $g (local.get 0)))) (loop (drop (call $g (local.tee 1 (i32.shr_u (local.get 1) (i32.const 1))))) (br_if 0 (local.get 1))) (i32.add (local.get 1) (local.get 2))")]
    [DataRow("a copy of nothing but zero", "(local f64 f64) (loop (local.set 1 (select (f64.convert_i32_s (local.get 0)) (f64.const 0) (i32.and (local.get 0) (i32.const 1)))) (local.set 2 (f64.add (local.get 2) (local.get 1))) (br_if 0 (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (i32.const 0)))) (i32.trunc_sat_f64_s (local.get 2))")]
    public void What_is_kept_on_the_stack_stays_there(string shape, string code)
    {
        var before = ModuleWriter.Write(WatParser.Parse($$"""
            (module
              (global (export "g") (mut i32) (i32.const 0))
              (func (export "f") (param i32) (result i32) {{code}})
              (func $g (param i32) (result i32) (global.set 0 (i32.add (i32.mul (global.get 0) (i32.const 31)) (local.get 0))) (i32.xor (local.get 0) (i32.const 5)))
              (func $two (param i32) (result i32 i32) (local.get 0) (call $g (local.get 0))))
            """, shape));
        var program = ProgramReader.Read(ModuleReader.Read(before, shape));
        var original = program.Module.Functions[0].Body!;
        Assert.IsEmpty(SsaToWasm.Problems(program.Body(new FuncIndex(0))!, program.Module));
        Assert.IsLessThanOrEqualTo(BodySize.Of(original), BodySize.Of(SsaToWasm.Convert(program.Body(new FuncIndex(0))!, program.Module)));

        program.MarkChanged(new FuncIndex(0));
        var emitted = ProgramWriter.Write(program);
        Validator.Require(emitted, "emitted");
        var after = ModuleWriter.Write(emitted);
        foreach (var argument in new[] { 0, 1, 2, 3, 7, 100 })
        {
            Assert.AreEqual(Behaviour.Observe(before, "f", [RuntimeValue.I32(argument)]), Behaviour.Observe(after, "f", [RuntimeValue.I32(argument)]), $"{argument}");
        }
    }
}
