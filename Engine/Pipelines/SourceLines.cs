using System.Collections.Immutable;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Dwarf;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Source positions of the machine code in an image, from its DWARF.</summary>
internal sealed class SourceLines
{
    private readonly DwarfInfo _info;

    /// <summary>The positions that <paramref name="image"/>, read from <paramref name="path"/>, has; none when it has no debug information.</summary>
    public SourceLines(ElfImage image, string path)
    {
        var sections = image.Sections.Where(section => !section.IsAllocated).Select(section => (section.Name, (ReadOnlyMemory<byte>)section.Content));
        var functions = image.Symbols.Where(symbol => symbol is { Type: SymbolType.Function, Size: > 0 } && (long)symbol.Value + symbol.Size < int.MaxValue)
            .Select(symbol => ((int)(symbol.Value & ~1u), (int)symbol.Size)).Distinct();
        var layout = CodeLayout.Of(functions.Select((function, number) => new BodyRange(new FuncIndex(number), function.Item1, function.Item1 + function.Item2)));
        _info = DwarfInfo.Read(DwarfSections.Of(sections, path), layout, path);
    }

    /// <summary>The position of the instruction at <paramref name="address"/>, or null.</summary>
    public SourcePosition? Find(uint address) => All(address) is [.., var last] ? last : null;

    /// <summary>
    /// The positions of all that stands at <paramref name="address"/>: several where guards share an instruction that traps, and null for what has
    /// none. Empty without debug information.
    /// </summary>
    public ImmutableArray<SourcePosition?> All(uint address) => address <= int.MaxValue ? _info.All((int)(address & ~1u)) : [];
}
