using System.Text;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Tests.Codegen;

namespace Pulse.Build.Tests.Firmware;

[TestClass]
public sealed class StackOverflowTests
{
    private const string Recursive = """
        (import "pulse:hal/semihosting" "exit" (func $exit (param i32)))
        (memory 1) (@custom "pulse.memory" "\80\20")
        (func $rec (param i32 i32) (result i32)
          (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
            (else (i32.add (i32.mul (local.get 0) (local.get 1)) (call $rec (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1)))))))
        (func (export "run") (local i32)
          (i32.store (i32.const 0) (call $rec (i32.const DEPTH) (i32.const 1)))
          (call $exit (i32.const 0)))
        """;

    [TestMethod]
    [DataRow(10, 300u, 0)]
    [DataRow(400, 500u, FaultCode.TrapStatus + (int)TrapKind.StackOverflow)]
    [DataRow(7000, 1024u, FaultCode.TrapStatus + (int)TrapKind.StackOverflow)]
    public void A_recursion_ends_in_the_trap_of_the_stack_when_it_is_too_deep(int depth, uint size, int status)
    {
        var lowered = Lower(depth, size, out var said);
        Assert.IsNotNull(lowered, said.ToString());
        Assert.AreEqual(status, Qemu.Run("stm32vldiscovery", lowered.Image!.Elf.ToArray()).Status);
    }

    [TestMethod]
    public void Without_a_number_a_recursion_is_refused_by_its_name()
    {
        Assert.IsNull(Lower(1, null, out var said));
        Assert.AreEqual(DiagnosticId.PULSE4054, said.Single().Id);
        StringAssert.Contains(said.Single().Message, "rec.1 -> rec.1", StringComparison.Ordinal);
    }

    [TestMethod]
    public void The_computed_depth_is_what_the_deepest_path_uses()
    {
        const string Chain = """
            (func (export "run") (param i32) (result i32) (i32.add (call $a (local.get 0) (i32.const 3)) (local.get 0)))
            (func $a (param i32 i32) (result i32) (i32.mul (call $b (i32.add (local.get 0) (local.get 1))) (i32.xor (local.get 0) (local.get 1))))
            (func $b (param i32) (result i32) (i32.sub (i32.wrap_i64 (i64.div_u (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const 0x123456789)) (i64.const 0x300000001))) (local.get 0)))
            """;
        var compiled = ModuleCompilerTests.Compile(Chain);
        using var machine = new ThumbMachine(compiled.Object);
        _ = machine.Run("run", [5], [], 1);
        var depth = machine.DepthOf("run");
        Assert.IsNotNull(depth);
        Assert.IsLessThanOrEqualTo(machine.StackUsed * 11 / 10, depth.Value);
    }

    /// <summary>What has no room in a register and is made anew at each use takes no place in the frame.</summary>
    [TestMethod]
    public void A_frame_has_places_for_stored_values_only()
    {
        const int Count = 12;
        var numbers = Enumerable.Range(0, Count).ToArray();
        string Each(Func<int, string> text) => string.Concat(numbers.Select(text));
        var module = "(memory 1) " + Each(i => $"(global $g{i} (export \"g{i}\") (mut i32) (i32.const {i})) ")
            + "(func (export \"run\") (param i32) (result i32) (local $i i32)" + Each(i => $"(local $v{i} i32)")
            + Each(i => $"(local.set $v{i} (i32.load offset={i * 4} (local.get 0)))")
            + "(loop $l " + Each(i => $"(global.set $g{i} (i32.add (i32.mul (local.get $v{i}) (i32.const {0x1234567 * (i + 3)})) (global.get $g{i})))")
            + Each(i => $"(local.set $v{i} (i32.xor (local.get $v{(i + 5) % Count}) (i32.rotl (local.get $v{i}) (local.get $i))))")
            + "(br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4)))) (i32.add (local.get $v0) (local.get $v7)))";
        using var machine = new ThumbMachine(ModuleCompilerTests.Compile(module).Object);
        _ = machine.Run("run", [64], [], 1);
        var depth = machine.DepthOf("run");
        Assert.IsNotNull(depth);
        Assert.IsGreaterThan(40u, machine.StackUsed, "values are spilled");
        Assert.IsLessThanOrEqualTo(machine.StackUsed + 4, depth.Value);
    }

    private static LowerResult? Lower(int depth, uint? size, out DiagnosticList said)
    {
        said = new DiagnosticList();
        var text = Recursive.Replace("DEPTH", depth.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return ThumbCompiler.Lower(
            new LowerOptions { Module = new InputFile("f.wat", Encoding.UTF8.GetBytes(text)), Board = "stm32vldiscovery", StackSize = size, Faults = FaultHandling.SemihostingExit }, said);
    }
}
