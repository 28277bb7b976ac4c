using System.Text;
using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Tests.Codegen;

namespace Pulse.Build.Tests.Firmware;

[TestClass]
public sealed class ChipRegisterTests
{
    private const string Imports = """
        (import "pulse:hal/nvic" "enable" (func $enable (param i32)))
        (import "pulse:hal/nvic" "disable" (func $disable (param i32)))
        (import "pulse:hal/nvic" "pend" (func $pend (param i32)))
        (import "pulse:hal/nvic" "clear-pending" (func $clear (param i32)))
        (import "pulse:hal/nvic" "set-priority" (func $priority (param i32 i32)))
        (import "pulse:hal/systick" "start" (func $start (param i32)))
        (import "pulse:hal/systick" "stop" (func $stop))
        (import "pulse:hal/systick" "current" (func $current (result i32)))
        (import "pulse:hal/cpu" "reset" (func $reset))
        (import "pulse:hal/cpu" "isb" (func $isb))
        (import "pulse:hal/cpu" "wfi" (func $wfi))
        (import "pulse:hal/mmio" "read8" (func $read8 (param i32) (result i32)))
        (import "pulse:hal/mmio" "read32" (func $read (param i32) (result i32)))
        (import "pulse:hal/mmio" "write32" (func $write (param i32 i32)))
        (import "pulse:hal/semihosting" "exit" (func $exit (param i32)))
        (import "pulse:hal/cpu" "disable" (func $mask (result i32)))
        (import "pulse:hal/cpu" "restore" (func $unmask (param i32)))
        (memory 1) (@custom "pulse.memory" "\40")
        (func (export "on-irq") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
        (func $check (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then (call $exit (i32.const 1)))))
        (func $count (param i32) (call $isb) (call $check (i32.load (i32.const 0)) (local.get 0)))
        """;

    [TestMethod]
    [DataRow("(i32.const 55)")]
    [DataRow("(i32.and (call $read (i32.const 0xE000ED00)) (i32.const 0)) (i32.add (i32.const 0x100 ) (i32.const 55)) (i32.add)")]
    public void Interrupts_run_when_they_are_enabled_and_pending(string number) => Runs("TIM7", $"""
        (func $n (result i32) {number})
        (func (export "run")
          (call $pend (call $n)) (call $count (i32.const 0))
          (call $enable (call $n)) (call $count (i32.const 1))
          (call $pend (call $n)) (call $count (i32.const 2))
          (call $disable (call $n)) (call $pend (call $n)) (call $count (i32.const 2))
          (call $clear (call $n)) (call $enable (call $n)) (call $count (i32.const 2))
          (call $priority (call $n) (i32.const 0xFFFFFF70)) (call $check (call $read8 (i32.const 0xE000E437)) (i32.const 0x70))
          (call $exit (i32.const 0)))
        """);

    [TestMethod]
    public void The_timer_ticks_until_it_is_stopped() => Runs("SysTick", """
        (func (export "run")
          (call $start (i32.const 20000))
          (loop $more (call $wfi) (br_if $more (i32.lt_u (i32.load (i32.const 0)) (i32.const 3))))
          (call $check (i32.gt_u (call $current) (i32.const 20000)) (i32.const 0))
          (call $stop)
          (call $check (i32.and (call $read (i32.const 0xE000E010)) (i32.const 7)) (i32.const 0))
          (call $check (call $read (i32.const 0xE000E014)) (i32.const 20000))
          (call $exit (i32.const 0)))
        """);

    [TestMethod]
    public void A_reset_starts_again_and_does_not_return() => Runs("SysTick", """
        (func (export "run")
          (if (i32.eq (call $read (i32.const 0x20001FF0)) (i32.const 7)) (then (call $exit (i32.const 0))))
          (call $write (i32.const 0x20001FF0) (i32.const 7))
          (call $reset)
          (call $exit (i32.const 1)))
        """);

    [TestMethod]
    public void A_register_of_a_known_interrupt_is_one_store()
    {
        var listing = Listing.Print(ModuleCompilerTests.Compile("""
            (module (import "pulse:hal/nvic" "enable" (func $enable (param i32))) (func (export "f") (call $enable (i32.const 37))))
            """));
        Assert.HasCount(2, listing.Split("str"), listing);
        Assert.DoesNotContain("lsl", listing);
    }

    [TestMethod]
    public void What_does_not_fit_into_the_boards_RAM_lies_in_what_the_project_adds()
    {
        const string Text = """
            (import "pulse:hal/semihosting" "exit" (func $exit (param i32)))
            (memory 80) (data (i32.const 8) "\05") (data (i32.const 5000000) "\07") (global $g (mut i32) (i32.const 3))
            (func (export "run")
              (call $exit (i32.ne (i32.const 15) (i32.add (global.get $g) (i32.add (i32.load (i32.const 8)) (i32.load (i32.const 5000000)))))))
            """;
        LowerResult? Build(params RamRange[] extra) => ThumbCompiler.Lower(
            new LowerOptions { Module = new InputFile("f.wat", Encoding.UTF8.GetBytes(Text)), Board = "mps2-an385", ExtraRam = [.. extra] }, new DiagnosticList());
        Assert.IsNull(Build());
        Assert.IsNull(Build(new RamRange(0x2100_0000, 4096)));
        var lowered = Build(new RamRange(0x0100_0000, 4096), new RamRange(0x2100_0000, 16 << 20))!;
        StringAssert.Contains(lowered.Image!.Map, "0x21000000 5242880  .data.__pulse_memory0", StringComparison.Ordinal);
        StringAssert.Matches(lowered.Image.Map, new("0x200000..       4  .data.__pulse_global0"));
        Assert.AreEqual(0, Qemu.Run("mps2-an385", lowered.Image.Elf.ToArray()).Status);
    }

    [TestMethod]
    public void The_map_says_how_long_interrupts_are_masked()
    {
        var map = Lower("SysTick", """
            (func $swap (drop (i64.atomic.rmw.cmpxchg (i32.const 8) (i64.load (i32.const 16)) (i64.const 5))))
            (func $short (local i32) (local.set 0 (call $mask)) (call $isb) (call $unmask (local.get 0)))
            (func $long (local i32) (local.set 0 (call $mask)) (loop $l (br_if $l (i32.load (i32.const 4)))) (call $unmask (local.get 0)))
            (func $word (drop (i32.atomic.rmw.cmpxchg (i32.const 8) (i32.load (i32.const 16)) (i32.const 5))) (drop (i32.atomic.rmw16.add_u (i32.const 8) (i32.const 5))))
            (func (export "run") (call $swap) (call $short) (call $long) (call $word))
            """).Image!.Map;
        var lines = map.Split('\n').SkipWhile(line => !line.StartsWith("interrupts  masked", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.Length > 0).Select(line => line.Trim()).ToList();
        Assert.HasCount(3, lines, map);
        Assert.IsTrue(lines.Exists(line => line.StartsWith("open  long", StringComparison.Ordinal)) && lines.Exists(line => line.StartsWith("1  short", StringComparison.Ordinal)), map);
        var swap = lines.Find(line => line.Contains("swap", StringComparison.Ordinal))!.Split(' ')[0];
        Assert.IsInRange(5, 20, int.Parse(swap, System.Globalization.CultureInfo.InvariantCulture));
        StringAssert.Contains(Lower("SysTick", "(func (export \"run\"))").Image!.Map, "interrupts  never masked", StringComparison.Ordinal);
    }

    private static void Runs(string vector, string functions)
        => Assert.AreEqual(0, Qemu.Run("stm32vldiscovery", Lower(vector, functions).Image!.Elf.ToArray()).Status);

    private static LowerResult Lower(string vector, string functions)
    {
        var said = new DiagnosticList();
        var lowered = ThumbCompiler.Lower(
            new LowerOptions
            {
                Module = new InputFile("f.wat", Encoding.UTF8.GetBytes(Imports + functions)),
                Board = "stm32vldiscovery",
                Faults = FaultHandling.SemihostingExit,
                NoInitBytes = 16,
                InterruptHandlers = [new(vector, "on-irq")],
            },
            said);
        Assert.IsNotNull(lowered, string.Join('\n', said));
        return lowered;
    }
}
