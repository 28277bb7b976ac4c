using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Emission;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Ir;

[TestClass]
public sealed class SsaToWasmTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Bodies_of_the_suites_modules_emitted_without_passes_are_no_larger_in_sum_and_hardly_in_any()
    {
        var (before, after) = (0L, 0L);
        foreach (var file in SharedMaterial.Files("suites", "*.core.wasm"))
        {
            var program = ProgramReader.Read(ModuleReader.Read(File.ReadAllBytes(file), file));
            var (moduleBefore, moduleAfter) = (0L, 0L);
            foreach (var index in program.Functions)
            {
                if (program.Body(index) is { } body)
                {
                    Assert.IsEmpty(SsaToWasm.Problems(body, program.Module), $"{file}: {body.Name}");
                    moduleBefore += BodySize.Of(program.Module.Functions[index.Index].Body!);
                    moduleAfter += BodySize.Of(SsaToWasm.Convert(body, program.Module));
                }
            }

            Assert.IsLessThanOrEqualTo(1.02 * moduleBefore, (double)moduleAfter, file);
            (before, after) = (before + moduleBefore, after + moduleAfter);
        }

        TestContext.WriteLine($"{after} of {before} bytes: {(double)after / before:F3}");
        Assert.IsLessThanOrEqualTo(before, after);
    }

    [TestMethod]
    [DataRow("(local i32) (local.set 1 (i32.load (i32.const 0))) (drop (i32.atomic.load (i32.const 8))) (i32.store (i32.const 0) (local.get 1))", "i32.load i32.atomic.load i32.store")]
    [DataRow("(local i32) (local.set 1 (i32.load (i32.const 0))) (atomic.fence) (i32.store (i32.const 0) (local.get 1))", "i32.load atomic.fence i32.store")]
    [DataRow("(local i32) (local.set 1 (i32.atomic.load (i32.const 0))) (drop (i32.load (i32.const 8))) (i32.store (i32.const 0) (local.get 1))", "i32.atomic.load i32.load i32.store")]
    [DataRow("(local i32) (local.set 1 (i32.div_u (local.get 0) (local.get 0))) (drop (memory.atomic.notify (i32.const 8) (i32.const 1))) (i32.store (i32.const 0) (local.get 1))", "i32.div_u memory.atomic.notify i32.store")]
    [DataRow("(local i32) (local.set 1 (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0))) (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))) (i32.store (i32.const 0) (local.get 1))", "memory.atomic.wait32 i32.atomic.rmw.add i32.store")]
    [DataRow("(local v128) (local.set 1 (v128.load8_lane 3 (i32.const 0) (v128.const i32x4 1 2 3 4))) (v128.store8_lane 3 (i32.const 0) (v128.const i32x4 1 2 3 4)) (v128.store (i32.const 0) (local.get 1))", "v128.load8_lane v128.store8_lane v128.store")]
    public void Accesses_of_memory_keep_their_order(string code, string order)
    {
        var module = WatParser.Parse($"(module (memory 1 1 shared) (func (param i32) {code}))", "test");
        var body = SsaToWasm.Convert(WasmToSsa.Convert(module, new FuncIndex(0))!, module);
        var reader = new InstructionReader(body.Code.Span, 0, "");
        var found = new List<string>();
        while (reader.TryRead(out var instruction))
        {
            if ((instruction.Info.Effects & ~Effects.Control) != 0 && !instruction.Info.Mnemonic.StartsWith("local", StringComparison.Ordinal))
            {
                found.Add(instruction.Info.Mnemonic);
            }
        }

        Assert.AreEqual(order, string.Join(" ", found));
    }

    [TestMethod]
    public void Locals_that_were_chosen_for_other_code_are_found_wrong()
    {
        // The same values: in the first function one is done with before the other is made, in the second it is not.
        var apart = IrParser.Parse("func @f(i32) -> i32 {\nb0(v0: i32):\n  v1 = i32.mul v0, v0\n  v2 = i32.add v1, v1\n  v3 = i32.mul v2, v2\n  return v3\n}");
        var together = IrParser.Parse("func @f(i32) -> i32 {\nb0(v0: i32):\n  v1 = i32.mul v0, v0\n  v2 = i32.add v1, v0\n  v3 = i32.mul v2, v1\n  return v3\n}");
        Assert.IsEmpty(Problems(apart, apart));
        Assert.IsEmpty(Problems(together, together));
        Assert.IsNotEmpty(Problems(apart, together));
    }

    private static List<string> Problems(Function allocated, Function emitted)
    {
        var module = new Module();
        var (first, second) = (new DominatorTree(new ControlFlow(allocated)), new ControlFlow(emitted));
        var (none, others) = (new LoopCopies(allocated, []), new LoopCopies(emitted, []));
        var code = new Stackifier(first.Flow, module, none, default);
        var locals = new LocalAllocation(first, new LoopForest(first), code, new LiveRanges(first.Flow, code, none), none);
        var judged = new Stackifier(second, module, others, default);
        return LocalAllocationVerifier.Problems(second, judged, locals, new EdgeMoves(emitted, judged, new LiveRanges(second, judged, others), locals));
    }

    [TestMethod]
    [DataRow("(func (export \"f\") (param i32) (if (i32.eqz (local.get 0)) (then (return))) (call 0 (local.get 0)))", "block loop br return if")]
    [DataRow("(func (export \"f\") (param i32) (result i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0))", "local.set block if")]
    [DataRow("(func (export \"f\") (param i32) (drop (i32.add (local.get 0) (i32.const 1))))", "i32.add drop local.get")]
    [DataRow("(func (param i32 f64) (result v128) (local v128) (i32x4.add (i32x4.mul (v128.const i64x2 0 0) (local.get 2)) (v128.const i64x2 0 0)))", "v128.const local.set local.tee")]
    [DataRow("(func (param f64) (result i32) (i32.add (f64.eq (f64.const 0) (f64.const 1)) (f64.lt (f64.const 0) (f64.const 2))))", "local.set local.tee")]
    [DataRow("(func $f (param i32) (result i32) (if (result i32) (local.get 0) (then (local.get 0)) (else (call $f (i32.const 1)))))", "i32.eqz local.set block br")]
    [DataRow("(func (param i64) (result i64) (local i64) (loop (local.set 1 (i64.mul (local.get 1) (local.get 0))) (br_if 0 (i64.gt_s (local.tee 0 (i64.sub (local.get 0) (i64.const 1))) (i64.const 1)))) (local.get 1))", "block")]
    public void Emitted_code_has_nothing_that_is_not_needed(string function, string absent)
    {
        var module = WatParser.Parse($"(module {function})", "test");
        var body = SsaToWasm.Convert(WasmToSsa.Convert(module, new FuncIndex(0))!, module);
        var reader = new InstructionReader(body.Code.Span, 0, "");
        var mnemonics = new List<string>();
        while (reader.TryRead(out var instruction))
        {
            mnemonics.Add(instruction.Info.Mnemonic);
        }

        Assert.IsEmpty(mnemonics.Intersect(absent.Split(' ')), string.Join(" ", mnemonics));
    }
}
