using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Emission;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Verification;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Ir;

/// <summary>Modules behave the same after a round trip through SSA form: results, traps, memory, globals and calls of the host.</summary>
[TestClass]
public sealed class RoundTripTests
{
    private const int Seeds = 150;

    [TestMethod]
    public void Generated_modules_behave_the_same_after_a_round_trip()
    {
        var returned = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var bytes = new byte[50 + (seed * 7)];
            new Random(seed).NextBytes(bytes);
            var before = ModuleWriter.Write(ModuleGenerator.Generate(bytes));
            var after = Emitted(before);
            var original = ModuleReader.Read(before, "before");
            for (var function = 0; function < original.Functions.Count - ModuleGenerator.Imports; function++)
            {
                var type = original.TypeOf(new FuncIndex(function + ModuleGenerator.Imports));
                var arguments = Behaviour.Arguments(type, seed);
                var (expected, actual) = (Behaviour.Observe(before, $"f{function}", arguments), Behaviour.Observe(after, $"f{function}", arguments));
                if (expected == Behaviour.NoFuel || actual == Behaviour.NoFuel)
                {
                    continue;
                }

                Assert.AreEqual(expected, actual, $"seed {seed}, function {function}");
                returned += expected.StartsWith("returned", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        Assert.IsGreaterThan(Seeds / 4, returned, "most generated functions trap or run out of fuel: the test sees too little");
    }

    [TestMethod]
    [DataRow("block result", "(func (export \"f\") (param i32) (result i32) (block (result i32) (br_if 0 (i32.const 5) (local.get 0)) (drop) (i32.const 6)))")]
    [DataRow("multi-value block", "(func (export \"f\") (param i32) (result i32) (i32.const 1) (i32.const 2) (block (param i32 i32) (result i32 i32) (br_if 0 (local.get 0)) (i32.add) (i32.const 9)) (i32.sub))")]
    [DataRow("if without else passes its operands", "(func (export \"f\") (param i32) (result i32) (i32.const 3) (if (param i32) (result i32) (local.get 0) (then (i32.const 4) (i32.add))))")]
    [DataRow("loop with parameters", "(func (export \"f\") (param i32) (result i32) (i32.const 3) (loop (param i32) (result i32) (i32.const 2) (i32.mul) (local.tee 0) (br_if 0 (i32.lt_s (local.get 0) (i32.const 100)))))")]
    [DataRow("br_table with a value", "(func (export \"f\") (param i32) (result i32) (block (result i32) (block (result i32) (br_table 0 1 0 (i32.const 7) (local.get 0))) (i32.const 1) (i32.add)))")]
    [DataRow("swap in a loop", "(func (export \"f\") (param i32) (result i32) (local i32 i32 i32) (local.set 1 (i32.const 1)) (loop (local.set 3 (local.get 1)) (local.set 1 (local.get 2)) (local.set 2 (local.get 3)) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.sub (local.get 1) (local.get 2)))")]
    [DataRow("return from nested blocks", "(func (export \"f\") (param i32) (result i32) (block (loop (br_if 1 (local.get 0)) (return (i32.const 8)))) (i32.const 9))")]
    [DataRow("endless loop is left by return only", "(func (export \"f\") (param i32) (result i32) (loop (result i32) (if (local.get 0) (then (return (local.get 0)))) (local.set 0 (i32.const 4)) (br 0)))")]
    [DataRow("unreachable code is dropped", "(func (export \"f\") (param i32) (result i32) (block (br 0) (drop (i32.add)) (unreachable)) (local.get 0) (return) (i32.const 1) (block (result i32) (i32.const 2)) (drop))")]
    [DataRow("dead load traps", "(memory 1) (func (export \"f\") (param i32) (result i32) (drop (i32.load (i32.mul (local.get 0) (i32.const 65536)))) (i32.const 1))")]
    [DataRow("load before store", "(memory 1) (func (export \"f\") (param i32) (result i32) (local i32) (local.set 1 (i32.load (i32.const 0))) (i32.store (i32.const 0) (local.get 0)) (i32.sub (local.get 1) (i32.load (i32.const 0))))")]
    [DataRow("multi-value call", "(func $p (param i32) (result i32 i64) (local.get 0) (i64.const 3)) (func (export \"f\") (param i32) (result i32) (call $p (local.get 0)) (i32.wrap_i64) (i32.sub))")]
    [DataRow("tail call", "(func $p (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))) (func (export \"f\") (param i32) (result i32) (return_call $p (local.get 0)))")]
    [DataRow("references", "(table 2 funcref) (func $p (result i32) (i32.const 1)) (elem declare func $p) (func (export \"f\") (param i32) (result i32) (table.set (local.get 0) (select (result funcref) (ref.func $p) (ref.null func) (local.get 0))) (ref.is_null (table.get (local.get 0))))")]
    [DataRow("locals start at zero in each round", "(func (export \"f\") (param i32) (result i32) (local i32) (if (local.get 0) (then (local.set 1 (i32.const 2)))) (local.get 1))")]
    [DataRow("an unused parameter is not zero", "(func (export \"f\") (param i32) (result i32) (local i32) (loop (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 9)))) (local.get 1))")]
    [DataRow("a value of the round before", "(func (export \"f\") (param i32) (result i32) (local i32) (loop (local.set 1 (local.get 0)) (local.set 0 (i32.shr_u (local.get 0) (i32.const 1))) (br_if 0 (local.get 0))) (local.get 1))")]
    [DataRow("the same constants on several ways", "(func (export \"f\") (param i32) (result i32) (local i32) (local.set 1 (i32.const 7)) (block (br_if 0 (i32.eqz (local.get 0))) (local.set 1 (i32.const 5)) (br_if 0 (i32.eq (local.get 0) (i32.const 1))) (local.set 1 (i32.const 7)) (br_if 0 (i32.eq (local.get 0) (i32.const 2))) (local.set 1 (i32.const 5))) (local.get 1))")]
    [DataRow("the same call on several ways", "(global $g (mut i32) (i32.const 0)) (func $p (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)) (func (export \"f\") (param i32) (result i32) (local i32) (if (local.get 0) (then (local.set 1 (call $p))) (else (drop (call $p)) (local.set 1 (call $p)))) (i32.add (local.get 1) (call $p)))")]
    [DataRow("the same global on several ways", "(global $g (mut i32) (i32.const 4)) (func (export \"f\") (param i32) (result i32) (local i32) (if (local.get 0) (then (global.set $g (i32.const 1)) (local.set 1 (global.get $g))) (else (global.set $g (i32.const 2)) (local.set 1 (global.get $g)))) (local.get 1))")]
    [DataRow("an edge makes values after it passed one", "(memory 1) (func (export \"f\") (param i32) (result i32) (local i32 i32 i32 i32) (if (local.get 0) (then (local.set 1 (i32.add (i32.load (i32.const 8)) (local.get 0))) (local.set 3 (select (i32.const 43) (i32.const 900) (local.tee 4 (i32.and (local.get 1) (i32.const 2))))) (local.set 2 (i32.add (i32.shr_u (local.get 4) (i32.const 1)) (local.get 0)))) (else (local.set 1 (i32.load (i32.const 12))) (local.set 2 (i32.const 800)) (local.set 3 (i32.const 45)))) (i32.sub (i32.mul (local.get 1) (i32.const 5)) (i32.mul (local.get 2) (local.get 3))))")]
    [DataRow("vectors through locals, blocks and loops", "(memory 1) (func $p (param v128 i32) (result v128 i32) (i32x4.add (local.get 0) (i32x4.splat (local.get 1))) (local.get 1)) (func (export \"f\") (param i32) (result i32) (local v128 v128) (loop (local.set 1 (block (result v128) (br_if 0 (local.get 2) (i32.eqz (local.get 0))) (drop) (call $p (local.get 1) (local.get 0)) (drop))) (v128.store (i32.const 16) (local.get 1)) (local.set 2 (i8x16.shuffle 0 17 2 3 20 5 6 7 8 9 26 11 12 13 14 15 (local.get 1) (local.get 2))) (br_if 0 (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (i32.const 0)))) (i32.add (i32x4.extract_lane 3 (local.get 1)) (i8x16.extract_lane_s 4 (local.get 2))))")]
    [DataRow("a vector constant keeps its NaN", "(memory 1) (global $g (mut v128) (v128.const i64x2 1 2)) (func (export \"f\") (param i32) (result i32) (global.set $g (v128.const f32x4 nan:0x200001 -nan 0 -0)) (if (local.get 0) (then (global.set $g (select (v128.const i64x2 0 0) (global.get $g) (local.get 0))))) (v128.store (i32.const 0) (global.get $g)) (i32.load (i32.const 0)))")]
    [DataRow("zero vectors many times", "(memory 1) (func (export \"f\") (param i32) (result i32) (local v128 v128) (v128.store (local.get 0) (local.get 1)) (v128.store offset=16 (local.get 0) (local.get 2)) (local.set 2 (v128.not (local.get 1))) (loop (v128.store offset=32 (local.get 0) (local.get 1)) (local.set 2 (i32x4.sub (local.get 2) (local.get 1))) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 50)))) (i32x4.extract_lane 0 (local.get 2)))")]
    [DataRow("a float zero is in no parameter's local", "(memory 1) (func $p (param f64 f64 f32) (result f64) (f64.store (i32.const 0) (f64.const 0)) (f64.store (i32.const 8) (f64.const 0)) (f32.store (i32.const 16) (f32.const 0)) (f32.store (i32.const 20) (f32.const 0)) (loop (result f64) (f64.store (i32.const 24) (f64.add (f64.const 0) (local.get 1))) (local.set 1 (f64.sub (local.get 1) (f64.const 1))) (br_if 0 (f64.gt (local.get 1) (f64.const 0))) (f64.const 0))) (func (export \"f\") (param i32) (result i32) (i64.store (i32.const 32) (i64.reinterpret_f64 (call $p (f64.const 7) (f64.convert_i32_s (local.get 0)) (f32.const 3)))) (i32.load (i32.const 28)))")]
    [DataRow("a float zero begins a sum and ends it", "(memory 1) (func (export \"f\") (param i32) (result i32) (local f64 f32) (local.set 1 (f64.const 0)) (block (loop (br_if 1 (i32.le_s (local.get 0) (i32.const 0))) (local.set 1 (f64.add (local.get 1) (f64.convert_i32_s (local.get 0)))) (if (f64.gt (local.get 1) (f64.const 9)) (then (local.set 1 (f64.const 0)))) (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br 0))) (f64.store (i32.const 8) (select (f64.const 0) (local.get 1) (f64.lt (local.get 1) (f64.const 0)))) (f64.store (i32.const 16) (f64.const 0)) (f64.store (i32.const 24) (f64.const -0)) (i32.load (i32.const 12)))")]
    [DataRow("several ways to the return, one of which moves as well", "(func (export \"f\") (param i32) (result i32) (local i32 i32) (local.set 1 (i32.const 40)) (block (result i32) (loop (drop (br_if 1 (i32.sub (local.get 1) (local.get 2)) (i32.gt_s (local.get 0) (i32.const 90)))) (local.set 2 (local.get 1)) (local.set 1 (i32.add (local.get 0) (local.get 1))) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_s (local.get 1) (i32.const 300)))) (if (result i32) (i32.and (local.get 0) (i32.const 1)) (then (local.get 2)) (else (local.get 0)))))")]
    [DataRow("several values on several ways to the return", "(func $p (param i32) (result i32 i64) (block (result i32 i64) (local.get 0) (i64.const 5) (br_if 0 (local.get 0)) (drop) (drop) (i32.const 8) (i64.const 0) (br_if 0 (i32.eq (local.get 0) (i32.const 2))) (drop) (i64.extend_i32_s (local.get 0)))) (func (export \"f\") (param i32) (result i32) (call $p (local.get 0)) (i32.wrap_i64) (i32.sub))")]
    [DataRow("a table goes to the return", "(func (export \"f\") (param i32) (result i32) (block (result i32) (i32.const 4) (block (param i32) (result i32) (br_table 0 1 0 (local.get 0))) (drop) (br_if 0 (i32.const 6) (i32.eq (local.get 0) (i32.const 2)))))")]
    [DataRow("atomics in order", "(memory 1 1 shared) (func (export \"f\") (param i32) (result i32) (local i32 i32) (local.set 1 (i32.atomic.rmw.add (i32.const 8) (local.get 0))) (local.set 2 (i32.load (i32.const 8))) (i32.atomic.store (i32.const 8) (i32.const 9)) (drop (i32.atomic.load (i32.const 8))) (atomic.fence) (i32.sub (local.get 2) (i32.atomic.rmw16.cmpxchg_u (i32.const 8) (i32.const 9) (local.get 1))))")]
    public void Every_control_shape_keeps_its_meaning(string shape, string fields)
    {
        var before = ModuleWriter.Write(WatParser.Parse($"(module {fields})", shape));
        var after = Emitted(before);
        foreach (var argument in new[] { 0, 1, 2, 3, -1, 100 })
        {
            RuntimeValue[] arguments = [RuntimeValue.I32(argument)];
            Assert.AreEqual(Behaviour.Observe(before, "f", arguments), Behaviour.Observe(after, "f", arguments), $"{shape}({argument})");
        }
    }

    /// <summary>The module with every body emitted from its SSA form, which is verified first.</summary>
    private static byte[] Emitted(byte[] bytes)
    {
        var program = ProgramReader.Read(ModuleReader.Read(bytes, "before"));
        foreach (var index in program.Functions)
        {
            if (program.Body(index) is { } body)
            {
                IrVerifier.Require(body, program.Module, "reading");
                program.MarkChanged(index);
            }
        }

        return ModuleWriter.Write(ProgramWriter.Write(program));
    }
}
