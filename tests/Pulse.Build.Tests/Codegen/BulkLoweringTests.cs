using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Codegen.Suite;

namespace Pulse.Build.Tests.Codegen;

/// <summary>What changes the size of a memory or of a segment, on an emulated machine and in the evaluator: each call has a machine of its own.</summary>
[TestClass]
public sealed class BulkLoweringTests
{
    [TestInitialize]
    public void NeedTheEmulator()
    {
        if (!Unicorn.IsPresent)
        {
            Assert.Inconclusive("libunicorn.so.2 is not installed");
        }
    }

    [TestMethod]
    [DataRow("(i32.add (memory.grow (local.get 0)) (i32.add (i32.mul (memory.grow (i32.const 1)) (i32.const 100)) (i32.mul (memory.size) (i32.const 10000))))")]
    [DataRow("(i32.load offset=65533 (local.get 0))")]
    [DataRow("(i32.load offset=131072 (local.get 0))")]
    [DataRow("(i32.load offset=1000000 (local.get 0))")]
    [DataRow("(drop (memory.grow (i32.const 1))) (i32.load8_u offset=131068 (local.get 0))")]
    [DataRow("(drop (memory.grow (i32.const 2))) (i32.load offset=196604 (local.get 0))")]
    [DataRow("(drop (memory.grow (local.get 0))) (i32.store offset=65536 (local.get 0) (i32.const 77)) (i32.load offset=65536 (local.get 0))")]
    [DataRow("(i32.store offset=65532 (local.get 0) (i32.const 5)) (drop (memory.grow (i32.const 1))) (i32.add (i32.load offset=65532 (local.get 0)) (i32.load offset=65536 (local.get 0)))")]
    [DataRow("(drop (memory.grow (local.get 0))) (memory.fill (i32.const 65530) (i32.const 3) (i32.const 10)) (i32.load (i32.const 65536))")]
    [DataRow("(drop (memory.grow (local.get 0))) (memory.copy (i32.const 131069) (i32.const 0) (i32.const 4)) (i32.load (i32.const 131069))")]
    public void A_memory_grows_into_what_is_laid_out_and_not_further(string body) =>
        RunAll($"(module (memory 1 3) (data (i32.const 0) \"pulse\") (func (export \"f\") (param i32) (result i32) {body}))", [3 << 16]);

    /// <summary>What is compared is cut to the width; an access that is not aligned traps; widths and operations are the suite's.</summary>
    [TestMethod]
    [DataRow("(i32.atomic.rmw8.cmpxchg_u (local.get 0) (i32.const 0x1170) (i32.const 0x99)) (drop) (i32.load (i32.const 0))")]
    [DataRow("(i32.atomic.rmw16.cmpxchg_u (local.get 0) (i32.const 0x7fff7570) (i32.const 0x12345678)) (i32.add (i32.load (i32.const 0)))")]
    [DataRow("(i64.atomic.rmw32.cmpxchg_u (local.get 0) (i64.const 0x5_736c_7570) (i64.const -2)) (i32.wrap_i64) (i32.xor (i32.load (i32.const 0)))")]
    [DataRow("(i64.store (i32.const 8) (i64.atomic.rmw.sub offset=8 (local.get 0) (i64.const 0x1_0000_0001))) (i32.add (i32.load (i32.const 8)) (i32.load (i32.const 12)))")]
    [DataRow("(i32.atomic.store16 offset=1 (local.get 0) (i32.const 7)) (i32.atomic.load (i32.const 0))")]
    [DataRow("(i32.atomic.load offset=65534 (local.get 0))")]
    [DataRow("(atomic.fence) (i32.atomic.rmw8.sub_u (local.get 0) (i32.const 0x171)) (drop) (i32.load (i32.const 0))")]
    [DataRow("(i32.atomic.rmw.xchg offset=1020 (local.get 0) (i32.const 7)) (i32.add (i32.load offset=1020 (local.get 0)))")]
    [DataRow("(i32.atomic.rmw.or offset=1024 (local.get 0) (i32.const 0x12345678)) (i32.add (i32.load offset=1024 (local.get 0)))")]
    [DataRow("(drop (i32.atomic.rmw.sub offset=2 (local.get 0) (i32.const -1))) (i32.load (i32.const 4))")]
    [DataRow("(drop (i32.atomic.rmw8.xor_u offset=3 (local.get 0) (local.get 0))) (i32.atomic.rmw16.and_u (i32.const 2) (i32.const 0xfff0)) (i32.add (i32.load (i32.const 0)))")]
    [DataRow("(i32.wrap_i64 (i64.atomic.rmw8.add_u (local.get 0) (i64.const 0x5_0000_01ff))) (i32.add (i32.load (i32.const 0)))")]
    [DataRow("(i32.atomic.rmw.cmpxchg (local.get 0) (i32.load (local.get 0)) (local.get 0)) (i32.add (i32.atomic.rmw.xchg (local.get 0) (i32.atomic.rmw.add (local.get 0) (local.get 0))))")]
    public void Atomic_accesses_are_what_the_evaluator_says(string body) =>
        RunAll($"(module (memory 1 1) (data (i32.const 0) \"pulse and more\") (func (export \"f\") (param i32) (result i32) {body}))", [1 << 16]);

    /// <summary>Sixteen values outlive each update, more than there are registers.</summary>
    [TestMethod]
    [DataRow("i32.atomic.rmw.add (local.get 0) (local.get 1)")]
    [DataRow("i32.atomic.rmw16.xor_u (local.get 0) (local.get 2)")]
    [DataRow("i32.atomic.rmw.cmpxchg (local.get 0) (local.get 1) (local.get 3)")]
    [DataRow("i32.atomic.rmw8.xchg_u (local.get 0) (local.get 4)")]
    public void An_atomic_update_finds_its_registers_where_none_is_free(string update) => RunAll($"""
        (module (memory 1 1) (data (i32.const 0) "pulse and more, and more than that, and then some, so that it is long enough for all of them") (func (export "f") (param i32) (result i32)
          (local {string.Join(' ', Enumerable.Repeat("i32", 17))})
          {string.Concat(Enumerable.Range(1, 16).Select(i => $"(local.set {i} (i32.load offset={4 * i} (local.get 0))) "))}
          (local.set 17 ({update}))
          {string.Concat(Enumerable.Range(1, 16).Select(i => $"(local.set 17 (i32.add (i32.mul (local.get 17) (i32.const 31)) (local.get {i}))) "))}
          (i32.add (local.get 17) (i32.load (local.get 0)))))
        """, [1 << 16]);

    [TestMethod]
    public void Each_memory_grows_on_its_own() => RunAll("""
        (module (memory $a 1 2) (memory $b 0 1) (memory $c 1 1) (func (export "f") (param i32) (result i32)
          (if (local.get 0) (then (drop (memory.grow $b (i32.const 1)))))
          (i32.store $b (i32.const 65532) (memory.grow $a (local.get 0)))
          (memory.copy $c $b (local.get 0) (i32.const 65532) (i32.const 4))
          (i32.add (i32.load $c (local.get 0)) (i32.add (memory.size $a) (i32.mul (memory.grow $c (i32.const 0)) (i32.const 16))))))
        """, [2 << 16, 1 << 16, 1 << 16]);

    [TestMethod]
    public void A_memory_does_not_grow_beyond_what_it_declares() => RunAll("""
        (module (memory 1 2) (func (export "f") (param i32) (result i32)
          (drop (memory.grow (i32.const 1))) (i32.add (memory.grow (i32.const 1)) (i32.load offset=131068 (local.get 0)))))
        """, [4 << 16]);

    [TestMethod]
    [DataRow("(memory.init $d (local.get 0) (i32.const 1) (i32.const 4)) (i32.load (local.get 0))")]
    [DataRow("(memory.init $d (i32.const 8) (local.get 0) (i32.const 2)) (i32.load (i32.const 8))")]
    [DataRow("(memory.init $d (i32.const 8) (i32.const 4) (local.get 0)) (i32.load (i32.const 8))")]
    [DataRow("(memory.init $active (i32.const 8) (i32.const 0) (local.get 0)) (i32.load (i32.const 8))")]
    [DataRow("(memory.init $d (i32.const 65536) (i32.const 8) (i32.const 0)) (if (local.get 0) (then (data.drop $d))) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3)) (i32.load (i32.const 0))")]
    [DataRow("(data.drop $d) (data.drop $active) (memory.init $d (i32.const 0) (i32.const 0) (local.get 0)) (i32.const 9)")]
    public void A_part_of_a_data_segment_is_copied_until_the_segment_is_dropped(string body) =>
        RunAll($"(module (memory 1) (data $active (i32.const 100) \"active\") (data $d \"segments\") (func (export \"f\") (param i32) (result i32) {body}))", []);

    private static void RunAll(string wat, long[] plan)
    {
        var parsed = WatParser.Parse(wat, "test.wat");
        var section = new ByteWriter();
        foreach (var bytes in plan)
        {
            section.Uleb((ulong)bytes);
        }

        parsed.CustomSections.Add(new CustomSection(MemorySection.SectionName, section.ToArray(), 0));
        var wasm = ModuleWriter.Write(parsed);
        var export = parsed.Exports.Single();
        foreach (var setting in new[] { new LoweringSetting(CostMode.Balanced, false), new LoweringSetting(CostMode.Size, true) })
        {
            var run = new LoweredRun(wasm, new CompilerOptions(BoundsMode.Software, setting.Mode), setting.IsOptimized);
            foreach (var word in new[] { 0, 1, 2, 3, 8, -1, 65535, 65536 })
            {
                var arguments = new[] { RuntimeValue.I32(word) };
                run.Check(LoweredRun.Expect(wasm, export, arguments)!, export, arguments, $"{setting}, f({word})");
            }
        }
    }
}
