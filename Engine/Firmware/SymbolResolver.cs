using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>Which definition a reference means, across objects: a strong one hides weak ones, two strong ones are an error.</summary>
internal sealed class SymbolResolver
{
    private readonly Dictionary<string, (ElfSymbol Symbol, string Object)> _definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, uint> _linkerSymbols = new(StringComparer.Ordinal);
    private readonly Dictionary<ElfSection, uint> _stackGuards = [];
    private static readonly string[] LinkerNames =
    [
        LinkerSymbols.StackTop, LinkerSymbols.StackLimit, LinkerSymbols.StackGuard,
        .. Enumerable.Range(0, 1 + RamRegion.MostAdded).Select(RamRegion.SuffixOf).SelectMany(suffix => LinkerSymbols.OfRegion.Select(name => name + suffix)),
        LinkerSymbols.RamEnd, LinkerSymbols.ImageCrc, LinkerSymbols.NoInitStart, LinkerSymbols.NoInitEnd, LinkerSymbols.FlashEnd, LinkerSymbols.FaultRecord,
    ];

    /// <summary>Collects the definitions of named objects.</summary>
    public SymbolResolver(IEnumerable<(ElfObject Object, string Name)> objects)
    {
        foreach (var (file, name) in objects)
        {
            foreach (var symbol in file.Symbols.Where(s => s.Binding != SymbolBinding.Local && !s.IsUndefined))
            {
                Add(symbol, name);
            }
        }
    }

    /// <summary>Names of exported functions, sorted.</summary>
    public IEnumerable<string> Functions => _definitions.Where(d => d.Value.Symbol is { Type: SymbolType.Function, Binding: SymbolBinding.Global })
        .Select(d => d.Key).Order(StringComparer.Ordinal);

    /// <summary>Whether some object defines <paramref name="name"/> as a function.</summary>
    public bool HasFunction(string name) => _definitions.TryGetValue(name, out var found) && found.Symbol.Type == SymbolType.Function;

    /// <summary>Sets the lowest stack pointer at the entry of the function in <paramref name="section"/>.</summary>
    public void SetStackGuard(ElfSection section, uint value) => _stackGuards[section] = value;

    /// <summary>Sets the value of a symbol that the linker defines.</summary>
    public void SetLinkerSymbol(string name, uint value) => _linkerSymbols[name] = value;

    /// <summary>Values of the linker's symbols, in a fixed order.</summary>
    public IEnumerable<(string Name, uint Value)> LinkerValues => LinkerNames.Where(_linkerSymbols.ContainsKey).Select(name => (name, _linkerSymbols[name]));

    /// <summary>The definition that <paramref name="reference"/> means; null for the linker's symbols and for weak references without one.</summary>
    public ElfSymbol? Resolve(ElfSymbol reference, ElfSection from)
    {
        if (reference.Binding == SymbolBinding.Local)
        {
            return reference.IsUndefined ? null : reference;
        }

        if (_definitions.TryGetValue(reference.Name, out var found))
        {
            return found.Symbol;
        }

        return Array.IndexOf(LinkerNames, reference.Name) >= 0 || reference.Binding == SymbolBinding.Weak
            ? null
            : throw new DiagnosticException(DiagnosticId.PULSE4044, Location.None, reference.Name, from.Name);
    }

    /// <summary>The address that <paramref name="reference"/> means, with the Thumb bit of functions.</summary>
    public uint AddressOf(ElfSymbol reference, ElfSection from) => Resolve(reference, from) is { } symbol
        ? symbol.IsAbsolute ? symbol.Value : unchecked(symbol.Section!.Address + symbol.Value)
        : reference.Name == LinkerSymbols.StackGuard ? _stackGuards.GetValueOrDefault(from) : _linkerSymbols.GetValueOrDefault(reference.Name);

    private void Add(ElfSymbol symbol, string file)
    {
        if (!_definitions.TryGetValue(symbol.Name, out var earlier) || (earlier.Symbol.Binding == SymbolBinding.Weak && symbol.Binding == SymbolBinding.Global))
        {
            _definitions[symbol.Name] = (symbol, file);
        }
        else if (earlier.Symbol.Binding == SymbolBinding.Global && symbol.Binding == SymbolBinding.Global)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4045, Location.None, symbol.Name, earlier.Object, file);
        }
    }
}
