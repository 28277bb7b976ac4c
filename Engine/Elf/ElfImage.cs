namespace Pulse.Build.Engine.Elf;

/// <summary>A linked program: sections at their addresses, segments as they are loaded, symbols with addresses.</summary>
internal sealed class ElfImage
{
    /// <summary>Sections in file order, by address.</summary>
    public List<ElfSection> Sections { get; } = [];

    /// <summary>What is loaded.</summary>
    public List<ElfSegment> Segments { get; } = [];

    /// <summary>Symbols.</summary>
    public List<ElfSymbol> Symbols { get; } = [];

    /// <summary>Where execution begins; bit 0 set for Thumb.</summary>
    public uint Entry { get; set; }

    /// <summary>The symbol of that name that is not local, or null.</summary>
    public ElfSymbol? Find(string name) => Symbols.Find(symbol => symbol.Name == name && symbol.Binding != SymbolBinding.Local);
}
