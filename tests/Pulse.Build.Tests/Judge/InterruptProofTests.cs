using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Judge;

/// <summary>Code beside an interrupt handler: accesses to what both touch are events, everything else is as free as before.</summary>
[TestClass]
public sealed class InterruptProofTests
{
    private const string Hal = """(import "pulse:hal/mmio" "write32" (func $write32 (param i32 i32)))""";
    private const string Memory = "(memory 1 1)";

    /// <summary>Sets address 16.</summary>
    private const string Sets = """(func (export "on-tick") (i32.store (i32.const 16) (i32.const 1)))""";

    /// <summary>Reads address 16 and writes address 20.</summary>
    private const string Looks = """(func (export "on-tick") (if (i32.load (i32.const 16)) (then (i32.store (i32.const 20) (i32.const 1)))))""";

    /// <summary>Counts in a global.</summary>
    private const string Counts = """(global $n (mut i32) (i32.const 0)) (func (export "on-tick") (global.set $n (i32.add (global.get $n) (i32.const 1))))""";

    /// <summary>Reads a global.</summary>
    private const string Reads = Hal + """(global $n (mut i32) (i32.const 0)) (func (export "on-tick") (call $write32 (i32.const 64) (global.get $n)))""";

    /// <summary>Keeps a value in a stack frame.</summary>
    private const string Framed = Hal + """
        (global $sp (mut i32) (i32.const 1024))
        (func (export "on-tick") (local i32)
          (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16))))
          (i32.store offset=12 (local.get 0) (i32.const 7))
          (call $write32 (i32.const 64) (i32.load offset=12 (local.get 0)))
          (global.set $sp (i32.add (local.get 0) (i32.const 16))))
        """;

    private static string Section(string handler) => $"""(@custom "pulse.interrupts" "\01\01\{handler.Length:x2}{handler}\00\00")""";

    private static RefinementReport Check(string handler, string before, string after, string section)
    {
        var shared = handler.StartsWith(Hal, StringComparison.Ordinal) ? Hal + Memory + handler[Hal.Length..] : Memory + handler;
        return RefinePairs.Check($"(module {shared} {before} {section})", $"(module {shared} {after} {section})");
    }

    private static void Expect(bool proved, string handler, string before, string after)
    {
        var report = Check(handler, before, after, handler.Length == 0 ? "" : Section("on-tick"));
        Assert.AreEqual(proved, report.Verdict == Verdict.Proved, RefinePairs.Describe(report));
        Assert.IsTrue(proved || report.Functions.Any(f => f.Verdict != Verdict.Proved), RefinePairs.Describe(report));
    }

    [TestMethod]
    [DataRow("a flag is waited for", Sets,
        "(func (export \"f\") (i32.store (i32.const 16) (i32.const 0)) (loop $l (br_if $l (i32.eqz (i32.load (i32.const 16))))))",
        "(func (export \"f\") (i32.store (i32.const 16) (i32.const 0)) (loop $l (br $l)))")]
    [DataRow("the load is hoisted", Sets,
        "(func (export \"f\") (loop $l (br_if $l (i32.eqz (i32.load (i32.const 16))))))",
        "(func (export \"f\") (local i32) (local.set 0 (i32.load (i32.const 16))) (loop $l (br_if $l (i32.eqz (local.get 0)))))")]
    [DataRow("two loads are one", Sets,
        "(func (export \"f\") (result i32) (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 16))))",
        "(func (export \"f\") (result i32) (local i32) (local.set 0 (i32.load (i32.const 16))) (i32.add (local.get 0) (local.get 0)))")]
    [DataRow("one load is two", Sets,
        "(func (export \"f\") (result i32) (local i32) (local.set 0 (i32.load (i32.const 16))) (i32.add (local.get 0) (local.get 0)))",
        "(func (export \"f\") (result i32) (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 16))))")]
    [DataRow("a load is removed", Sets, "(func (export \"f\") (drop (i32.load (i32.const 16))))", "(func (export \"f\"))")]
    [DataRow("a load is invented", Sets, "(func (export \"f\"))", "(func (export \"f\") (drop (i32.load (i32.const 16))))")]
    [DataRow("a load reads less", Sets,
        "(func (export \"f\") (result i32) (i32.and (i32.load (i32.const 16)) (i32.const 255)))", "(func (export \"f\") (result i32) (i32.load8_u (i32.const 16)))")]
    [DataRow("a store is forwarded", Sets,
        "(func (export \"f\") (result i32) (i32.store (i32.const 16) (i32.const 5)) (i32.load (i32.const 16)))",
        "(func (export \"f\") (result i32) (i32.store (i32.const 16) (i32.const 5)) (i32.const 5))")]
    [DataRow("an overwritten store is removed", Looks,
        "(func (export \"f\") (i32.store (i32.const 16) (i32.const 1)) (i32.store (i32.const 16) (i32.const 0)))",
        "(func (export \"f\") (i32.store (i32.const 16) (i32.const 0)))")]
    [DataRow("stores change places", Looks,
        "(func (export \"f\") (i32.store (i32.const 16) (i32.const 1)) (i32.store (i32.const 20) (i32.const 2)))",
        "(func (export \"f\") (i32.store (i32.const 20) (i32.const 2)) (i32.store (i32.const 16) (i32.const 1)))")]
    [DataRow("a store is split", Looks,
        "(func (export \"f\") (i32.store (i32.const 16) (i32.const 0x10001)))",
        "(func (export \"f\") (i32.store16 (i32.const 16) (i32.const 1)) (i32.store16 (i32.const 18) (i32.const 1)))")]
    [DataRow("a store of what is there is removed", Looks,
        "(func (export \"f\") (i32.store (i32.const 16) (i32.const 1)) (i32.store (i32.const 16) (i32.const 1)))",
        "(func (export \"f\") (i32.store (i32.const 16) (i32.const 1)))")]
    [DataRow("a load becomes unconditional", Sets,
        "(func (export \"f\") (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.load (i32.const 16))) (else (i32.const 0))))",
        "(func (export \"f\") (param i32) (result i32) (select (i32.load (i32.const 16)) (i32.const 0) (local.get 0)))")]
    [DataRow("an unknown address", Sets,
        "(func (export \"f\") (param i32) (result i32) (i32.add (i32.load (local.get 0)) (i32.load (local.get 0))))",
        "(func (export \"f\") (param i32) (result i32) (local i32) (local.set 1 (i32.load (local.get 0))) (i32.add (local.get 1) (local.get 1)))")]
    [DataRow("a copy reads it twice", Sets,
        "(func (export \"f\") (memory.copy (i32.const 64) (i32.const 16) (i32.const 4)) (memory.copy (i32.const 68) (i32.const 16) (i32.const 4)))",
        "(func (export \"f\") (memory.copy (i32.const 64) (i32.const 16) (i32.const 4)) (memory.copy (i32.const 68) (i32.const 64) (i32.const 4)))")]
    [DataRow("a fill is overwritten", Looks,
        "(func (export \"f\") (memory.fill (i32.const 0) (i32.const 1) (i32.const 32)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 32)))",
        "(func (export \"f\") (memory.fill (i32.const 0) (i32.const 0) (i32.const 32)))")]
    [DataRow("a global is read once", Counts,
        "(func (export \"f\") (result i32) (i32.sub (global.get $n) (global.get $n)))", "(func (export \"f\") (result i32) (i32.const 0))")]
    [DataRow("a global is waited for", Counts,
        "(func (export \"f\") (local i32) (local.set 0 (global.get $n)) (loop $l (br_if $l (i32.eq (global.get $n) (local.get 0)))))",
        "(func (export \"f\") (drop (global.get $n)) (loop $l (br $l)))")]
    [DataRow("a write of a global is removed", Reads,
        "(func (export \"f\") (global.set $n (i32.const 1)) (global.set $n (i32.const 2)))", "(func (export \"f\") (global.set $n (i32.const 2)))")]
    [DataRow("a global through a callee that always returns", Counts,
        "(func $get (result i32) (global.get $n)) (func (export \"f\") (result i32) (i32.add (call $get) (call $get)))",
        "(func $get (result i32) (global.get $n)) (func (export \"f\") (result i32) (local i32) (local.set 0 (call $get)) (i32.add (local.get 0) (local.get 0)))")]
    [DataRow("a read moves below the frame", Framed,
        "(func (export \"f\") (result i32) (local i32 i32) (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (i32.store offset=8 (local.get 0) (i32.const 7)) (call $write32 (i32.const 0) (i32.const 0)) (local.set 1 (i32.load offset=8 (local.get 0))) (global.set $sp (i32.add (local.get 0) (i32.const 16))) (local.get 1))",
        "(func (export \"f\") (result i32) (local i32) (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (i32.store offset=8 (local.get 0) (i32.const 7)) (call $write32 (i32.const 0) (i32.const 0)) (global.set $sp (i32.add (local.get 0) (i32.const 16))) (i32.load offset=8 (local.get 0)))")]
    [DataRow("a write moves before the frame", Framed,
        "(func (export \"f\") (local i32) (drop (i32.load offset=12 (local.tee 0 (i32.sub (global.get $sp) (i32.const 16))))) (global.set $sp (local.get 0)) (i32.store offset=8 (local.get 0) (i32.const 7)) (global.set $sp (i32.add (local.get 0) (i32.const 16))))",
        "(func (export \"f\") (local i32) (drop (i32.load offset=12 (local.tee 0 (i32.sub (global.get $sp) (i32.const 16))))) (i32.store offset=8 (local.get 0) (i32.const 7)) (global.set $sp (local.get 0)) (global.set $sp (i32.add (local.get 0) (i32.const 16))))")]
    public void A_change_that_a_handler_can_notice_is_not_proved(string what, string handler, string before, string after)
    {
        Expect(false, handler, before, after);
        var alone = Check(handler, before, after, "");
        Assert.AreEqual(Verdict.Proved, alone.Verdict, $"{what}: it is the handler that notices: {RefinePairs.Describe(alone)}");
    }

    /// <summary>Nor is it without a handler: the host may call back, and a call that may trap ends what is known of the world.</summary>
    [TestMethod]
    [DataRow("a load moves over a call", Hal + Sets,
        "(func (export \"f\") (result i32) (call $write32 (i32.const 1) (i32.const 2)) (i32.load (i32.const 16)))",
        "(func (export \"f\") (result i32) (local i32) (local.set 0 (i32.load (i32.const 16))) (call $write32 (i32.const 1) (i32.const 2)) (local.get 0))")]
    [DataRow("through a callee", Sets,
        "(func $get (result i32) (i32.load (i32.const 16))) (func (export \"f\") (result i32) (i32.add (call $get) (call $get)))",
        "(func $get (result i32) (i32.load (i32.const 16))) (func (export \"f\") (result i32) (local i32) (local.set 0 (call $get)) (i32.add (local.get 0) (local.get 0)))")]
    public void A_change_around_a_call_is_not_proved(string what, string handler, string before, string after)
    {
        _ = what;
        Expect(false, handler, before, after);
    }

    [TestMethod]
    [DataRow("nobody interrupts", "",
        "(func (export \"f\") (result i32) (i32.store (i32.const 16) (i32.const 5)) (i32.load (i32.const 16)))",
        "(func (export \"f\") (result i32) (i32.store (i32.const 16) (i32.const 5)) (i32.const 5))")]
    [DataRow("another address", Sets,
        "(func (export \"f\") (result i32) (i32.store (i32.const 20) (i32.const 5)) (i32.load (i32.const 20)))",
        "(func (export \"f\") (result i32) (i32.store (i32.const 20) (i32.const 5)) (i32.const 5))")]
    [DataRow("behind a known offset", Sets,
        "(func (export \"f\") (param i32) (result i32) (i32.add (i32.load offset=32 (local.get 0)) (i32.load offset=32 (local.get 0))))",
        "(func (export \"f\") (param i32) (result i32) (i32.shl (i32.load offset=32 (local.get 0)) (i32.const 1)))")]
    [DataRow("within a mask", Sets,
        "(func (export \"f\") (param i32) (result i32) (i32.add (i32.load (i32.and (local.get 0) (i32.const 12))) (i32.load (i32.and (local.get 0) (i32.const 12)))))",
        "(func (export \"f\") (param i32) (result i32) (i32.shl (i32.load (i32.and (local.get 0) (i32.const 12))) (i32.const 1)))")]
    [DataRow("what the handler only reads may be read once", Looks,
        "(func (export \"f\") (result i32) (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 16))))",
        "(func (export \"f\") (result i32) (i32.shl (i32.load (i32.const 16)) (i32.const 1)))")]
    [DataRow("the same accesses in the same order", Looks,
        "(func (export \"f\") (param i32) (result i32) (i32.store (i32.const 16) (i32.mul (local.get 0) (i32.const 2))) (i32.add (i32.load (i32.const 20)) (i32.const 0)))",
        "(func (export \"f\") (param i32) (result i32) (i32.store (i32.const 16) (i32.shl (local.get 0) (i32.const 1))) (i32.load (i32.const 20)))")]
    [DataRow("a global of its own", Counts + "(global $o (mut i32) (i32.const 0))",
        "(func (export \"f\") (global.set $o (i32.const 1)) (global.set $o (i32.const 2)))", "(func (export \"f\") (global.set $o (i32.const 2)))")]
    [DataRow("reads of a global that the handler only reads", Reads,
        "(func (export \"f\") (result i32) (i32.sub (global.get $n) (global.get $n)))", "(func (export \"f\") (result i32) (i32.const 0))")]
    [DataRow("a value in a frame", Framed,
        "(func (export \"f\") (result i32) (local i32 i32) (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (i32.store offset=8 (local.get 0) (i32.const 7)) (local.set 1 (i32.load offset=8 (local.get 0))) (global.set $sp (i32.add (local.get 0) (i32.const 16))) (local.get 1))",
        "(func (export \"f\") (result i32) (local i32) (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (i32.store offset=8 (local.get 0) (i32.const 7)) (global.set $sp (i32.add (local.get 0) (i32.const 16))) (i32.const 7))")]
    [DataRow("beside a handler with a frame", Framed,
        "(func (export \"f\") (param i32) (result i32) (i32.add (i32.load (local.get 0)) (i32.load (local.get 0))))",
        "(func (export \"f\") (param i32) (result i32) (i32.shl (i32.load (local.get 0)) (i32.const 1)))")]
    public void A_change_that_no_handler_can_notice_is_proved(string what, string handler, string before, string after)
    {
        _ = what;
        Expect(true, handler, before, after);
    }

    [TestMethod]
    [DataRow("the frame is not given back", "(func (export \"on-tick\") (global.set $sp (i32.sub (global.get $sp) (i32.const 16))))")]
    [DataRow("the frame is given back on one way only",
        "(func (export \"on-tick\") (local i32) (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (if (i32.load offset=4 (local.get 0)) (then (return))) (global.set $sp (i32.add (local.get 0) (i32.const 16))))")]
    [DataRow("a store above the frame",
        "(func (export \"on-tick\") (local i32) (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (i32.store offset=16 (local.get 0) (i32.const 1)) (global.set $sp (i32.add (local.get 0) (i32.const 16))))")]
    [DataRow("an address that a callee gets",
        "(func $set (param i32) (i32.store (local.get 0) (i32.const 1))) (func (export \"on-tick\") (local i32) (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (call $set (local.get 0)) (global.set $sp (i32.add (local.get 0) (i32.const 16))))")]
    [DataRow("a callee that raises it",
        "(func $up (global.set $sp (i32.add (global.get $sp) (i32.const 16)))) (func (export \"on-tick\") (call $up) (i32.store (i32.sub (global.get $sp) (i32.const 16)) (i32.const 1)))")]
    public void A_handler_that_breaks_the_discipline_of_frames_may_write_anywhere_or_keeps_the_pointer_to_itself(string what, string handler)
    {
        _ = what;
        var pointer = "(global $sp (mut i32) (i32.const 1024))" + handler;
        var reads = handler.Contains("i32.store", StringComparison.Ordinal) ? "(i32.load (i32.const 64))" : "(global.get $sp)";
        Expect(false, pointer, $"(func (export \"f\") (result i32) (i32.sub {reads} {reads}))", $"(func (export \"f\") (result i32) (drop {reads}) (i32.const 0))");
    }

    [TestMethod]
    [DataRow("(import \"env\" \"tell\" (func $tell))", "(call $tell)")]
    [DataRow("(table (export \"t\") 1 funcref)", "(table.set (i32.const 0) (ref.null func))")]
    [DataRow("(memory $big 1 4)", "(drop (memory.grow $big (i32.const 1)))")]
    public void Beside_a_handler_that_calls_out_or_changes_tables_and_sizes_nothing_that_depends_on_them_is_proved(string has, string does)
    {
        var shared = $"(module {has} (memory $m 1 1) (func (export \"on-tick\") {does}) {Section("on-tick")}";
        var report = RefinePairs.Check(
            shared + "(func (export \"f\") (result i32) (i32.sub (i32.load $m (i32.const 64)) (i32.load $m (i32.const 64)))))",
            shared + "(func (export \"f\") (result i32) (drop (i32.load $m (i32.const 64))) (i32.const 0)))");
        Assert.AreEqual(Verdict.Unknown, report.Verdict, RefinePairs.Describe(report));
    }

    [TestMethod]
    [DataRow("(call_indirect (result i32) (i32.const 0))")]
    [DataRow("(table.size)")]
    [DataRow("(ref.is_null (table.get (i32.const 0)))")]
    public void Beside_a_handler_that_changes_a_table_no_use_of_it_is_proved(string use)
    {
        var shared = $"(module (table 1 1 funcref) (elem (i32.const 0) $one) (func $one (result i32) (i32.const 1)) (func (export \"on-tick\") (table.set (i32.const 0) (ref.null func))) {Section("on-tick")}";
        var report = RefinePairs.Check(
            shared + $"(func (export \"f\") (result i32) (i32.mul {use} (i32.const 2))))", shared + $"(func (export \"f\") (result i32) (i32.shl {use} (i32.const 1))))");
        Assert.AreEqual(Verdict.Unknown, report.Verdict, RefinePairs.Describe(report));
    }

    [TestMethod]
    public void Handlers_that_one_module_does_not_name_are_not_proved()
    {
        var module = $"(module {Memory} {Sets} (func (export \"on-irq\"))";
        Assert.AreEqual(Verdict.Proved, RefinePairs.Check(module + Section("on-tick") + ")", module + Section("on-tick") + ")").Verdict);
        Assert.AreEqual(Verdict.Unknown, RefinePairs.Check(module + Section("on-tick") + ")", module + ")").Verdict);
        Assert.AreEqual(Verdict.Unknown, RefinePairs.Check(module + ")", module + Section("on-tick") + ")").Verdict);
        Assert.AreEqual(Verdict.Unknown, RefinePairs.Check(module + Section("on-tick") + ")", module + Section("on-irq") + ")").Verdict);
    }

    [TestMethod]
    [DataRow("\\02\\00", "a version that is not known")]
    [DataRow("\\01\\01\\07on-tock\\00\\00", "a handler that is not exported")]
    [DataRow("\\01\\01\\07on-tick\\00", "cut short")]
    [DataRow("\\01\\01\\07on-tick\\00\\00\\00", "bytes left over")]
    [DataRow("\\01\\ff\\ff\\03", "a count that is too large")]
    public void A_section_that_cannot_be_read_is_an_error(string bytes, string what)
    {
        var module = $"(module {Memory} {Sets} (@custom \"pulse.interrupts\" \"{bytes}\"))";
        Assert.ThrowsExactly<DiagnosticException>(() => RefinePairs.Check(module, module), what);
    }

    [TestMethod]
    public void The_verdict_names_what_it_assumes_of_interrupts()
    {
        var module = $"(module {Hal} {Memory} {Framed[Hal.Length..]} {Section("on-tick")} (func (export \"f\") (param i32) (result i32) (i32.mul (local.get 0) (i32.const %))))";
        var report = RefinePairs.Check(module.Replace("%", "2", StringComparison.Ordinal).Replace("i32.mul", "i32.add", StringComparison.Ordinal)
            .Replace("(i32.const 2)", "(local.get 0)", StringComparison.Ordinal), module.Replace("%", "2", StringComparison.Ordinal));
        var changed = report.Functions.Single(f => !f.Identical);
        Assert.AreEqual(Verdict.Proved, changed.Verdict, RefinePairs.Describe(report));
        CollectionAssert.IsSubsetOf(new[] { "AX-IRQ", "AX-IRQ-FRAME", "AX-HAL" }, changed.Assumptions);
    }
}
