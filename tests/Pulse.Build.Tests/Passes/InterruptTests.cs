using System.Text.Json.Nodes;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Passes;

/// <summary>The optimiser beside interrupt handlers: what they touch is left in its place, what they do not touch costs nothing, and all of it is proved.</summary>
[TestClass]
public sealed class InterruptTests
{
    private const string Sets = """(func (export "on-tick") (i32.store (i32.const 16) (i32.const 1)))""";
    private const string Counts = """(global $n (mut i32) (i32.const 0)) (func (export "on-tick") (global.set $n (i32.add (global.get $n) (i32.const 1))))""";
    private const string Hal = """(import "pulse:hal/mmio" "write32" (func $write32 (param i32 i32)))""";
    private const string Framed = Hal + """
        (global $sp (mut i32) (i32.const 1024))
        (func (export "on-tick") (local i32)
          (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16))))
          (i32.store offset=12 (local.get 0) (i32.const 7))
          (call $write32 (i32.const 64) (i32.load offset=12 (local.get 0)))
          (global.set $sp (i32.add (local.get 0) (i32.const 16))))
        """;

    private const string Frames = """
        (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (i32.store offset=12 (local.get 0) (i32.const 5))
        (global.set $sp (i32.add (local.get 0) (i32.const 16)))
        """;

    /// <summary><c>(i32.store8 (i32.const 8) (i32.add (i32.load8_u (i32.const 8)) (i32.const 1)))</c></summary>
    private static readonly byte[] Counter = [0x41, 8, 0x41, 8, 0x2D, 0, 0, 0x41, 1, 0x6A, 0x3A, 0, 0, 0x0B];

    private static OptimizeResult Optimize(string text, params string[] handlers)
    {
        var said = new DiagnosticList();
        var options = new OptimizeOptions
        {
            Module = new InputFile("test.wat", System.Text.Encoding.UTF8.GetBytes(text)),
            Handlers = [.. handlers.Select(handler => new InterruptHandler("SysTick", handler) { Priority = 3 })],
            Unproved = UnprovedPolicy.Error,
            Mode = OptimizeMode.Speed,
        };
        var result = WasmOptimizer.Optimize(options, said);
        Assert.IsNotNull(result, string.Join("\n", said));
        Assert.AreEqual(0, result.Fallbacks);
        Assert.AreEqual(result.Changed, result.Proved);
        return result;
    }

    private static Module Read(OptimizeResult result) => ModuleReader.Read(result.Module, "optimised.wasm");

    private static byte[] CodeOf(OptimizeResult result, string export)
    {
        var module = Read(result);
        return module.Functions[module.Exports.Single(e => e.Name == export).Index].Body!.Code.ToArray();
    }

    private static int Count(OptimizeResult result, string export, params string[] mnemonics)
    {
        var reader = new InstructionReader(CodeOf(result, export), 0, "");
        var count = 0;
        while (reader.TryRead(out var instruction))
        {
            count += mnemonics.Contains(instruction.Info.Mnemonic) ? 1 : 0;
        }

        return count;
    }

    [TestMethod]
    [DataRow("(i32.store (i32.const 16) (i32.const 0)) (loop (br_if 0 (i32.eqz (i32.load (i32.const 16)))))", true)]
    [DataRow("(loop (br_if 0 (i32.eqz (global.get $g))))", true)]
    [DataRow("(local i32) (local.set 0 (i32.load (i32.const 20))) (loop (br_if 0 (i32.lt_u (i32.sub (i32.load (i32.const 16)) (local.get 0)) (i32.const 9))))", true)]
    [DataRow("(loop $l (if (i32.load8_u (i32.const 17)) (then (return))) (if (i32.load8_u (i32.const 18)) (then (return))) (br $l))", true)]
    [DataRow("(loop (br_if 0 (i32.eqz (call $read32 (i32.const 16)))))", false)]
    [DataRow("(loop (call $dsb) (br_if 0 (i32.eqz (i32.load (i32.const 16)))))", false)]
    [DataRow("(local i32) (loop (br_if 0 (i32.load (local.tee 0 (i32.add (local.get 0) (i32.const 4))))))", false)]
    [DataRow("(loop (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const 1))) (br_if 0 (i32.load (i32.const 16))))", false)]
    [DataRow("(loop (br 0))", false)]
    [DataRow("(loop (drop (i32.load (i32.const 16))) (br 0))", false)]
    public void A_loop_that_waits_for_what_nobody_writes_is_warned_of_unless_a_handler_does(string body, bool warned)
    {
        var text = $"""
            (module (import "pulse:hal/mmio" "read32" (func $read32 (param i32) (result i32))) (import "pulse:hal/cpu" "dsb" (func $dsb))
              (memory 1) (global $g (mut i32) (i32.const 0)) (func $wait (export "run") {body})
              (func (export "h") (i32.store (i32.const 16) (i32.const 1)) (global.set $g (i32.const 1))))
            """;
        bool Warns(params InterruptHandler[] handlers)
        {
            var said = new DiagnosticList();
            Assert.IsNotNull(WasmOptimizer.Optimize(new OptimizeOptions { Module = new InputFile("test.wat", System.Text.Encoding.UTF8.GetBytes(text)), Handlers = [.. handlers] }, said));
            Assert.IsTrue(said.All(d => d.Id == DiagnosticId.PULSE3007 && d.Message.StartsWith("'wait' waits", StringComparison.Ordinal)), string.Join('\n', said));
            return said.Count > 0;
        }

        Assert.AreEqual(warned, Warns());
        Assert.IsFalse(Warns(new InterruptHandler("SysTick", "h")));
    }

    [TestMethod]
    [DataRow("a flag is waited for", Sets, "i32.load", 1, 0,
        "(result i32) (i32.store (i32.const 16) (i32.const 0)) (loop $l (br_if $l (i32.eqz (i32.load (i32.const 16))))) (i32.const 7)")]
    [DataRow("two loads", Sets, "i32.load", 2, 1, "(result i32) (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 16)))")]
    [DataRow("a load that nobody needs", Sets, "i32.load", 1, 1, "(drop (i32.load (i32.const 16)))")]
    [DataRow("a load behind a store", Sets, "i32.load", 1, 0, "(result i32) (i32.store (i32.const 16) (i32.const 5)) (i32.load (i32.const 16))")]
    [DataRow("two stores", Sets, "i32.store", 2, 1, "(i32.store (i32.const 16) (i32.const 5)) (i32.store (i32.const 16) (i32.const 6))")]
    [DataRow("a global twice", Counts, "global.get", 2, 1, "(result i32) (i32.add (global.get $n) (i32.mul (global.get $n) (i32.const 3)))")]
    [DataRow("a global that nobody needs", Counts, "global.get", 1, 0, "(drop (global.get $n))")]
    [DataRow("a global set twice", Counts, "global.set", 2, 1, "(global.set $n (i32.const 1)) (global.set $n (i32.const 2))")]
    [DataRow("another address", Sets, "i32.load", 1, 1, "(result i32) (i32.add (i32.load (i32.const 20)) (i32.load (i32.const 20)))")]
    [DataRow("behind an offset", Sets, "i32.load", 1, 1, "(param i32) (result i32) (i32.add (i32.load offset=20 (local.get 0)) (i32.load offset=20 (local.get 0)))")]
    [DataRow("an unknown address", Sets, "i32.load", 2, 1, "(param i32) (result i32) (i32.add (i32.load (local.get 0)) (i32.load (local.get 0)))")]
    [DataRow("frames", Framed, "global.set", 4, 2, "(local i32) " + Frames + Frames)]
    [DataRow("a value below the frame", Framed, "i32.load", 2, 1,
        "(param i32) (result i32) (local i32) (i32.add (i32.load (local.get 0)) (block (result i32) (global.set $sp (i32.add (global.get $sp) (i32.const 16))) (i32.load (local.get 0))))")]
    public void What_a_handler_touches_stays_where_it_is(string what, string handler, string mnemonic, int kept, int alone, string body)
    {
        // Imports come first.
        var text = handler.StartsWith(Hal, StringComparison.Ordinal)
            ? $"(module {Hal} (memory 1 1) {handler[Hal.Length..]} (func (export \"f\") {body}))"
            : $"(module (memory 1 1) {handler} (func (export \"f\") {body}))";
        Assert.AreEqual(kept, Count(Optimize(text, "on-tick"), "f", mnemonic), what);
        Assert.AreEqual(alone, Count(Optimize(text), "f", mnemonic), what + ", undeclared");
    }

    /// <summary>Both components keep their statics in memories of their own, as fusion lays them out.</summary>
    [TestMethod]
    public void A_handler_of_one_component_costs_nothing_in_the_other()
    {
        const string Text = """
            (module
              (memory $a 1 1) (memory $b 1 1)
              (global $sp-a (mut i32) (i32.const 1024)) (global $sp-b (mut i32) (i32.const 1024))
              (func (export "on-tick") (i32.store $a (i32.const 2048) (i32.add (i32.load $a (i32.const 2048)) (i32.const 1))))
              (func (export "wait") (loop $l (br_if $l (i32.lt_u (i32.load $a (i32.const 2048)) (i32.const 9)))))
              (func (export "work") (param i32 i32) (result i32) (local i32)
                (global.set $sp-b (local.tee 2 (i32.sub (global.get $sp-b) (i32.const 32))))
                (i32.store $b offset=8 (local.get 2) (local.get 0))
                (i32.store $b (local.get 1) (i32.load $b (local.get 0)))
                (i32.store $b (local.get 1) (i32.add (i32.load $b (local.get 1)) (i32.load $b (local.get 1))))
                (global.set $sp-b (i32.add (local.get 2) (i32.const 32)))
                (i32.add (i32.load $b offset=8 (local.get 2)) (i32.load $b (local.get 1)))))
            """;
        var (with, without) = (Optimize(Text, "on-tick"), Optimize(Text));
        CollectionAssert.AreEqual(CodeOf(without, "work"), CodeOf(with, "work"));
        Assert.IsLessThan(5, Count(with, "work", "i32.load"), "the other component is optimised");
        Assert.AreEqual(1, Count(with, "wait", "i32.load"));
    }

    /// <summary>The sample's handler counts in the application's memory, which all components share when it is one: the others, and the hot path through them, stay as they are.</summary>
    [TestMethod]
    [DataRow(MemoryMode.Auto)]
    [DataRow(MemoryMode.Multi)]
    public void The_handler_of_the_sample_costs_its_other_components_nothing(MemoryMode memory)
    {
        var said = new DiagnosticList();
        var components = new[] { "mixer", "kernel", "uart", "app" }
            .Select(name => new InputFile(name + ".wasm", File.ReadAllBytes(Path.Combine(SharedMaterial.Repository, "samples/gust-firmware/components", name + ".wasm"))));
        var fused = ComponentFuser.Fuse(new FuseOptions { Components = [.. components], Memory = memory }, said);
        Assert.IsNotNull(fused, string.Join("\n", said));
        var options = new OptimizeOptions { Module = new InputFile("fused.wasm", fused.Module), HotPathEntries = ["gust-poll"], Verify = VerifyLevel.Off };
        var reported = WasmOptimizer.Optimize(options with { ProvenanceJson = fused.ProvenanceJson, Handlers = [new InterruptHandler("SysTick", "on-tick")] }, said)!;
        Assert.AreEqual("app", (string)JsonNode.Parse(reported.ReportJson)!["interrupts"]![0]!["enters"]!.AsArray().Single()!);
        var (with, without) = (Bodies(options with { Handlers = [new InterruptHandler("SysTick", "on-tick")] }), Bodies(options));
        CollectionAssert.AreEqual(without.Keys.ToArray(), with.Keys.ToArray());
        string[] others = [.. with.Keys.Where(name => name.Split('!')[0] is "kernel" or "mixer" or "uart"), "app!gust_poll"];
        Assert.IsGreaterThan(3, others.Length);
        foreach (var name in others)
        {
            CollectionAssert.AreEqual(without[name], with[name], name);
        }
    }

    private static SortedDictionary<string, byte[]> Bodies(OptimizeOptions options)
    {
        var said = new DiagnosticList();
        var result = WasmOptimizer.Optimize(options, said);
        Assert.IsNotNull(result, string.Join("\n", said));
        var module = Read(result);
        var names = NameSection.Read(module);
        var bodies = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (function, index) in module.Functions.Select((function, index) => (function, index)).Where(pair => pair.function.Body is not null))
        {
            bodies.Add(names.Function(new FuncIndex(index)) ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture), function.Body!.Code.ToArray());
        }

        return bodies;
    }

    [TestMethod]
    public void The_handlers_stand_in_the_module_and_what_they_share_in_the_report()
    {
        var result = Optimize($"(module (memory 1 1) {Sets} (func $f (export \"f\") (result i32) (i32.load (i32.const 16))) (func $g (export \"g\") (result i32) (i32.load (i32.const 20))))", "on-tick");
        CollectionAssert.AreEqual(new[] { new InterruptEntry("on-tick", "SysTick", 3) }, InterruptSection.Read(Read(result), "").ToArray());
        var report = JsonNode.Parse(result.ReportJson)!;
        var facts = report["interrupts"]!.AsArray().Single()!;
        Assert.AreEqual("on-tick", (string?)facts["handler"]);
        Assert.AreEqual("SysTick", (string?)facts["vector"]);
        Assert.AreEqual("memory 0: 16 to 19", (string?)facts["places"]!.AsArray().Single()!["what"]);
        Assert.AreEqual("writes", (string?)facts["places"]!.AsArray().Single()!["access"]);
        Assert.AreEqual("f", (string?)facts["sharedWith"]!.AsArray().Single()!["function"]);
        Assert.AreEqual(1, (int?)facts["sharedWith"]!.AsArray().Single()!["accesses"]);
        Assert.AreEqual("interrupt handler on-tick: touches memory 0: 16 to 19 (writes); accesses that are events for it: f (1)", result.Interrupts.Single());
    }

    [TestMethod]
    [DataRow("(i32.store (i32.load (i32.const 16)) (i32.const 1))", "memory 0 (writes)")]
    [DataRow("(i32.store offset=32 (i32.load (i32.const 16)) (i32.const 1))", "memory 0: 16 to 19 (reads), memory 0: from 32 (writes)")]
    [DataRow("(i32.store8 offset=64 (i32.and (i32.load (i32.const 16)) (i32.const 15)) (i32.const 1))", "memory 0: 16 to 19 (reads), memory 0: 64 to 79 (writes)")]
    [DataRow("(i32.store16 offset=64 (i32.shl (i32.load8_u (i32.const 16)) (i32.const 1)) (i32.const 1))", "memory 0: 16 to 16 (reads), memory 0: 64 to 575 (writes)")]
    [DataRow("(memory.fill (i32.const 8) (i32.const 0) (i32.const 4)) (memory.copy (i32.const 32) (i32.const 40) (i32.const 4))", "memory 0: 8 to 11 (writes), memory 0: 32 to 35 (writes), memory 0: 40 to 43 (reads)")]
    [DataRow("(call $other)", "memory 0: 4 to 7 (writes)")]
    [DataRow("", "nothing")]
    public void Places_of_a_handler_are_as_small_as_its_addresses_show(string body, string places)
    {
        var result = Optimize($"(module (memory 1 1) (func $other (i32.store (i32.const 4) (i32.const 1))) (func (export \"on-tick\") {body}) (func (export \"g\")))", "on-tick");
        Assert.AreEqual($"interrupt handler on-tick: touches {places}; accesses that are events for it: no other function", result.Interrupts.Single().Replace("other (1)", "no other function", StringComparison.Ordinal));
    }

    [TestMethod]
    public void A_module_that_names_its_handlers_needs_nobody_to_say_so()
    {
        var text = $"(module (memory 1 1) {Sets} (func (export \"f\") (drop (i32.load (i32.const 16)))) (@custom \"pulse.interrupts\" \"\\01\\01\\07on-tick\\00\\00\"))";
        Assert.AreEqual(1, Count(Optimize(text), "f", "i32.load"));
        Assert.IsEmpty(Optimize("(module (func (export \"f\")))").Interrupts);
    }

    [TestMethod]
    public void A_handler_that_nobody_exports_is_an_error()
    {
        var said = new DiagnosticList();
        var options = new OptimizeOptions { Module = new InputFile("test.wat", "(module (func (export \"a\")))"u8.ToArray()), Handlers = [new InterruptHandler("SysTick", "b")] };
        Assert.IsNull(WasmOptimizer.Optimize(options, said));
        Assert.AreEqual(DiagnosticId.PULSE4043, said.Single().Id);
    }

    /// <summary>A function that calls nothing may keep 128 bytes below the stack pointer, or as much as it lowers the pointer by and 128 more.</summary>
    [TestMethod]
    [DataRow("(i32.store offset=8 (local.tee 0 (i32.sub (global.get $sp) (i32.const 16))) (i32.const 7)) (drop (i32.load offset=8 (local.get 0)))", false)]
    [DataRow("(i32.store (i32.sub (global.get $sp) (i32.const 128)) (i32.const 7))", false)]
    [DataRow("(i32.store (i32.sub (global.get $sp) (i32.const 132)) (i32.const 7))", true)]
    [DataRow("(global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (i32.store (i32.sub (local.get 0) (i32.const 128)) (i32.const 5)) (global.set $sp (i32.add (local.get 0) (i32.const 16)))", false)]
    [DataRow("(global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (i32.store (i32.sub (local.get 0) (i32.const 132)) (i32.const 5)) (global.set $sp (i32.add (local.get 0) (i32.const 16)))", true)]
    [DataRow(Frames, false)]
    [DataRow("(i32.store offset=8 (i32.add (global.get $sp) (i32.const 16)) (i32.const 7))", false)]
    public void Values_where_a_handler_has_its_frame_are_warned_of(string body, bool warned)
    {
        foreach (var (handler, expected) in new[] { (Framed, warned), (Counts + "(global $sp (mut i32) (i32.const 1024))", false) })
        {
            var said = new DiagnosticList();
            var imports = handler == Framed ? Hal : "";
            var text = $"(module {imports} (memory 1 1) {handler[imports.Length..]} (func $leaf (export \"leaf\") (local i32) {body}))";
            var options = new OptimizeOptions { Module = new InputFile("test.wat", System.Text.Encoding.UTF8.GetBytes(text)), Handlers = [new InterruptHandler("", "on-tick")] };
            Assert.IsNotNull(WasmOptimizer.Optimize(options, said), string.Join("\n", said));
            Assert.AreEqual(expected ? "PULSE3006" : "", string.Join(",", said.Select(d => d.Id)), string.Join("\n", said));
        }
    }

    /// <summary>Every stack pointer that a handler uses is lowered by the red zone and put back; a global that only looks like one is left alone.</summary>
    [TestMethod]
    [DataRow(Framed, 1)]
    [DataRow("(global $__stack_pointer (mut i32) (i32.const 1024)) (func (export \"on-tick\") (i32.store (i32.sub (global.get $__stack_pointer) (i32.const 16)) (i32.const 1)))", 1)]
    [DataRow("(global $__stack_pointer (mut i32) (i32.const 1024)) (func $f (i32.store (i32.sub (global.get $__stack_pointer) (i32.const 16)) (i32.const 1))) (func (export \"on-tick\") (call $f))", 1)]
    [DataRow("(global $__stack_pointer (mut i32) (i32.const 1024)) (func (export \"on-tick\") (param) (result i32) (local i32) (global.set $__stack_pointer (local.tee 0 (i32.sub (global.get $__stack_pointer) (i32.load (i32.const 0))))) (i32.store (local.get 0) (i32.const 1)) (i32.load (local.get 0)))", 1)]
    [DataRow("(global $__stack_pointer (mut i32) (i32.const 1024)) (func (export \"on-tick\") (i32.store (i32.const 16) (i32.const 1)))", 0)]
    [DataRow(Counts, 0)]
    [DataRow("(global $n (mut i32) (i32.const 1024)) (func $fill (param i32) (i32.store (local.get 0) (i32.const 1))) (func (export \"on-tick\") (local i32) (global.set $n (local.tee 0 (i32.sub (global.get $n) (i32.const 80)))) (call $fill (local.get 0)) (global.set $n (i32.add (local.get 0) (i32.const 80))))", 1)]
    [DataRow("(global $depth (mut i32) (i32.const 8)) (func $f (i32.store (i32.const 4) (global.get $depth))) (func (export \"on-tick\") (local i32) (global.set $depth (local.tee 0 (i32.sub (global.get $depth) (i32.const 1)))) (call $f) (global.set $depth (i32.add (local.get 0) (i32.const 1))))", 0)]
    [DataRow("(global $p (mut i32) (i32.const 1024)) (func (export \"on-tick\") (global.set $p (i32.sub (global.get $p) (i32.const 4))) (i32.store (global.get $p) (i32.const 1)))", 0)]
    public void A_handler_that_uses_a_stack_gets_an_entry_that_spares_the_red_zone(string handler, int entries)
    {
        var file = new InputFile("test.wat", System.Text.Encoding.UTF8.GetBytes(handler == Framed ? $"(module {Hal} (memory 1 1) {handler[Hal.Length..]})" : $"(module (memory 1 1) {handler})"));
        var given = new[] { new InterruptHandler("SysTick", "on-tick") };
        var before = ModuleLoading.Load(file);
        var after = ModuleReader.Read(InterruptMarking.Binary(file, [.. given]), "marked.wasm");
        Assert.AreEqual(before.Functions.Count + entries, after.Functions.Count);
        Assert.AreEqual(entries == 0 ? before.Exports[0].Index : before.Functions.Count, after.Exports[0].Index);
        Assert.AreEqual(after.Functions.Count, ModuleReader.Read(InterruptMarking.Binary(new InputFile("m", ModuleWriter.Write(after)), [.. given]), "twice.wasm").Functions.Count);
    }

    /// <summary>Without names and without anybody who lowers it, a global below which handler and interrupted function both write is warned of.</summary>
    [TestMethod]
    public void A_stack_pointer_that_nobody_names_or_lowers_is_warned_of()
    {
        const string Text = """
            (module (memory 1 1) (global $n (mut i32) (i32.const 1024))
              (func (export "on-tick") (i32.store (i32.sub (global.get $n) (i32.const 16)) (i32.const 1)))
              (func (export "leaf") (i32.store (i32.sub (global.get $n) (i32.const 16)) (i32.const 2)))
              (func (export "set") (param i32) (global.set $n (local.get 0))))
            """;
        var said = new DiagnosticList();
        var options = new OptimizeOptions { Module = new InputFile("test.wat", System.Text.Encoding.UTF8.GetBytes(Text)), Handlers = [new InterruptHandler("", "on-tick")] };
        Assert.IsNotNull(WasmOptimizer.Optimize(options, said), string.Join("\n", said));
        Assert.AreEqual(DiagnosticId.PULSE3006, said.Single().Id);
    }

    [TestMethod]
    public void The_hot_path_report_counts_what_handlers_cost()
    {
        var module = Optimize($"(module (memory 1 1) {Sets} (func $f (export \"f\") (param i32) (result i32) (i32.add (i32.load (i32.const 16)) (i32.load (local.get 0)))) (func (export \"g\")))", "on-tick");
        var said = new DiagnosticList();
        var options = new AuditOptions
        {
            Module = new InputFile("m.wasm", module.Module), Object = new InputFile("", default), OptimizerReportJson = module.ReportJson, Entries = ["f", "g"],
        };
        Assert.IsNotNull(HotPathAudit.Check(options, said), string.Join("\n", said));
        var note = said.Single();
        Assert.AreEqual(DiagnosticId.PULSE5005, note.Id);
        Assert.AreEqual(Severity.Message, note.Severity);
        Assert.Contains("2 accesses of 'f'", note.Message);
        Assert.Contains("; 1 of them", note.Message);
    }

    /// <summary>A handler that calls out may change anything: nothing that depends on it is changed, and the build goes on.</summary>
    [TestMethod]
    public void Beside_a_handler_that_calls_out_everything_stays()
    {
        const string Text = """
            (module (import "env" "tell" (func $tell)) (memory 1 1) (func (export "on-tick") (call $tell))
              (func (export "f") (result i32) (i32.add (i32.load (i32.const 64)) (i32.load (i32.const 64)))))
            """;
        Assert.AreEqual(2, Count(Optimize(Text, "on-tick"), "f", "i32.load"));
    }

    [TestMethod]
    public void The_section_is_written_as_it_is_read()
    {
        InterruptEntry[] handlers = [new("a", "", null), new("b", "IRQ7", 0), new("b", "SysTick", 255)];
        var module = WatParser.Parse("(module (func (export \"a\") (export \"b\")))", "test.wat");
        InterruptSection.Write(module, [.. handlers.Reverse()]);
        CollectionAssert.AreEqual(handlers, InterruptSection.Read(ModuleReader.Read(ModuleWriter.Write(module), "test.wasm"), "test.wasm").ToArray());
        InterruptSection.Write(module, []);
        Assert.IsEmpty(InterruptSection.Read(module, ""));
    }

    /// <summary>Modules of every kind, with a handler that counts in a byte of their memory: nothing that comes out is refuted, and hardly anything has to be left as it was.</summary>
    [TestMethod]
    public void What_is_optimised_beside_a_handler_is_never_refuted()
    {
        var (changed, kept) = (0, 0);
        for (var seed = 0; seed < 16; seed++)
        {
            var bytes = new byte[50 + (seed * 10)];
            new Random(seed + 4000).NextBytes(bytes);
            var module = ModuleGenerator.Generate(bytes, integers: true);
            module.Exports.Add(new Export("on-tick", ExternKind.Function, module.Functions.Count));
            module.Functions.Add(new ModuleFunction(module.AddType(FuncType.Of([], [])), null, new FunctionBody([], Counter)));
            var said = new DiagnosticList();
            var options = new OptimizeOptions
            {
                Module = new InputFile($"seed{seed}.wasm", ModuleWriter.Write(module)),
                Handlers = [new InterruptHandler("", "on-tick")],
                Mode = OptimizeMode.Speed,
            };
            var result = WasmOptimizer.Optimize(options, said);
            Assert.IsNotNull(result, $"seed {seed}: {string.Join("\n", said)}");
            Assert.IsNotEmpty(result.Interrupts);
            (changed, kept) = (changed + result.Changed, kept + result.Fallbacks);
        }

        Assert.IsGreaterThan(20, changed, $"{kept} kept");
        Assert.IsLessThan(changed / 8, kept);
    }
}
