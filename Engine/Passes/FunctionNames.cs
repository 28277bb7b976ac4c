using System.Globalization;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Passes;

/// <summary>Names of functions for people.</summary>
internal sealed class FunctionNames(IReadOnlyDictionary<int, string> names, ILookup<int, string>? exports = null)
{
    /// <summary>The names of <paramref name="module"/>: from its name section, else from its exports.</summary>
    public static FunctionNames Of(Module module)
    {
        var names = new Dictionary<int, string>();
        var exports = module.Exports.Where(e => e.Kind == ExternKind.Function).ToLookup(e => e.Index, e => e.Name);
        foreach (var export in module.Exports.Where(e => e.Kind == ExternKind.Function))
        {
            names.TryAdd(export.Index, export.Name);
        }

        foreach (var (function, name) in NameSection.Read(module).FunctionNames)
        {
            names[function] = name;
        }

        return new FunctionNames(names, exports);
    }

    /// <summary>The name of <paramref name="function"/>, <c>func[3]</c> when it has none.</summary>
    public string this[FuncIndex function] =>
        names.TryGetValue(function.Index, out var name) ? name : string.Create(CultureInfo.InvariantCulture, $"func[{function.Index}]");

    /// <summary>Whether a project means <paramref name="function"/> when it says one of <paramref name="said"/>: by its name, or by that of one of its exports.</summary>
    public bool IsMeant(FuncIndex function, IReadOnlySet<string> said) =>
        said.Count > 0 && (IsMeant(this[function], said) || (exports?[function.Index].Any(name => IsMeant(name, said)) ?? false));

    /// <summary>
    /// Whether a project means <paramref name="full"/> when it says one of <paramref name="said"/>: the whole name, or what follows the
    /// component (<c>kernel!transition</c>) or the interface (<c>gust:kernel/scheduler#poll</c>).
    /// </summary>
    public static bool IsMeant(string full, IReadOnlySet<string> said) =>
        said.Contains(full) || said.Contains(full[(full.LastIndexOfAny(['!', '#']) + 1)..]);
}
