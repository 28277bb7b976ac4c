using System.Globalization;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Elf;

/// <summary>A relocatable object: sections in file order, and symbols.</summary>
internal sealed class ElfObject
{
    private readonly Dictionary<string, ElfSymbol> _globals = new(StringComparer.Ordinal);

    /// <summary>Sections without the tables that the writer makes.</summary>
    public List<ElfSection> Sections { get; } = [];

    /// <summary>Symbols in the order they were added; the writer puts locals first.</summary>
    public List<ElfSymbol> Symbols { get; } = [];

    /// <summary>Adds the code of one function as <c>.text.NAME</c>, to be filled with relocations.</summary>
    public ElfSection AddCode(string name, byte[] code, int alignment = 4)
        => Add(new ElfSection(".text." + name, SectionType.ProgBits, SectionFlags.Allocate | SectionFlags.Execute) { Content = code, Alignment = alignment });

    /// <summary>Adds constants as <c>.rodata.NAME</c>.</summary>
    public ElfSection AddConstants(string name, byte[] bytes, int alignment = 4)
        => Add(new ElfSection(".rodata." + name, SectionType.ProgBits, SectionFlags.Allocate) { Content = bytes, Alignment = alignment });

    /// <summary>Adds initialised variables as <c>.data.NAME</c>.</summary>
    public ElfSection AddData(string name, byte[] bytes, int alignment = 4)
        => Add(new ElfSection(".data." + name, SectionType.ProgBits, SectionFlags.Allocate | SectionFlags.Write) { Content = bytes, Alignment = alignment });

    /// <summary>Adds zeroed variables as <c>.bss.NAME</c>.</summary>
    public ElfSection AddZero(string name, uint size, int alignment = 4)
        => Add(new ElfSection(".bss." + name, SectionType.NoBits, SectionFlags.Allocate | SectionFlags.Write) { ZeroSize = size, Alignment = alignment });

    /// <summary>Adds a section that is not loaded: debug information, attributes.</summary>
    public ElfSection AddInformation(string name, byte[] bytes, SectionType type = SectionType.ProgBits)
        => Add(new ElfSection(name, type, SectionFlags.None) { Content = bytes });

    /// <summary>Adds a section made elsewhere.</summary>
    public ElfSection Add(ElfSection section)
    {
        Sections.Add(section);
        return section;
    }

    /// <summary>Defines a Thumb function at <paramref name="offset"/> of <paramref name="section"/>; several names may share a place.</summary>
    public ElfSymbol DefineFunction(string name, ElfSection section, uint offset, uint size, SymbolBinding binding = SymbolBinding.Global)
        => Define(new ElfSymbol(name, section, offset | 1, size, binding, SymbolType.Function));

    /// <summary>Defines a variable or a constant.</summary>
    public ElfSymbol DefineObject(string name, ElfSection section, uint offset, uint size, SymbolBinding binding = SymbolBinding.Global)
        => Define(new ElfSymbol(name, section, offset, size, binding, SymbolType.Object));

    /// <summary>Adds a defined symbol. Relocations that refer to an undefined global of that name follow it.</summary>
    public ElfSymbol Define(ElfSymbol symbol)
    {
        if (symbol.Binding != SymbolBinding.Local && !_globals.TryAdd(symbol.Name, symbol))
        {
            var earlier = _globals[symbol.Name];
            InvariantException.Require(earlier.IsUndefined, string.Create(CultureInfo.InvariantCulture, $"symbol '{symbol.Name}' is defined once"));
            Replace(earlier, symbol);
            return symbol;
        }

        Symbols.Add(symbol);
        return symbol;
    }

    /// <summary>The global symbol of that name, undefined unless it has been defined.</summary>
    public ElfSymbol Reference(string name)
    {
        if (!_globals.TryGetValue(name, out var symbol))
        {
            symbol = new ElfSymbol(name, null, 0, 0, SymbolBinding.Global, SymbolType.None);
            _globals.Add(name, symbol);
            Symbols.Add(symbol);
        }

        return symbol;
    }

    /// <summary>Says that data, or Thumb code, begins at <paramref name="offset"/> (<c>$d</c>, <c>$t</c>).</summary>
    public void Map(ElfSection section, uint offset, bool isData)
        => Symbols.Add(new ElfSymbol(isData ? "$d" : "$t", section, offset, 0, SymbolBinding.Local, SymbolType.None));

    /// <summary>The section of that name, or null.</summary>
    public ElfSection? Find(string name) => Sections.Find(section => section.Name == name);

    /// <summary>Puts <paramref name="other"/> of each symbol in its place; relocations follow.</summary>
    public void ReplaceSymbols(Func<ElfSymbol, ElfSymbol> other)
    {
        var replaced = new Dictionary<ElfSymbol, ElfSymbol>();
        _globals.Clear();
        for (var i = 0; i < Symbols.Count; i++)
        {
            var symbol = other(Symbols[i]);
            replaced.Add(Symbols[i], symbol);
            Symbols[i] = symbol;
            if (symbol.Binding != SymbolBinding.Local)
            {
                _globals.Add(symbol.Name, symbol);
            }
        }

        foreach (var section in Sections)
        {
            for (var i = 0; i < section.Relocations.Count; i++)
            {
                section.Relocations[i] = section.Relocations[i] with { Symbol = replaced[section.Relocations[i].Symbol] };
            }
        }
    }

    // References made before the definition follow it.
    private void Replace(ElfSymbol earlier, ElfSymbol symbol)
    {
        _globals[symbol.Name] = symbol;
        Symbols[Symbols.IndexOf(earlier)] = symbol;
        foreach (var section in Sections)
        {
            for (var i = 0; i < section.Relocations.Count; i++)
            {
                if (section.Relocations[i].Symbol == earlier)
                {
                    section.Relocations[i] = section.Relocations[i] with { Symbol = symbol };
                }
            }
        }
    }
}
