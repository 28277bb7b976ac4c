using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Codegen.Plan;

/// <summary>
/// The symbols of a module's entities. An exported function has the name of its first export. An import has its field name when that is
/// unique among imports and exports, else <c>module.field</c>. Any other function has its name from the name section, or <c>func</c>, with
/// the index appended: <c>transition.4</c>.
/// </summary>
internal sealed class SymbolNames
{
    /// <summary>What the names of symbols that the compiler makes begin with.</summary>
    private const string Own = "__pulse_";

    private readonly string _path;
    private readonly HashSet<string> _exports;
    private readonly HashSet<string> _ambiguous;
    private readonly Dictionary<string, Import> _imports = new(StringComparer.Ordinal);

    /// <summary>Names the functions of <paramref name="module"/>, which is read from <paramref name="path"/>.</summary>
    public SymbolNames(Module module, string path)
    {
        _path = path;
        var names = NameSection.Read(module);
        var exports = module.Exports.Where(export => export.Kind == ExternKind.Function).ToList();
        _exports = exports.Select(export => CheckedName(export.Name)).ToHashSet(StringComparer.Ordinal);
        _ambiguous = module.Imports.Where(import => import.Kind is ExternKind.Function or ExternKind.Global).Select(import => import.Name).Concat(_exports)
            .GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        Functions = new string[module.Functions.Count];
        Titles = new string?[module.Functions.Count];
        foreach (var (function, i) in module.Functions.Select((function, i) => (function, i)).OrderBy(pair => pair.function.Import is null))
        {
            Functions[i] = function.Import is { } import
                ? Imported(import)
                : exports.Find(export => export.Index == i)?.Name ?? Local(names.Function(new FuncIndex(i)), i);
            Titles[i] = function.Import is null && names.Function(new FuncIndex(i)) is { Length: > 0 } name ? Local(name, i) : null;
        }
    }

    /// <summary>The symbol of each function.</summary>
    public string[] Functions { get; }

    /// <summary>For each function that is defined and has a name in the name section, the symbol that it has, or would have without an export.</summary>
    public string?[] Titles { get; }

    /// <summary>The symbol that satisfies <paramref name="import"/>.</summary>
    public string Imported(Import import)
    {
        var name = CheckedName(_ambiguous.Contains(import.Name) ? $"{import.Module}.{import.Name}" : import.Name);
        if (_exports.Contains(name) || (_imports.TryGetValue(name, out var other) && (other.Module != import.Module || other.Name != import.Name)))
        {
            throw new DiagnosticException(DiagnosticId.PULSE4007, new Location(_path), name, "another import or an export has it");
        }

        _imports[name] = import;
        return name;
    }

    private string Local(string? name, int index)
    {
        var symbol = string.Create(CultureInfo.InvariantCulture, $"{name?.Replace('\0', '_') ?? "func"}.{index}");
        while (_exports.Contains(symbol) || _imports.ContainsKey(symbol))
        {
            symbol += "_";
        }

        return symbol;
    }

    private string CheckedName(string name)
    {
        var reason = name.StartsWith(Own, StringComparison.Ordinal) ? $"names that begin with '{Own}' are the compiler's own"
            : name.Contains('\0', StringComparison.Ordinal) ? "it contains a zero byte, which ends a name in an object"
            : name is ['$', 't' or 'd' or 'a'] or ['$', 't' or 'd' or 'a', '.', ..] ? "it would mark code or data for debuggers"
            : null;
        return reason is null ? name : throw new DiagnosticException(DiagnosticId.PULSE4007, new Location(_path), name.Replace("\0", "\\0", StringComparison.Ordinal), reason);
    }
}
