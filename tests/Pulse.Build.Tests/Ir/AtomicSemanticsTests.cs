using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Tests.Ir;

[TestClass]
public sealed class AtomicSemanticsTests
{
    private static Instance Link(string body, string memory = "1 1 shared") => Instance.Create(
        WatParser.Parse($"(module (memory {memory}) (data (i32.const 0) \"\\11\\22\\33\\44\\55\\66\\77\\88\") (func (export \"f\") (param i32) (result i32) {body}))", "test"),
        new Imports());

    [TestMethod]
    [DataRow("(i32.atomic.rmw8.cmpxchg_u (local.get 0) (i32.const 0xffffff11) (i32.const 0x1ab))", 0x11, 0x443322abu)]
    [DataRow("(i32.atomic.rmw16.cmpxchg_u (local.get 0) (i32.const 0x2212) (i32.const 1))", 0x2211, 0x44332211u)]
    [DataRow("(i32.wrap_i64 (i64.atomic.rmw32.cmpxchg_u (local.get 0) (i64.const 0x144332211) (i64.const 5)))", 0x44332211, 5u)]
    [DataRow("(i32.atomic.rmw8.add_u (local.get 0) (i32.const 0xff))", 0x11, 0x44332210u)]
    [DataRow("(i32.atomic.rmw16.sub_u offset=2 (local.get 0) (i32.const 0x4434))", 0x4433, 0xffff2211u)]
    [DataRow("(i32.atomic.rmw.xchg (local.get 0) (i32.const 7))", 0x44332211, 7u)]
    public void A_read_modify_write_gives_what_was_there(string code, int result, uint memory)
    {
        var instance = Link(code);
        Assert.AreEqual(result, instance.Invoke("f", [RuntimeValue.I32(0)]).Results[0].AsI32);
        Assert.AreEqual(memory, (uint)instance.Memories[0].Read(0, 4));
    }

    [TestMethod]
    [DataRow("(memory.atomic.wait32 (local.get 0) (i32.const 0x44332210) (i64.const -1))", 1)]
    [DataRow("(memory.atomic.wait32 (local.get 0) (i32.const 0x44332211) (i64.const 1000))", 2)]
    [DataRow("(memory.atomic.wait64 (local.get 0) (i64.const 0x8877665544332211) (i64.const 0))", 2)]
    [DataRow("(memory.atomic.notify (local.get 0) (i32.const 3))", 0)]
    public void One_thread_alone_is_never_notified(string code, int result) =>
        Assert.AreEqual(result, Link(code).Invoke("f", [RuntimeValue.I32(0)]).Results[0].AsI32);

    [TestMethod]
    public void A_wait_without_end_stops_the_evaluation() => Assert.AreEqual(
        OutcomeKind.WaitsForever,
        Link("(memory.atomic.wait32 (local.get 0) (i32.const 0x44332211) (i64.const -1))").Invoke("f", [RuntimeValue.I32(0)]).Kind);

    [TestMethod]
    [DataRow("(i32.atomic.load (local.get 0))", 2, nameof(TrapKind.UnalignedAtomic))]
    [DataRow("(i32.atomic.load offset=2 (local.get 0))", 3, nameof(TrapKind.UnalignedAtomic))]
    [DataRow("(i32.atomic.load16_u offset=3 (local.get 0))", 0xffff, nameof(TrapKind.OutOfBoundsMemory))]
    [DataRow("(i32.atomic.rmw8.or_u (local.get 0) (i32.const 1))", 0x10000, nameof(TrapKind.OutOfBoundsMemory))]
    [DataRow("(memory.atomic.notify (local.get 0) (i32.const 1))", 0x10000, nameof(TrapKind.OutOfBoundsMemory))]
    [DataRow("(memory.atomic.notify (local.get 0) (i32.const 1))", 2, nameof(TrapKind.UnalignedAtomic))]
    [DataRow("(memory.atomic.wait64 (local.get 0) (i64.const 0) (i64.const 0))", 4, nameof(TrapKind.UnalignedAtomic))]
    [DataRow("(memory.atomic.wait32 (local.get 0) (i32.const 0) (i64.const 0))", 0, nameof(TrapKind.MemoryNotShared), "1")]
    public void An_atomic_traps_with_its_kind(string code, int address, string trap, string memory = "1 1 shared")
    {
        var outcome = Link(code, memory).Invoke("f", [RuntimeValue.I32(address)]);
        Assert.AreEqual(OutcomeKind.Trapped, outcome.Kind);
        Assert.AreEqual(trap, outcome.Trap.ToString());
    }
}
