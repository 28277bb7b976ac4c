using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Codegen;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Firmware;

/// <summary>The functions of <c>order.wat</c>, optimised and lowered, access memory, globals and devices as often and in the order that they say.</summary>
[TestClass]
public sealed class OrderTests
{
    private const uint Devices = 0x4002_0000;

    /// <summary>What each function does; one that polls is stopped after a while.</summary>
    private static readonly Dictionary<string, string> _expected = new()
    {
        ["store-before-enable"] = "w16/4 enable",
        ["load-after-disable"] = "r16/4 disable r16/4 enable r16/4",
        ["critical"] = "disable r16/4 w16/4 w20/4 enable",
        ["critical-global"] = "disable gr0/4 gw0/4 enable gw0/4 disable enable",
        ["dma"] = "w64/4 w68/1 dmb iow0/4 dsb isb",
        ["dma-nobarrier"] = "w64/4 iow0/4 ior4/4 ior4/4 ior4/4",
        ["repeat"] = "ior4/4 ior4/4 ior4/4",
        ["unused-read"] = "ior4/4 ior5/1 ior6/2",
        ["widths"] = "ior1/1 iow1/1 ior2/2 iow2/2 ior4/4",
        ["byte-of-word"] = "ior4/4",
        ["pair"] = "iow0/4 iow4/4 iow0/4",
        ["same-twice"] = "iow0/4 iow0/4",
        ["big-offset"] = "ior4092/4 ior4096/4",
        ["busy-flag"] = "w32/4 w36/4 w40/4 w32/4",
        ["busy-flag-g"] = "gw0/4 w36/4 w40/4 gw0/4",
        ["busy-flag-g2"] = "gw0/4 g64w0/4 g64w4/4 gw0/4",
        ["wait-flag"] = "w32/4 r32/4 r32/4 r32/4",
        ["wait-g"] = "gr0/4",
        ["tear64"] = "w48/4 w52/4 g64w0/4 g64w4/4 r128/4 r132/4 g64r0/4 g64r4/4",
        ["unaligned"] = "w256/2 r256/4 r260/4",
        ["race-free"] = "disable r32/4 wfi",
    };

    /// <summary>What two of them do when no handler touches the globals: a store that nobody can see is left out, a value that nobody changed is not read again.</summary>
    private static readonly Dictionary<string, string> _private = new()
    {
        ["busy-flag-g2"] = "g64w0/4 g64w4/4 gw0/4",
        ["tear64"] = "w48/4 w52/4 g64w0/4 g64w4/4 r128/4 r132/4",
    };

    /// <summary>A handler that writes one word, and one that reads and writes all that the functions use.</summary>
    [TestMethod]
    [DataRow(OptimizeMode.Balanced, false)]
    [DataRow(OptimizeMode.Size, false)]
    [DataRow(OptimizeMode.Speed, false)]
    [DataRow(OptimizeMode.Balanced, true)]
    [DataRow(OptimizeMode.Size, true)]
    [DataRow(OptimizeMode.Speed, true)]
    public void Every_access_is_made_in_its_place(OptimizeMode mode, bool touchesAll)
    {
        var text = File.ReadAllText(Path.Combine(SharedMaterial.Repository, "tests", "corpus", "chip", "order.wat"));
        const string Handler = "(func (export \"h\") (i32.store (i32.const 32) (i32.const 1)))";
        StringAssert.Contains(text, Handler, StringComparison.Ordinal);
        if (touchesAll)
        {
            text = text.Replace(Handler, """
                (func (export "h") (local i32)
                  (loop
                    (i64.store (local.get 0) (i64.add (i64.load (local.get 0)) (i64.const 1)))
                    (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 8))) (i32.const 512))))
                  (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.set $g64 (i64.add (global.get $g64) (i64.const 1))))
                """, StringComparison.Ordinal);
        }

        var said = new DiagnosticList();
        var optimized = WasmOptimizer.Optimize(
            new OptimizeOptions
            {
                Module = new InputFile("order.wat", System.Text.Encoding.UTF8.GetBytes(text)), Mode = mode, Unproved = UnprovedPolicy.Error, Handlers = [new("SysTick", "h")],
            },
            said);
        Assert.IsNotNull(optimized, string.Join('\n', said));
        var module = ModuleReader.Read(optimized.Module, "order.wasm");
        CollectionAssert.AreEquivalent(_expected.Keys, module.Exports.Select(export => export.Name).Except(["run", "h"]).ToArray());
        foreach (var (export, expected) in _expected)
        {
            var events = touchesAll ? expected : _private.GetValueOrDefault(export, expected);
            var trace = Trace(module, export);
            var length = export is "dma-nobarrier" or "wait-flag" ? events.Count(c => c == ' ') + 1 : trace.Count;
            Assert.AreEqual(events, string.Join(' ', trace.Take(length)), export);
        }
    }

    private static List<string> Trace(Module module, string export)
    {
        var compiled = ModuleCompiler.Compile(ProgramReader.Read(module), "order.wasm", new CompilerOptions());
        using var machine = new ThumbMachine(compiled.Object);
        Assert.AreEqual(0, Unicorn.Map(machine.Emulator, Devices, 0x2000, Unicorn.ProtectAll));
        var trace = new AccessTrace(
            machine,
            ("", machine.AddressOf(ModulePlan.MemorySymbol(0)), 65536),
            ("g64", machine.AddressOf(ModulePlan.GlobalSymbol(0)), 8),
            ("g", machine.AddressOf(ModulePlan.GlobalSymbol(1)), 4),
            ("io", Devices, 0x2000));
        _ = machine.Run(export, [export == "big-offset" ? Devices : 256, 7], [], 0, 200);
        return trace.Events;
    }
}
