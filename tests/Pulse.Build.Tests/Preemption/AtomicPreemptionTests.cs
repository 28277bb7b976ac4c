using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Tests.Codegen;
using Pulse.Build.Tests.Fuzz;

namespace Pulse.Build.Tests.Preemption;

/// <summary>Updates of the same place by the program and by a handler, which comes between any two instructions.</summary>
[TestClass]
public sealed class AtomicPreemptionTests
{
    private const int Start = 64, End = 96;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("rmw.add", "", DisplayName = "word")]
    [DataRow("rmw8.add_u", "offset=2 ", DisplayName = "byte")]
    [DataRow("rmw16.add_u", "offset=2 ", DisplayName = "half word")]
    public void An_increment_is_never_lost(string add, string offset) =>
        Check(string.Create(CultureInfo.InvariantCulture, $"(drop (i32.atomic.{add} {offset}(i32.const {Start}) (i32.const 1)))"), isMasked: false);

    [TestMethod]
    public void An_increment_of_64_bits_masks_interrupts_and_is_never_lost() =>
        Check($"(drop (i64.atomic.rmw.add (i32.const {Start}) (i64.const 0x7fffffff)))", isMasked: true);

    /// <summary>A loop of the program's own around <c>cmpxchg</c>.</summary>
    [TestMethod]
    [DataRow("rmw.cmpxchg", "load", DisplayName = "word")]
    [DataRow("rmw8.cmpxchg_u", "load8_u", DisplayName = "byte")]
    [DataRow("rmw16.cmpxchg_u", "load16_u", DisplayName = "half word")]
    public void An_exchange_after_a_comparison_loses_nothing(string exchange, string load) => Check(
        $"""
        (loop $again
          (local.set $old (i32.atomic.{load} (local.get $p)))
          (br_if $again (i32.ne (local.get $old)
            (i32.atomic.{exchange} (local.get $p) (local.get $old) (i32.add (i32.mul (local.get $old) (i32.const 3)) (i32.const 1))))))
        """,
        isMasked: false);

    private void Check(string update, bool isMasked)
    {
        if (!Unicorn.IsPresent)
        {
            Assert.Inconclusive("libunicorn2 is not installed: nothing was interrupted");
        }

        var text = $$"""
            (module
              (memory (export "memory") 1) (@custom "pulse.memory" "\60")
              (global $__stack_pointer (mut i32) (i32.const {{Start}}))
              (data (i32.const {{Start}}) "\fe\ff\fe\ff\fe\ff\00\00")
              (func $update (param $p i32) (local $old i32) {{update}})
              (func (export "run") (call $update (i32.const {{Start}})) (call $update (i32.const {{Start}})))
              (func (export "h0") (call $update (i32.const {{Start}})))
              (func (export "h1") (call $update (i32.const {{Start}})) (call $update (i32.const {{Start}}))))
            """;
        var wasm = ModuleLoading.Binary(new InputFile("atomic.wat", Encoding.UTF8.GetBytes(text)));
        var program = new PreemptedProgram("atomic", wasm, [new("SysTick", "h0") { Priority = 4 }, new("TIM2", "h1") { Priority = 0 }], StackPointer: 0, Start, End, text);
        var nested = 0;
        for (var seed = 1UL; seed <= 4; seed++)
        {
            using var run = new PreemptionRun(program, new FuzzRandom(seed));
            Assert.IsTrue(run.Check());
            Assert.AreEqual(isMasked, run.Masked > 0);
            nested += run.Nested;
            TestContext.WriteLine($"{run.Instructions} instructions, {run.Preemptions} runs with handlers, {run.Nested} nested, {run.States} final states");
        }

        Assert.IsGreaterThan(0, nested);
    }
}
