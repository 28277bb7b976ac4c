using System.Globalization;
using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>One output section: input sections at consecutive addresses.</summary>
/// <param name="Name">Name in the image.</param>
/// <param name="Inputs">Its parts.</param>
internal sealed record PlacedSection(string Name, IReadOnlyList<ElfSection> Inputs)
{
    /// <summary>Address when running.</summary>
    public uint Address { get; set; }

    /// <summary>Bytes, padding between parts included.</summary>
    public uint Size { get; set; }

    /// <summary>The strictest alignment of the parts, at least a word: start-up copies and clears words.</summary>
    public uint Alignment => (uint)Inputs.Select(input => input.Alignment).Append(4).Max();
}

/// <summary>
/// Where everything stands. Flash: vectors, code, constants, the initial values of data. RAM: the stack, so that one that overflows leaves RAM
/// and faults; data, zeroed data.
/// </summary>
internal sealed class MemoryMap
{
    private const int LargestShown = 5;

    private MemoryMap(Board board, StackPlan stack) => (Board, Stack) = (board, stack);

    /// <summary>The board.</summary>
    public Board Board { get; }

    /// <summary>The stack.</summary>
    public StackPlan Stack { get; }

    /// <summary>Where the stack starts to grow down from.</summary>
    public uint StackTop => TopOf(Board, Stack);

    /// <summary>Vector table.</summary>
    public required PlacedSection Vectors { get; init; }

    /// <summary>Code.</summary>
    public required PlacedSection Text { get; init; }

    /// <summary>Constants.</summary>
    public required PlacedSection Constants { get; init; }

    /// <summary>The CRC of what stands before it in flash; empty when the project wants none.</summary>
    public PlacedSection Crc { get; } = new(".crc", []);

    /// <summary>RAM, the board's own first.</summary>
    public required IReadOnlyList<RamRegion> Ram { get; init; }

    /// <summary>All of them by address in the image.</summary>
    public IEnumerable<PlacedSection> Sections => [Vectors, Text, Constants, .. Ram.Select(region => region.Initial), Crc, .. Ram.SelectMany(region => new[] { region.Data, region.Zero })];

    /// <summary>Bytes of flash, from its origin to the last byte used.</summary>
    public uint FlashBytes => Crc.Address + Crc.Size - Board.Flash.Origin;

    /// <summary>Bytes of RAM that are laid out, the stack reserve included.</summary>
    public uint RamBytes => Limit((ulong)Ram.Sum(region => (long)region.End - region.Range.Origin));

    /// <summary>Gives every live section an address; PULSE4046 and PULSE4047 when a memory is too small.</summary>
    public static MemoryMap Place(IReadOnlyList<ElfSection> live, FirmwareOptions options, StackPlan stack)
    {
        bool Writable(ElfSection s) => (s.Flags & SectionFlags.Write) != 0;
        bool Executable(ElfSection s) => (s.Flags & SectionFlags.Execute) != 0;
        PlacedSection Group(string name, Func<ElfSection, bool> belongs) => new(name, [.. live.Where(s => s.IsAllocated && belongs(s))]);
        var map = new MemoryMap(options.Board, stack)
        {
            Vectors = Group(".vectors", s => s.Name == VectorTable.SectionName),
            Text = Group(".text", Executable),
            Constants = Group(".rodata", s => !Executable(s) && !Writable(s) && s.Name != VectorTable.SectionName),
            Ram = RamRegion.Fill(options.Board, TopOf(options.Board, stack), live.Where(s => s.IsAllocated && Writable(s) && !Executable(s))),
        };
        map.Crc.Size = options.Checksum ? 4u : 0;
        map.Assign();
        map.CheckBudgets();
        return map;
    }

    private void Assign()
    {
        ulong flash = Board.Flash.Origin;
        foreach (var section in new[] { Vectors, Text, Constants })
        {
            flash = PlaceAt(section, flash);
        }

        flash = Up(flash, 4);
        foreach (var region in Ram)
        {
            var ram = Up(PlaceAt(region.Data, region == Ram[0] ? StackTop : region.Range.Origin), 4);
            region.Data.Size = Limit(ram) - region.Data.Address;
            ram = Up(PlaceAt(region.Zero, ram), 4);
            region.Zero.Size = Limit(ram) - region.Zero.Address;
            region.FindValues();
            region.Initial.Address = Limit(flash);
            region.Initial.Size = region.Values.Size;
            flash += region.Initial.Size;
        }

        Crc.Address = Limit(flash);
    }

    private static uint TopOf(Board board, StackPlan stack) => Limit((ulong)board.Ram.Origin + stack.Reserve);

    private static ulong PlaceAt(PlacedSection section, ulong at)
    {
        at = Up(at, section.Alignment);
        section.Address = Limit(at);
        foreach (var input in section.Inputs)
        {
            at = Up(at, (uint)input.Alignment);
            input.Address = Limit(at);
            at += input.Size;
        }

        section.Size = Limit(at) - section.Address;
        return at;
    }

    private void CheckBudgets()
    {
        var flash = (ulong)Crc.Address + Crc.Size - Board.Flash.Origin;
        if (flash > Board.Flash.Size)
        {
            var parts = new[] { Vectors, Text, Constants }.SelectMany(s => s.Inputs).Select(input => (input.Name, input.Size));
            throw new DiagnosticException(DiagnosticId.PULSE4046, Location.None,
                flash, flash - Board.Flash.Size, Board.Flash.Size, Board.Name, Largest(parts.Concat(Ram.SelectMany(region => region.Data.Inputs).Select(input => (input.Name, InitialValues.StoredBytes(input))))));
        }

        // What fits nowhere is in the board's own.
        var ram = (ulong)Ram[0].End - Board.Ram.Origin;
        if (ram > Board.Ram.Size)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4047, Location.None,
                ram, ram - Board.Ram.Size, Board.Ram.Size, Board.Name, Stack.Reserve, Largest(Ram[0].Data.Inputs.Concat(Ram[0].Zero.Inputs).Select(input => (input.Name, input.Size))));
        }
    }

    private static string Largest(IEnumerable<(string Name, uint Size)> parts) => string.Join(", ", parts
        .OrderByDescending(part => part.Size).ThenBy(part => part.Name, StringComparer.Ordinal).Take(LargestShown)
        .Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Name} ({part.Size})")).DefaultIfEmpty("nothing else"));

    private static ulong Up(ulong value, uint alignment) => (value + alignment - 1) / alignment * alignment;

    private static uint Up(uint value, uint alignment) => Limit(Up((ulong)value, alignment));

    // Sizes beyond the address space saturate; the budgets then say by how much they are over.
    private static uint Limit(ulong value) => (uint)Math.Min(value, uint.MaxValue);
}
