using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tests.Firmware;

/// <summary>Every way to trap, and its neighbours that do not, from WAT to the status of an emulated board.</summary>
[TestClass]
public sealed class TrapTableTests
{
    [TestMethod]
    [DataRow("(unreachable)", 0, 65)]
    [DataRow("(drop (i32.load8_u (i32.const 65536)))", 0, 66)]
    [DataRow("(drop (i32.load16_u (local.get 0)))", 65535, 66)]
    [DataRow("(drop (i32.load (local.get 0)))", 65533, 66)]
    [DataRow("(drop (i64.load (local.get 0)))", 65529, 66)]
    [DataRow("(drop (i32.load8_u (local.get 0)))", -1, 66)]
    [DataRow("(drop (i32.load8_u offset=4294967295 (local.get 0)))", 2, 66)]
    [DataRow("(drop (i32.load offset=65532 (local.get 0)))", 1, 66)]
    [DataRow("(i64.store (local.get 0) (i64.const -1))", 65532, 66)]
    [DataRow("(i32.store16 offset=1 (local.get 0) (i32.const -1))", -1, 66)]
    [DataRow("(i64.store (local.get 0) (i64.const -1))", 65528, 0)]
    [DataRow("(drop (i32.div_s (i32.const 1) (local.get 0)))", 0, 67)]
    [DataRow("(drop (i32.rem_u (i32.const 1) (local.get 0)))", 0, 67)]
    [DataRow("(drop (i32.div_s (i32.const -2147483648) (local.get 0)))", -1, 68)]
    [DataRow("(if (i32.rem_s (i32.const -2147483648) (local.get 0)) (then (unreachable)))", -1, 0)]
    [DataRow("(drop (i64.div_u (i64.const 1) (i64.extend_i32_s (local.get 0))))", 0, 67)]
    [DataRow("(drop (i64.div_s (i64.const -9223372036854775808) (i64.extend_i32_s (local.get 0))))", -1, 68)]
    [DataRow("(call_indirect (type $v) (local.get 0))", 0, 0)]
    [DataRow("(call_indirect (type $v) (local.get 0))", 1, 70)]
    [DataRow("(call_indirect (type $v) (local.get 0))", 2, 71)]
    [DataRow("(call_indirect (type $v) (local.get 0))", 9, 69)]
    [DataRow("(call_indirect (type $v) (local.get 0))", -1, 69)]
    [DataRow("(memory.fill (local.get 0) (i32.const 1) (i32.const -1))", 1, 66)]
    [DataRow("(memory.fill (i32.const 65530) (i32.const 1) (local.get 0))", 7, 66)]
    [DataRow("(memory.copy (i32.const 0) (local.get 0) (i32.const 65535))", 2, 66)]
    [DataRow("(memory.init $d (i32.const 0) (local.get 0) (i32.const 5))", 0, 66)]
    [DataRow("(memory.init $a (i32.const 0) (local.get 0) (i32.const 1))", 0, 66)]
    [DataRow("(memory.fill (local.get 0) (i32.const 1) (i32.const 0))", 65537, 66)]
    [DataRow("(memory.fill (local.get 0) (i32.const 1) (i32.const 0))", 65536, 0)]
    [DataRow("(drop (i32.atomic.load (local.get 0)))", 2, 73)]
    public void What_traps_ends_with_its_status(string body, int argument, int status)
    {
        // The argument is one that no optimisation sees: bit 31 of SysTick's current value is 0.
        var text = string.Create(CultureInfo.InvariantCulture, $"""
            (module
              (import "pulse:hal/semihosting" "exit" (func $exit (param i32)))
              (import "pulse:hal/mmio" "read32" (func $r32 (param i32) (result i32)))
              (type $v (func)) (memory 1) (table 4 funcref) (elem (i32.const 0) $ok) (elem (i32.const 2) $other)
              (data $a (i32.const 0) "abcd") (data $d "pass")
              (func $ok) (func $other (param i32))
              (func $test (param i32) {body})
              (func (export "run")
                (call $test (i32.add (i32.const {argument}) (i32.shr_u (call $r32 (i32.const 0xE000E018)) (i32.const 31))))
                (call $exit (i32.const 0))))
            """);
        var said = new DiagnosticList();
        var optimized = WasmOptimizer.Optimize(new OptimizeOptions { Module = new InputFile("t.wat", System.Text.Encoding.UTF8.GetBytes(text)) }, said);
        Assert.IsNotNull(optimized, string.Join('\n', said));
        var lowered = ThumbCompiler.Lower(
            new LowerOptions { Module = new InputFile("t.wasm", optimized.Module), Board = "mps2-an385", Faults = FaultHandling.SemihostingExit, Traps = TrapSites.Exact }, said);
        Assert.IsNotNull(lowered, string.Join('\n', said));
        var (ended, output, errors) = Qemu.RunWithErrors("mps2-an385", lowered.Image!.Elf.ToArray());
        Assert.AreEqual(status, ended, output + errors);
    }
}
