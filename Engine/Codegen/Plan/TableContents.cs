using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Plan;

/// <summary>What stands in a module's tables: the code generator knows no instruction that changes one, so that is what the segments say.</summary>
internal static class TableContents
{
    /// <summary>The entries of a table; null where nothing was put.</summary>
    public static FuncIndex?[] Of(Module module, int table, string path)
    {
        var entries = new FuncIndex?[LengthOf(module, table, path)];
        foreach (var segment in module.Elements.Where(segment => segment.Mode == SegmentMode.Active && segment.Table.Index == table))
        {
            var functions = FunctionsOf(segment, table, path);
            if (segment.Offset is null || !segment.Offset.TryEvaluate(out var value) || value.Bits + (ulong)functions.Count > (ulong)entries.Length)
            {
                throw new DiagnosticException(DiagnosticId.PULSE4004, new Location(path), table, "filled by a segment whose place is not a constant inside the table");
            }

            for (var i = 0; i < functions.Count; i++)
            {
                entries[(int)value.Bits + i] = functions[i];
            }
        }

        return entries;
    }

    /// <summary>The number of entries.</summary>
    public static int LengthOf(Module module, int table, string path) => module.Tables[table] is { Import: null, Limits.Minimum: <= 65536 and var minimum }
        ? (int)minimum
        : throw new DiagnosticException(DiagnosticId.PULSE4004, new Location(path), table, "imported, or longer than 65536 entries");

    /// <summary>Every function that some table holds.</summary>
    public static IEnumerable<FuncIndex> Functions(Module module, string path) =>
        Enumerable.Range(0, module.Tables.Count).Where(table => module.Tables[table].ElementType == ValType.FuncRef && module.Elements.Count > 0)
            .SelectMany(table => Of(module, table, path)).Where(entry => entry is not null).Select(entry => entry!.Value).Distinct();

    private static List<FuncIndex?> FunctionsOf(ElementSegment segment, int table, string path)
    {
        if (segment.Expressions.IsDefaultOrEmpty)
        {
            return [.. segment.Functions.Select(function => (FuncIndex?)function)];
        }

        return [.. segment.Expressions.Select(expression => expression.TryEvaluate(out var value)
            ? value.Function
            : throw new DiagnosticException(DiagnosticId.PULSE4004, new Location(path), table, "filled with a reference that is not constant"))];
    }
}
