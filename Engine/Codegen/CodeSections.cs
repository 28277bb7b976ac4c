using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen;

/// <summary>Puts assembled code into an object: section, symbol, mapping symbols, relocations.</summary>
internal static class CodeSections
{
    /// <summary>Adds <paramref name="code"/> as the function <paramref name="name"/> in a section of its own.</summary>
    public static ElfSymbol Add(ElfObject target, string name, AssembledCode code, SymbolBinding binding = SymbolBinding.Global)
    {
        var section = target.AddCode(name, [.. code.Bytes], AssembledCode.Alignment);
        foreach (var region in code.Regions)
        {
            target.Map(section, (uint)region.Offset, region.IsData);
        }

        foreach (var relocation in code.Relocations)
        {
            section.Relocations.Add(new((uint)relocation.Offset, TypeOf(relocation.Kind), target.Reference(relocation.Symbol)));
        }

        return target.DefineFunction(name, section, 0, section.Size, binding);
    }

    /// <summary>The ELF relocation of a place in code.</summary>
    public static RelocationType TypeOf(RelocationKind kind) => kind switch
    {
        RelocationKind.Call => RelocationType.ThumbCall,
        RelocationKind.Jump => RelocationType.ThumbJump24,
        RelocationKind.MovwAbs => RelocationType.ThumbMovwAbs,
        RelocationKind.MovtAbs => RelocationType.ThumbMovtAbs,
        _ => RelocationType.Abs32,
    };
}
