using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>
/// Finds which memories and which tables correspond: by import and export; then by the producer's hint, by equal limits and
/// contents, by what live code uses, and by order. A module may have lost those that nothing needs, so order comes last. A
/// wrong guess costs a proof, never its truth: limits, contents and every use of a pair are compared.
/// </summary>
internal static class StorePairing
{
    public static KeyPairing Memories(DecodedModule before, CodeFacts factsBefore, DecodedModule after, CodeFacts factsAfter, IReadOnlyDictionary<int, int> hints)
    {
        var match = Start(EntityKind.Memory, before, [.. before.Memories.Select(m => m.Import)], after, [.. after.Memories.Select(m => m.Import)], hints);
        Guess(match, [.. Keys(before, factsBefore)], [.. Keys(after, factsAfter)]);
        return match;

        static IEnumerable<string[]?> Keys(DecodedModule module, CodeFacts facts) => module.Memories.Select(memory => memory.Import is not null ? null : (string[])
        [
            Text(memory.Limits) + MemoryImage.Of(module, memory.Index)?.Key + facts.MemoriesUsed[memory.Index],
            Text(memory.Limits) + MemoryImage.Of(module, memory.Index)?.Key,
            facts.MemoriesUsed[memory.Index].ToString(),
            "",
        ]);
    }

    public static KeyPairing Tables(DecodedModule before, CodeFacts factsBefore, DecodedModule after, CodeFacts factsAfter, IReadOnlyDictionary<int, int> hints)
    {
        var match = Start(EntityKind.Table, before, [.. before.Tables.Select(t => t.Import)], after, [.. after.Tables.Select(t => t.Import)], hints);
        Guess(match, [.. Keys(before, factsBefore)], [.. Keys(after, factsAfter)]);
        return match;

        static IEnumerable<string[]?> Keys(DecodedModule module, CodeFacts facts) => module.Tables.Select(table => table.Import is not null ? null : (string[])
        [
            table.Kind + Text(table.Limits) + Contents(module, table.Index) + facts.TablesUsed[table.Index],
            table.Kind + Text(table.Limits) + Contents(module, table.Index),
            table.Kind.ToString() + facts.TablesUsed[table.Index],
            table.Kind.ToString(),
        ]);
    }

    private static KeyPairing Start(EntityKind kind, DecodedModule before, ImportName?[] importsBefore, DecodedModule after, ImportName?[] importsAfter, IReadOnlyDictionary<int, int> hints)
    {
        var match = new KeyPairing(importsBefore.Length, importsAfter.Length);
        match.PairByKey(i => importsBefore[i]?.Key, i => importsAfter[i]?.Key);
        foreach (var export in before.Exports.Where(e => e.Kind == kind))
        {
            if (after.Exports.Find(e => e.Kind == kind && e.Name == export.Name) is { } other)
            {
                match.Pair(export.Index, other.Index);
            }
        }

        foreach (var (b, a) in hints.OrderBy(h => h.Key))
        {
            if ((uint)b < (uint)importsBefore.Length && (uint)a < (uint)importsAfter.Length && importsBefore[b] is null && importsAfter[a] is null)
            {
                match.Pair(b, a);
            }
        }

        return match;
    }

    /// <summary>Pairs by the first key of each that is left, then by the next.</summary>
    private static void Guess(KeyPairing match, string[]?[] before, string[]?[] after)
    {
        for (var level = 0; level < 4; level++)
        {
            match.PairByKey(b => before[b]?[level], a => after[a]?[level]);
        }
    }

    private static string Text(Limits limits)
        => string.Create(CultureInfo.InvariantCulture, $"{limits.Minimum}-{limits.Maximum} {limits.Is64}{limits.Shared}{limits.PageSizeLog2} ");

    /// <summary>What the slots hold as far as it can be told before functions have partners: their types.</summary>
    private static string Contents(DecodedModule module, int table)
    {
        if (TableContents.Of(module, table) is not { } slots)
        {
            return "?";
        }

        var text = new StringBuilder();
        for (var slot = 0; slot < slots.Length; slot++)
        {
            if (slots[slot] >= 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{slot}{module.Functions[slots[slot]].Signature.Text};");
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
