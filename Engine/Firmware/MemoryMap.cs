using System.Globalization;
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

    /// <summary>Address of its content in flash; the same as <see cref="Address"/> but for initialised data.</summary>
    public uint LoadAddress { get; set; }

    /// <summary>Bytes, padding between parts included.</summary>
    public uint Size { get; set; }

    /// <summary>The strictest alignment of the parts, at least a word: start-up copies and clears words.</summary>
    public uint Alignment => (uint)Inputs.Select(input => input.Alignment).Append(4).Max();
}

/// <summary>
/// Where everything stands. Flash: vectors, code, constants, initial values of data. RAM: the stack, so that one that overflows leaves RAM
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
    public uint StackTop => Limit((ulong)Board.Ram.Origin + Stack.Reserve);

    /// <summary>Vector table.</summary>
    public required PlacedSection Vectors { get; init; }

    /// <summary>Code.</summary>
    public required PlacedSection Text { get; init; }

    /// <summary>Constants.</summary>
    public required PlacedSection Constants { get; init; }

    /// <summary>Initialised variables.</summary>
    public required PlacedSection Data { get; init; }

    /// <summary>Zeroed variables.</summary>
    public required PlacedSection Zero { get; init; }

    /// <summary>All of them by address in the image.</summary>
    public IEnumerable<PlacedSection> Sections => [Vectors, Text, Constants, Data, Zero];

    /// <summary>Bytes of flash, from its origin to the last byte used.</summary>
    public uint FlashBytes => Data.LoadAddress + Data.Size - Board.Flash.Origin;

    /// <summary>Bytes of RAM that are laid out, the stack reserve included.</summary>
    public uint RamBytes => Zero.Address + Zero.Size - Board.Ram.Origin;

    /// <summary>Gives every live section an address; PULSE4046 and PULSE4047 when a memory is too small.</summary>
    public static MemoryMap Place(IReadOnlyList<ElfSection> live, Board board, StackPlan stack)
    {
        bool Writable(ElfSection s) => (s.Flags & SectionFlags.Write) != 0;
        bool Executable(ElfSection s) => (s.Flags & SectionFlags.Execute) != 0;
        PlacedSection Group(string name, Func<ElfSection, bool> belongs) => new(name, [.. live.Where(s => s.IsAllocated && belongs(s))]);
        var map = new MemoryMap(board, stack)
        {
            Vectors = Group(".vectors", s => s.Name == VectorTable.SectionName),
            Text = Group(".text", Executable),
            Constants = Group(".rodata", s => !Executable(s) && !Writable(s) && s.Name != VectorTable.SectionName),
            Data = WithZerosLast(Group(".data", s => Writable(s) && !Executable(s) && s.Type != SectionType.NoBits)),
            Zero = Group(".bss", s => Writable(s) && !Executable(s) && s.Type == SectionType.NoBits),
        };
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
            section.LoadAddress = section.Address;
        }

        var ram = Up(PlaceAt(Data, StackTop), 4);
        Data.Size = Up(Data.Size - (Data.Inputs.Count > 0 ? TrailingZeros(Data.Inputs[^1]) : 0), 4);
        Data.LoadAddress = Limit(Up(flash, 4));
        ram = Up(PlaceAt(Zero, ram), 4);

        // What is cleared begins where the stored values end.
        Zero.Address = Zero.LoadAddress = Data.Address + Data.Size;
        Zero.Size = Limit(ram) - Zero.Address;
    }

    /// <summary>The part with the most zeros at its end comes last: they are cleared at start-up instead of being stored in flash.</summary>
    private static PlacedSection WithZerosLast(PlacedSection data)
    {
        var last = data.Inputs.MaxBy(TrailingZeros);
        return last is null ? data : data with { Inputs = [.. data.Inputs.Where(input => input != last), last] };
    }

    private static uint TrailingZeros(ElfSection section)
    {
        // The linker patches at most a word at each relocation.
        var from = section.Relocations.Select(relocation => (int)relocation.Offset + 4).DefaultIfEmpty(0).Max();
        var stored = section.Content.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        return (uint)(section.Content.Length - Math.Min(section.Content.Length, Math.Max(from, stored)));
    }

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
        var flash = (ulong)Data.LoadAddress + Data.Size - Board.Flash.Origin;
        if (flash > Board.Flash.Size)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4046, Location.None,
                flash, flash - Board.Flash.Size, Board.Flash.Size, Board.Name, Largest([Vectors, Text, Constants, Data]));
        }

        var ram = (ulong)Zero.Address + Zero.Size - Board.Ram.Origin;
        if (ram > Board.Ram.Size)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4047, Location.None,
                ram, ram - Board.Ram.Size, Board.Ram.Size, Board.Name, Stack.Reserve, Largest([Data, Zero]));
        }
    }

    private static string Largest(PlacedSection[] sections) => string.Join(", ", sections.SelectMany(s => s.Inputs)
        .OrderByDescending(input => input.Size).ThenBy(input => input.Name, StringComparer.Ordinal).Take(LargestShown)
        .Select(input => string.Create(CultureInfo.InvariantCulture, $"{input.Name} ({input.Size})")).DefaultIfEmpty("nothing else"));

    private static ulong Up(ulong value, uint alignment) => (value + alignment - 1) / alignment * alignment;

    private static uint Up(uint value, uint alignment) => Limit(Up((ulong)value, alignment));

    // Sizes beyond the address space saturate; the budgets then say by how much they are over.
    private static uint Limit(ulong value) => (uint)Math.Min(value, uint.MaxValue);
}
