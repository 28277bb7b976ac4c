using System.Globalization;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.HotPath;

/// <summary>What people call the functions of a module.</summary>
internal sealed class FunctionTitles(Module module)
{
    private readonly NameSection _names = NameSection.Read(module);
    private readonly ILookup<int, string> _exports =
        module.Exports.Where(export => export.Kind == ExternKind.Function).ToLookup(export => export.Index, export => export.Name);

    /// <summary>From the name section, else the first export, else <c>module#field</c> of an import, else <c>func[3]</c>.</summary>
    public string Of(FuncIndex function)
    {
        if (_names.Function(function) is { Length: > 0 } name)
        {
            return name;
        }

        return _exports[function.Index].FirstOrDefault()
            ?? Qualified(function)
            ?? string.Create(CultureInfo.InvariantCulture, $"func[{function.Index}]");
    }

    /// <summary>What reports call a table, <c>table[0]</c>.</summary>
    public static string OfTable(TableIndex table) => string.Create(CultureInfo.InvariantCulture, $"table[{table.Index}]");

    /// <summary>
    /// Every name that a project may use for the function: the title, the exports, the import's; and of each the part after <c>!</c>, before
    /// which fusion puts the component, and after <c>#</c>.
    /// </summary>
    public IEnumerable<string> All(FuncIndex function)
    {
        IEnumerable<string?> full = [Of(function), .. _exports[function.Index], Qualified(function)];
        return full.OfType<string>().SelectMany(name => new[] { name, After(name, '!'), After(name, '#') }).Distinct();
    }

    private static string After(string name, char separator) => name[(name.LastIndexOf(separator) + 1)..];

    private string? Qualified(FuncIndex function) => module.Functions[function.Index].Import is { } import ? $"{import.Module}#{import.Name}" : null;
}
