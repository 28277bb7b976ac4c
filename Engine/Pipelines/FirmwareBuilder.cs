using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Links an object into an image and writes it in every format.</summary>
internal static class FirmwareBuilder
{
    /// <summary>The symbol of the module's start function, which runs before the entry.</summary>
    private const string StartSymbol = "__pulse_start";

    /// <summary>Links <paramref name="compiled"/> for the board of <paramref name="options"/>.</summary>
    public static (LinkedFirmware Linked, FirmwareImage Image) Build(ElfObject compiled, Program program, LowerOptions options)
    {
        var linked = FirmwareLinker.Link([(compiled, options.Name + ".o")], new FirmwareOptions
        {
            Board = Boards.Find(options.Board),
            FlashOffset = options.FlashOffset,
            NoInitBytes = options.NoInitBytes,
            AddedRam = [.. options.ExtraRam.Select(range => new MemoryRange(range.Origin, range.Bytes))],
            Checksum = options.ImageCrc,
            Entry = options.Entry,
            Initializers = compiled.Symbols.Exists(symbol => symbol.Name == StartSymbol) ? [StartSymbol] : [],
            Handlers = [.. options.InterruptHandlers.Select(handler => handler.Binding)],
            StackSize = options.StackSize,
            Faults = options.Faults switch
            {
                FaultHandling.Halt => FaultAction.Halt,
                FaultHandling.Reset => FaultAction.Reset,
                FaultHandling.OnFault => FaultAction.OnFault,
                _ => FaultAction.SemihostingExit,
            },
            FaultResets = options.Faults == FaultHandling.OnFault ? [.. StackPointersOf(compiled, program)] : [],
        });
        var image = new FirmwareImage(
            ElfWriter.Write(linked.Image), FlashImage.Bytes(linked), FlashImage.IntelHex(linked), MapFile.Write(linked, options.Name));
        return (linked, image);
    }

    /// <summary>The stack pointers of linear memory that the object has, with what they start with.</summary>
    private static IEnumerable<(string Symbol, uint Value)> StackPointersOf(ElfObject compiled, Program program)
    {
        foreach (var pointer in StackPointers.Of(program, NameSection.Read(program.Module)).Order())
        {
            var symbol = ModulePlan.GlobalSymbol(pointer);
            if (program.Module.Globals[pointer].Initial is { } initial && initial.TryEvaluate(out var value) && compiled.Symbols.Exists(s => s.Name == symbol))
            {
                yield return (symbol, (uint)value.Bits);
            }
        }
    }
}
