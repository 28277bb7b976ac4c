using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>A linked image and where its parts are.</summary>
/// <param name="Image">Executable.</param>
/// <param name="Map">Memory map with sizes.</param>
internal sealed record LinkedFirmware(ElfImage Image, MemoryMap Map)
{
    /// <summary>Bytes of flash used.</summary>
    public uint FlashBytes => Map.FlashBytes;

    /// <summary>Bytes of RAM laid out, the stack reserve included.</summary>
    public uint RamBytes => Map.RamBytes;
}

/// <summary>Objects + board + entry + handlers → image: start-up code is added, what nothing reaches is left out, addresses are filled in.</summary>
internal static class FirmwareLinker
{
    private const string StartupName = "start-up code";

    /// <summary>Links named objects.</summary>
    public static LinkedFirmware Link(IReadOnlyList<(ElfObject Object, string Name)> objects, FirmwareOptions options)
    {
        var ramEnd = options.Board.Ram.End;
        options = options with { Board = options.Board.From(options.FlashOffset).WithoutRam(options.NoInitBytes) with { AddedRam = options.AddedRam } };
        RamRegion.Check(options.Board);

        // The start-up code comes last among definitions, so its weak handlers yield, and first in flash.
        var startup = StartupCode.Build(options, trapsInTables: objects.Any(o => o.Object.Symbols.Exists(s => s.Name is ObjectBuilder.NullFunction or ObjectBuilder.WrongType)));
        var symbols = new SymbolResolver([.. objects, (startup, StartupName)]);
        CheckExports(symbols, options);
        ElfObject[] all = [startup, .. objects.Select(o => o.Object)];
        var live = LiveSections.Find(all, symbols);
        var map = MemoryMap.Place(live, options, StackPlan.Make(all, live, symbols, options));
        DefineLinkerSymbols(symbols, map, options);
        if (options.Checksum)
        {
            symbols.SetLinkerSymbol(LinkerSymbols.ImageCrc, map.Crc.Address);
        }

        if (options.NoInitBytes > 0)
        {
            symbols.SetLinkerSymbol(LinkerSymbols.NoInitStart, map.Board.Ram.End);
            symbols.SetLinkerSymbol(LinkerSymbols.NoInitEnd, ramEnd);
        }

        return new LinkedFirmware(BuildImage(all, live, symbols, map), map);
    }

    private static void CheckExports(SymbolResolver symbols, FirmwareOptions options)
    {
        string Exports() => string.Join(", ", symbols.Functions.DefaultIfEmpty("none"));
        foreach (var entry in options.Initializers.Append(options.Entry))
        {
            if (!symbols.HasFunction(entry))
            {
                throw new DiagnosticException(DiagnosticId.PULSE4042, Location.None, entry, Exports());
            }
        }

        foreach (var (vector, export) in options.Handlers)
        {
            if (!symbols.HasFunction(export))
            {
                throw new DiagnosticException(DiagnosticId.PULSE4043, Location.None, export, vector, Exports());
            }
        }
    }

    private static void DefineLinkerSymbols(SymbolResolver symbols, MemoryMap map, FirmwareOptions options)
    {
        symbols.SetLinkerSymbol(LinkerSymbols.StackTop, map.StackTop);
        symbols.SetLinkerSymbol(LinkerSymbols.StackLimit, map.Board.Ram.Origin);
        foreach (var function in map.Stack.Depths.Recursive)
        {
            symbols.SetStackGuard(function.Section, (uint)Math.Min((ulong)map.Board.Ram.Origin + map.Stack.Below(function), uint.MaxValue));
        }

        if (options.Faults != FaultAction.SemihostingExit)
        {
            symbols.SetLinkerSymbol(LinkerSymbols.FaultRecord, map.StackTop - FaultCode.RecordBytes);
        }

        foreach (var region in map.Ram)
        {
            symbols.SetLinkerSymbol(LinkerSymbols.DataStart + region.Suffix, region.Data.Address);
            symbols.SetLinkerSymbol(LinkerSymbols.DataEnd + region.Suffix, region.Data.Address + region.Data.Size);
            symbols.SetLinkerSymbol(LinkerSymbols.InitialValues + region.Suffix, region.Initial.Address);
            symbols.SetLinkerSymbol(LinkerSymbols.BssStart + region.Suffix, region.Zero.Address);
            symbols.SetLinkerSymbol(LinkerSymbols.BssEnd + region.Suffix, region.End);
        }

        symbols.SetLinkerSymbol(LinkerSymbols.RamEnd, map.Board.Ram.End);
        symbols.SetLinkerSymbol(LinkerSymbols.FlashEnd, map.Board.Flash.End);
    }

    private static ElfImage BuildImage(IReadOnlyList<ElfObject> objects, List<ElfSection> live, SymbolResolver symbols, MemoryMap map)
    {
        var image = new ElfImage();
        var outputs = new Dictionary<ElfSection, ElfSection>();
        foreach (var placed in map.Sections.Where(p => p.Inputs.Count > 0 || p.Size > 0))
        {
            var output = Output(placed, symbols, map);
            image.Sections.Add(output);
            foreach (var input in placed.Inputs)
            {
                outputs.Add(input, output);
            }
        }

        AddInformation(image, objects, live, symbols);
        AddSegments(image, map);
        AddSymbols(image, objects, outputs, symbols);
        image.Entry = image.Find(StartupCode.ResetHandler)!.Value;
        return image;
    }

    private static ElfSection Output(PlacedSection placed, SymbolResolver symbols, MemoryMap map)
    {
        // Nothing is loaded into RAM: start-up makes it.
        if (map.Ram.Any(region => placed == region.Data || placed == region.Zero))
        {
            return new ElfSection(placed.Name, SectionType.NoBits, SectionFlags.Allocate | SectionFlags.Write)
            {
                Address = placed.Address, ZeroSize = placed.Size, Alignment = (int)placed.Alignment,
            };
        }

        // The CRC is filled in when all before it is known.
        var content = placed == map.Crc ? new byte[placed.Size]
            : map.Ram.FirstOrDefault(region => placed == region.Initial) is { } filled ? filled.Values.Write(Merge(filled.Data, symbols), filled.Data.Address, filled.End)
            : Merge(placed, symbols);
        var flags = SectionFlags.Allocate | (placed == map.Text ? SectionFlags.Execute : SectionFlags.None);
        return new ElfSection(placed.Name, SectionType.ProgBits, flags) { Address = placed.Address, Content = content, Alignment = (int)placed.Alignment };
    }

    private static byte[] Merge(PlacedSection placed, SymbolResolver symbols)
    {
        var content = new byte[placed.Size];
        foreach (var input in placed.Inputs)
        {
            var part = content.AsSpan((int)(input.Address - placed.Address), input.Content.Length);
            input.Content.CopyTo(part);
            foreach (var relocation in input.Relocations)
            {
                RelocationPatcher.Apply(part, input, relocation, symbols.AddressOf(relocation.Symbol, input));
            }
        }

        return content;
    }

    // Sections that are not loaded (debug information) are joined by name; what they say of dropped code is address 0.
    private static void AddInformation(ElfImage image, IReadOnlyList<ElfObject> objects, List<ElfSection> live, SymbolResolver symbols)
    {
        var alive = live.ToHashSet();
        var inputs = objects.SelectMany(o => o.Sections).Where(s => !s.IsAllocated && s.Name.StartsWith(".debug", StringComparison.Ordinal));
        var groups = inputs.GroupBy(s => s.Name, StringComparer.Ordinal).ToList();
        foreach (var group in groups)
        {
            // References between these sections count from the start of the joined section.
            uint offset = 0;
            foreach (var input in group)
            {
                input.Address = offset;
                offset += input.Size;
            }
        }

        foreach (var group in groups)
        {
            var joined = new List<byte>();
            foreach (var input in group)
            {
                var part = input.Content.ToArray();
                foreach (var relocation in input.Relocations)
                {
                    var isDropped = symbols.Resolve(relocation.Symbol, input)?.Section is { IsAllocated: true } target && !alive.Contains(target);
                    RelocationPatcher.Apply(part, input, relocation, isDropped ? 0 : symbols.AddressOf(relocation.Symbol, input));
                }

                joined.AddRange(part);
            }

            image.Sections.Add(new ElfSection(group.Key, SectionType.ProgBits, SectionFlags.None) { Content = [.. joined] });
        }

        AddTraps(image, objects, alive, symbols);
        image.Sections.Add(new ElfSection(BuildAttributes.SectionName, SectionType.ArmAttributes, SectionFlags.None) { Content = BuildAttributes.CortexM3() });
    }

    // Records of four words that begin with an address (ObjectBuilder.TrapSection); those of dropped code are left out.
    private static void AddTraps(ElfImage image, IReadOnlyList<ElfObject> objects, HashSet<ElfSection> alive, SymbolResolver symbols)
    {
        const int Record = 16;
        var traps = new List<byte>();
        foreach (var input in objects.SelectMany(o => o.Sections).Where(s => s.Name == ObjectBuilder.TrapSection))
        {
            var part = input.Content.ToArray();
            foreach (var relocation in input.Relocations.Where(r => symbols.Resolve(r.Symbol, input)?.Section is { } target && alive.Contains(target)))
            {
                RelocationPatcher.Apply(part, input, relocation, symbols.AddressOf(relocation.Symbol, input));
                traps.AddRange(part.AsSpan((int)relocation.Offset, Record));
            }
        }

        if (traps.Count > 0)
        {
            image.Sections.Add(new ElfSection(ObjectBuilder.TrapSection, SectionType.ProgBits, SectionFlags.None) { Content = [.. traps] });
        }
    }

    private static void AddSegments(ElfImage image, MemoryMap map)
    {
        var flash = new byte[map.FlashBytes];
        foreach (var section in image.Sections.Where(s => s.IsAllocated && (s.Flags & SectionFlags.Write) == 0))
        {
            section.Content.CopyTo(flash, (int)(section.Address - map.Board.Flash.Origin));
        }

        if (image.Sections.Find(s => s.Name == map.Crc.Name) is { } crc)
        {
            crc.Content = BitConverter.GetBytes(ImageIdentity.Checksum(flash.AsSpan(..^crc.Content.Length)));
            crc.Content.CopyTo(flash, flash.Length - crc.Content.Length);
        }

        image.Sections.Add(ImageIdentity.Note(ImageIdentity.BuildId(flash)));
        image.Segments.Add(new(map.Board.Flash.Origin, map.Board.Flash.Origin, flash, (uint)flash.Length, SegmentFlags.Read | SegmentFlags.Execute));
        foreach (var (start, end) in map.Ram.Select(region => (region.Data.Address, region.End)).Where(range => range.End > range.Address))
        {
            image.Segments.Add(new(start, start, default, end - start, SegmentFlags.Read | SegmentFlags.Write));
        }
    }

    private static void AddSymbols(ElfImage image, IReadOnlyList<ElfObject> objects, Dictionary<ElfSection, ElfSection> outputs, SymbolResolver symbols)
    {
        foreach (var symbol in objects.SelectMany(o => o.Symbols))
        {
            var isChosen = symbol.Binding == SymbolBinding.Local || (!symbol.IsUndefined && symbols.Resolve(symbol, outputs.Keys.First()) == symbol);
            if (isChosen && symbol.Type is not (SymbolType.Section or SymbolType.File) && symbol.Section is not null && outputs.TryGetValue(symbol.Section, out var output))
            {
                image.Symbols.Add(symbol with { Section = output, Value = symbol.Section.Address + symbol.Value });
            }
        }

        foreach (var (name, value) in symbols.LinkerValues)
        {
            image.Symbols.Add(new ElfSymbol(name, null, value, 0, SymbolBinding.Global, SymbolType.None, IsAbsolute: true));
        }
    }
}
