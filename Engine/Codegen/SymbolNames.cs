using System.Globalization;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Codegen;

/// <summary>
/// The symbols of a module's functions. An exported function has the name of its first export. An import has its field name when that is
/// unique among imports and exports, else <c>module.field</c>. Any other function has its name from the name section, or <c>func</c>, with
/// the index appended: <c>transition.4</c>.
/// </summary>
internal sealed class SymbolNames
{
    /// <summary>Names the functions of <paramref name="module"/>.</summary>
    public SymbolNames(Module module)
    {
        var names = NameSection.Read(module);
        var exports = module.Exports.Where(export => export.Kind == ExternKind.Function).ToList();
        var taken = module.Functions.Select(function => function.Import?.Name).Concat(exports.Select(export => export.Name))
            .OfType<string>().GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        Functions = new string[module.Functions.Count];
        for (var i = 0; i < Functions.Length; i++)
        {
            Functions[i] = module.Functions[i].Import is { } import
                ? taken.Contains(import.Name) ? $"{import.Module}.{import.Name}" : import.Name
                : exports.Find(export => export.Index == i)?.Name ?? Local(names.Function(new FuncIndex(i)), i);
        }
    }

    /// <summary>The symbol of each function.</summary>
    public string[] Functions { get; }

    private static string Local(string? name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name ?? "func"}.{index}");
}
