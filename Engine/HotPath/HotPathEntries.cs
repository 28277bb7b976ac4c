using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>Finds the exports that <c>HotPathEntry</c> items name: by the full name, or by the part after <c>#</c> where only one has it.</summary>
internal static class HotPathEntries
{
    /// <summary>Each entry's function; PULSE5002 for a name that no export has, PULSE5003 for a part that several have.</summary>
    public static List<(string Name, FuncIndex Function)> Resolve(Module module, IEnumerable<string> entries)
    {
        var exports = module.Exports.Where(export => export.Kind == ExternKind.Function).ToList();
        var result = new List<(string, FuncIndex)>();
        foreach (var entry in entries)
        {
            var export = Find(exports, entry);
            if (!result.Exists(known => known.Item1 == export.Name))
            {
                result.Add((export.Name, new FuncIndex(export.Index)));
            }
        }

        return result;
    }

    private static Export Find(List<Export> exports, string entry)
    {
        if (exports.Find(export => export.Name == entry) is { } exact)
        {
            return exact;
        }

        var matches = exports.FindAll(export => ShortName(export.Name) == entry);
        return matches.Count switch
        {
            1 => matches[0],
            0 => throw new DiagnosticException(DiagnosticId.PULSE5002, Location.None, entry, List(exports)),
            _ => throw new DiagnosticException(DiagnosticId.PULSE5003, Location.None, entry, List(matches)),
        };
    }

    private static string ShortName(string name) => name[(name.LastIndexOf('#') + 1)..];

    private static string List(List<Export> exports) =>
        exports.Count == 0 ? "(the module exports no function)" : string.Join(", ", exports.Select(export => export.Name).Order(StringComparer.Ordinal));
}
