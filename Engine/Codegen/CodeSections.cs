using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen;

/// <summary>Puts assembled code into an object: section, symbol, mapping symbols, relocations.</summary>
internal static class CodeSections
{
    /// <summary>Adds <paramref name="code"/> as the function <paramref name="name"/> in a section of its own, relocated by name.</summary>
    public static ElfSymbol Add(ElfObject target, string name, AssembledCode code, SymbolBinding binding = SymbolBinding.Global)
    {
        var symbol = Place(target, name, code, binding);
        Relocate(symbol.Section!, code.Relocations, target.Reference);
        return symbol;
    }

    /// <summary>As <see cref="Add"/>, without relocations: for code that refers to symbols that are not there yet.</summary>
    public static ElfSymbol Place(ElfObject target, string name, AssembledCode code, SymbolBinding binding)
    {
        var section = target.AddCode(name, [.. code.Bytes], AssembledCode.Alignment);
        foreach (var region in code.Regions)
        {
            target.Map(section, (uint)region.Offset, region.IsData);
        }

        return target.DefineFunction(name, section, 0, section.Size, binding);
    }

    /// <summary>Adds the relocations of <paramref name="section"/>, whose symbols <paramref name="symbolOf"/> gives.</summary>
    public static void Relocate(ElfSection section, IEnumerable<CodeRelocation> relocations, Func<string, ElfSymbol> symbolOf)
    {
        foreach (var relocation in relocations)
        {
            section.Relocations.Add(new((uint)relocation.Offset, TypeOf(relocation.Kind), symbolOf(relocation.Symbol)));
        }
    }

    /// <summary>The ELF relocation of a place in code.</summary>
    private static RelocationType TypeOf(RelocationKind kind) => kind switch
    {
        RelocationKind.Call => RelocationType.ThumbCall,
        RelocationKind.Jump => RelocationType.ThumbJump24,
        RelocationKind.MovwAbs => RelocationType.ThumbMovwAbs,
        RelocationKind.MovtAbs => RelocationType.ThumbMovtAbs,
        _ => RelocationType.Abs32,
    };
}
