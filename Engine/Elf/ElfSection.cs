namespace Pulse.Build.Engine.Elf;

/// <summary>A section: its content, where it is loaded, and the places in it that depend on symbols.</summary>
internal sealed class ElfSection(string name, SectionType type, SectionFlags flags)
{
    /// <summary>Name, <c>.text.mix</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Type.</summary>
    public SectionType Type { get; } = type;

    /// <summary>Flags.</summary>
    public SectionFlags Flags { get; } = flags;

    /// <summary>A power of two.</summary>
    public int Alignment { get; init; } = 1;

    /// <summary>Bytes; empty when <see cref="Type"/> is NoBits.</summary>
    public byte[] Content { get; set; } = [];

    /// <summary>Bytes of memory of a NoBits section.</summary>
    public uint ZeroSize { get; init; }

    /// <summary>Address when running; 0 in a relocatable object.</summary>
    public uint Address { get; set; }

    /// <summary>Places to relocate, by offset.</summary>
    public List<Relocation> Relocations { get; } = [];

    /// <summary>Bytes of memory.</summary>
    public uint Size => Type == SectionType.NoBits ? ZeroSize : (uint)Content.Length;

    /// <summary>Whether it takes memory when the program runs.</summary>
    public bool IsAllocated => (Flags & SectionFlags.Allocate) != 0;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A symbol.</summary>
/// <param name="Name">Name; empty for section symbols.</param>
/// <param name="Section">Where it is defined; null when undefined or absolute.</param>
/// <param name="Value">Offset in its section in an object, address in an image; bit 0 is set for Thumb functions.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Binding">Who sees it.</param>
/// <param name="Type">What it is.</param>
/// <param name="IsAbsolute">Whether the value is a number of its own.</param>
internal sealed record ElfSymbol(
    string Name,
    ElfSection? Section,
    uint Value,
    uint Size,
    SymbolBinding Binding,
    SymbolType Type,
    bool IsAbsolute = false)
{
    /// <summary>Whether another file must define it.</summary>
    public bool IsUndefined => Section is null && !IsAbsolute;

    /// <summary>Whether it is a mapping symbol: <c>$t</c>, <c>$d</c>, <c>$a</c>, possibly with a suffix.</summary>
    public bool IsMapping => Name.Length >= 2 && Name[0] == '$' && Name[1] is 't' or 'd' or 'a' && (Name.Length == 2 || Name[2] == '.');

    /// <summary>Identity: two symbols of the same name may live in one file.</summary>
    public bool Equals(ElfSymbol? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>A place in a section that depends on a symbol; the addend stands in the place itself (REL).</summary>
/// <param name="Offset">Offset in the section.</param>
/// <param name="Type">What stands there; a number outside the enumeration is kept as it was read.</param>
/// <param name="Symbol">The symbol.</param>
internal readonly record struct Relocation(uint Offset, RelocationType Type, ElfSymbol Symbol);

/// <summary>A part of an image as it is loaded.</summary>
/// <param name="Address">Address when running.</param>
/// <param name="LoadAddress">Address that it is loaded to: flash for initialised data.</param>
/// <param name="Content">Bytes in the file.</param>
/// <param name="MemorySize">Bytes in memory; those beyond the content are zero.</param>
/// <param name="Flags">Permissions.</param>
internal sealed record ElfSegment(uint Address, uint LoadAddress, ReadOnlyMemory<byte> Content, uint MemorySize, SegmentFlags Flags);
