using System.Globalization;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>
/// Finds the functions of a module in its object by the contract of objects, so that the object alone decides: an export has a symbol of its
/// name, an import one of its field or of <c>module.field</c> as C spells it, any other function a symbol that ends in a dot and its index.
/// </summary>
internal static class ObjectSymbols
{
    /// <summary>The symbol of each function, by index; empty when the object has none for it.</summary>
    public static string[] Of(Module module, ElfObject machineCode)
    {
        var names = machineCode.Symbols.Where(symbol => !symbol.IsMapping).Select(symbol => symbol.Name).ToHashSet(StringComparer.Ordinal);
        var undefined = machineCode.Symbols.Where(symbol => symbol.IsUndefined).Select(symbol => symbol.Name).ToHashSet(StringComparer.Ordinal);
        var exports = module.Exports.Where(export => export.Kind == ExternKind.Function).ToLookup(export => export.Index, export => export.Name);
        var byIndex = machineCode.Symbols
            .Where(symbol => symbol.Type == SymbolType.Function && !symbol.IsUndefined)
            .ToLookup(symbol => symbol.Name[(symbol.Name.LastIndexOf('.') + 1)..], StringComparer.Ordinal);
        return
        [
            .. module.Functions.Select((function, index) => function.Import is { } import
                ? Spellings(import).FirstOrDefault(undefined.Contains) ?? ""
                : exports[index].FirstOrDefault(names.Contains)
                    ?? byIndex[index.ToString(CultureInfo.InvariantCulture)].OrderBy(symbol => symbol.Binding).FirstOrDefault()?.Name
                    ?? ""),
        ];
    }

    private static IEnumerable<string> Spellings(Import import)
    {
        string[] names = [$"{import.Module}.{import.Name}", import.Name];
        return names.Concat(names.Select(CIdentifier.Of));
    }
}
