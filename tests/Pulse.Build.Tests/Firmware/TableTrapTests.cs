using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tests.Firmware;

/// <summary>Calls through tables share their traps; what is reported is who called.</summary>
[TestClass]
public sealed class TableTrapTests
{
    private const string Board = "stm32vldiscovery";

    private const string Text = """
        (module (type $t (func (result i32))) (memory 1) (@custom "pulse.memory" "\80\08") (table 3 3 funcref)
          (elem (i32.const 0) $one $wrong)
          (func $one (result i32) (i32.const 1))
          (func $wrong (param i32))
          (func $choose (param i32) (result i32) (i32.add (call_indirect (type $t) (local.get 0)) (i32.const 1)))
          (func (export "run") (drop (call $choose (i32.const ENTRY)))
            (call $trap))
          (func $trap (drop (i32.div_u (i32.const 1) (i32.load (i32.const 0))))))
        """;

    [TestMethod]
    [DataRow(0, TrapKind.DivideByZero, "trap.", DisplayName = "other traps keep their place")]
    [DataRow(1, TrapKind.SignatureMismatch, "choose.", DisplayName = "an entry of another type")]
    [DataRow(2, TrapKind.NullFunction, "choose.", DisplayName = "an entry that is null")]
    public void A_trap_of_a_table_is_reported_where_the_call_is(int entry, object kind, string function)
    {
        var elf = Lower(Text.Replace("ENTRY", entry.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        var (status, _, output) = Qemu.RunWithErrors(Board, elf);
        Assert.AreEqual(FaultCode.TrapStatus + (int)(TrapKind)kind, status, output);
        var address = Convert.ToUInt32(output[^8..], 16);
        var place = ElfReader.ReadImage(elf, "f.elf").Symbols.Find(symbol => symbol.Type == SymbolType.Function && address - symbol.Value < symbol.Size);
        Assert.IsNotNull(place, output);
        StringAssert.StartsWith(place.Name, function, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Firmware_without_such_calls_does_not_pay_for_it()
    {
        const string Plain = """(module (func (export "run") unreachable))""";
        var (with, without) = (HandlerBytes(Lower(Text.Replace("ENTRY", "0", StringComparison.Ordinal))), HandlerBytes(Lower(Plain)));
        Assert.IsGreaterThan(without, with);
    }

    private static uint HandlerBytes(byte[] elf) => ElfReader.ReadImage(elf, "f.elf").Find(FaultCode.Handler)!.Size;

    private static byte[] Lower(string text)
    {
        var said = new DiagnosticList();
        var options = new LowerOptions { Module = new InputFile("f.wat", Encoding.UTF8.GetBytes(text)), Board = Board, Faults = FaultHandling.SemihostingExit };
        return ThumbCompiler.Lower(options, said)?.Image?.Elf.ToArray() ?? throw new AssertFailedException(string.Join("\n", said));
    }
}
