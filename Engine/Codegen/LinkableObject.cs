using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Codegen;

/// <summary>
/// Makes an object one that C programs link, also beside others of its kind: exports have a symbol that C can spell next to their own name,
/// imports are undefined by such a symbol, and of what the compiler added only what the header declares is seen outside, under the object's name.
/// </summary>
internal static class LinkableObject
{
    /// <summary>Renames the symbols of <paramref name="target"/>, which was made for <paramref name="plan"/>.</summary>
    public static void Rename(ElfObject target, ModulePlan plan, CNames names)
    {
        var own = OwnNames(plan, names);
        target.ReplaceSymbols(symbol => Renamed(symbol, own, names));
        foreach (var symbol in target.Symbols.Where(symbol => symbol.Binding == SymbolBinding.Global && !symbol.IsUndefined && names.IsFunction(symbol.Name) && names.Function(symbol.Name) != symbol.Name).ToList())
        {
            target.Define(symbol with { Name = names.Function(symbol.Name) });
        }
    }

    private static ElfSymbol Renamed(ElfSymbol symbol, Dictionary<string, string> own, CNames names)
    {
        if (symbol.Binding == SymbolBinding.Local)
        {
            return symbol;
        }

        // An import is called by one name only, and so is an export without a name.
        if (names.IsFunction(symbol.Name))
        {
            return symbol.IsUndefined || symbol.Name.Length == 0 ? symbol with { Name = names.Function(symbol.Name) } : symbol;
        }

        return own.TryGetValue(symbol.Name, out var name) ? symbol with { Name = name } : symbol with { Binding = SymbolBinding.Local };
    }

    private static Dictionary<string, string> OwnNames(ModulePlan plan, CNames names)
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal) { [ObjectBuilder.StartSymbol] = names.Initialization };
        for (var memory = 0; memory < plan.Module.Memories.Count; memory++)
        {
            own.Add(ModulePlan.MemorySymbol(memory), names.Memory(memory));
        }

        foreach (var memory in plan.MemorySizes.ToArray())
        {
            own.Add(plan.MemorySizeSymbol(memory), names.MemorySize(memory));
        }

        return own;
    }
}
