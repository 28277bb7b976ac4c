using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tests.Stages;

/// <summary>What reset and interrupts call has no arguments, and its results fit in registers.</summary>
[TestClass]
public sealed class EntryTypeTests
{
    [TestMethod]
    [DataRow("(param i32)", "", "'run' cannot be the entry: its type is (i32).")]
    [DataRow("(result i64 i64 i32)", "", "'run' cannot be the entry: its type is () -> (i64, i64, i32).")]
    [DataRow("", "(param f32)", "'tick' cannot be the handler of vector 'SysTick': its type is (f32).")]
    [DataRow("", "(result i32 i32 i32 i32 i32)", "'tick' cannot be the handler of vector 'SysTick': its type is () -> (i32, i32, i32, i32, i32).")]
    public void A_function_that_wants_arguments_is_refused(string run, string tick, string expected)
    {
        var said = Lower(run, tick, OutputKind.Firmware, out var lowered);
        Assert.IsNull(lowered);
        Assert.AreEqual(DiagnosticId.PULSE4053, said.Single().Id);
        Assert.StartsWith(expected, said.Single().Message);
    }

    [TestMethod]
    [DataRow("(result i32)", "(result i64 i64)", OutputKind.Firmware)]
    [DataRow("(param i32)", "(result i32)", OutputKind.Object)]
    public void Results_in_registers_are_fine_and_the_entry_of_an_object_is_called_by_whoever_knows_its_type(string run, string tick, OutputKind output)
    {
        var said = Lower(run, tick, output, out var lowered);
        Assert.IsNotNull(lowered, string.Join('\n', said));
    }

    [TestMethod]
    [DataRow("SysTick", "tick", "(param f32)", DiagnosticId.PULSE4053)]
    [DataRow("SysTick", "tock", "", DiagnosticId.PULSE4043)]
    [DataRow("SysTock", "tick", "", DiagnosticId.PULSE4041)]
    public void Handlers_of_an_object_are_checked_as_those_of_firmware(string vector, string handler, string tick, DiagnosticId id)
    {
        Assert.AreEqual(id, Lower("", tick, OutputKind.Object, out _, new(vector, handler)).Single().Id);
        Assert.AreEqual(id, Lower("", tick, OutputKind.Firmware, out _, new(vector, handler)).Single().Id);
    }

    private static DiagnosticList Lower(string run, string tick, OutputKind output, out LowerResult? lowered, InterruptHandler? handler = null)
    {
        var said = new DiagnosticList();
        var text = $"(func (export \"run\") {run} unreachable) (func (export \"tick\") {tick} unreachable)";
        lowered = ThumbCompiler.Lower(
            new LowerOptions { Module = new InputFile("f.wat", Encoding.UTF8.GetBytes(text)), Board = "stm32vldiscovery", Output = output, InterruptHandlers = [handler ?? new("SysTick", "tick")] }, said);
        return said;
    }
}
