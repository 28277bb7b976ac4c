using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>The table at the start of flash: initial stack pointer, reset, exceptions, interrupts.</summary>
internal static class VectorTable
{
    /// <summary>Section of the table; the linker puts it first.</summary>
    public const string SectionName = ".vectors";

    /// <summary>Adds the table. Vectors without a handler lead to the handler of <see cref="FaultCode"/>.</summary>
    public static void Add(ElfObject startup, FirmwareOptions options)
    {
        var handlers = Bind(options);
        var section = startup.Add(new ElfSection(SectionName, SectionType.ProgBits, SectionFlags.Allocate)
        {
            Alignment = 4,
            Content = new byte[options.Board.VectorCount * 4],
        });
        if (options.Faults == FaultAction.SemihostingExit)
        {
            FaultCode.Text.CopyTo(section.Content.AsSpan(FaultCode.TextOffset));
        }

        startup.Map(section, 0, isData: true);
        startup.DefineObject("__vectors", section, 0, section.Size);
        for (var number = 0; number < options.Board.VectorCount; number++)
        {
            if (!InterruptVectors.IsReserved(number) || number == 0)
            {
                var target = number switch
                {
                    0 => LinkerSymbols.StackTop,
                    InterruptVectors.Reset => StartupCode.ResetHandler,
                    _ when handlers.TryGetValue(number, out var export) => export,
                    _ => FaultCode.Handler,
                };
                section.Relocations.Add(new((uint)number * 4, RelocationType.Abs32, startup.Reference(target)));
            }
        }

        if (options.Checksum)
        {
            section.Relocations.Add(new(ImageIdentity.ChecksumVector * 4, RelocationType.Abs32, startup.Reference(LinkerSymbols.ImageCrc)));
        }
    }

    /// <summary>The handler of each vector that has one; a vector that the board does not have, or that has two, is refused,
    /// and so are priorities and enable bits that it does not have.</summary>
    public static SortedDictionary<int, string> Bind(FirmwareOptions options)
    {
        var handlers = new SortedDictionary<int, string>();
        foreach (var handler in options.Handlers)
        {
            var number = InterruptVectors.Find(options.Board, handler.Vector);
            if (!handlers.TryAdd(number, handler.Export))
            {
                throw new DiagnosticException(
                    DiagnosticId.PULSE4051, Location.None, InterruptVectors.Name(options.Board, number), options.Board.Name, handlers[number], handler.Export);
            }

            InterruptControl.Check(options.Board, number, handler);
        }

        return handlers;
    }
}
