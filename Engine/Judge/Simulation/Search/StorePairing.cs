using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;

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
        Guess(match, [.. Keys(before, Used(before, factsBefore, OperandKind.Memory))], [.. Keys(after, Used(after, factsAfter, OperandKind.Memory))]);
        return match;

        static IEnumerable<string[]?> Keys(DecodedModule module, HashSet<int> used) => module.Memories.Select(memory => memory.Import is not null ? null : (string[])
        [
            Text(memory.Limits) + Digest(MemoryImage.Of(module, memory.Index)) + used.Contains(memory.Index),
            Text(memory.Limits) + Digest(MemoryImage.Of(module, memory.Index)),
            used.Contains(memory.Index).ToString(),
            "",
        ]);
    }

    public static KeyPairing Tables(DecodedModule before, CodeFacts factsBefore, DecodedModule after, CodeFacts factsAfter, IReadOnlyDictionary<int, int> hints)
    {
        var match = Start(EntityKind.Table, before, [.. before.Tables.Select(t => t.Import)], after, [.. after.Tables.Select(t => t.Import)], hints);
        Guess(match, [.. Keys(before, Used(before, factsBefore, OperandKind.Table))], [.. Keys(after, Used(after, factsAfter, OperandKind.Table))]);
        return match;

        static IEnumerable<string[]?> Keys(DecodedModule module, HashSet<int> used) => module.Tables.Select(table => table.Import is not null ? null : (string[])
        [
            table.Kind + Text(table.Limits) + Contents(module, table.Index) + used.Contains(table.Index),
            table.Kind + Text(table.Limits) + Contents(module, table.Index),
            table.Kind.ToString() + used.Contains(table.Index),
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
            if (b >= 0 && b < importsBefore.Length && a >= 0 && a < importsAfter.Length && importsBefore[b] is null && importsAfter[a] is null)
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

    /// <summary>What live code names: these pair before those that only the module has, which may be gone.</summary>
    private static HashSet<int> Used(DecodedModule module, CodeFacts facts, OperandKind kind)
        => [.. Enumerable.Range(0, module.Functions.Count).Where(f => facts.Live[f]).SelectMany(f => facts.CodeOf(f) ?? [])
            .SelectMany(i => i.Operands).Where(o => o.Kind == kind && o.Value <= int.MaxValue).Select(o => (int)o.Value)];

    private static string Digest(MemoryImage? image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (at, value) in image?.Bytes.OrderBy(b => b.Key) ?? Enumerable.Empty<KeyValuePair<ulong, byte>>())
        {
            hash.AppendData(BitConverter.GetBytes(at));
            hash.AppendData([value]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
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
