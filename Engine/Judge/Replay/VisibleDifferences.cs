using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>
/// What the host can see of two modules without running them. An import that is exported again is the host's own: nothing else can stand for it. Of functions
/// that takes a run.
/// </summary>
internal sealed class VisibleDifferences(ModulePair pair)
{
    private readonly DecodedModule _before = pair.Before.Module;
    private readonly DecodedModule _after = pair.After.Module;

    /// <summary>The facts, by the names that <see cref="ModuleObligations"/> gives them, of which the host sees it if they do not hold.</summary>
    public static HashSet<string> Of(ModulePair pair)
    {
        var seen = new VisibleDifferences(pair);
        return [.. seen.Exports(), .. seen.Imports(), .. seen.Memories(), .. seen.Globals()];
    }

    private IEnumerable<string> Exports() => _before.Exports.Where(x => _after.Exports.Find(y => y.Name == x.Name) is not { } y || x.Kind != y.Kind
            || !ModuleObligations.SameType(_before, x, _after, y) || ImportOf(_before, x) != ImportOf(_after, y))
        .Concat(_after.Exports.Where(y => !_before.Exports.Exists(x => x.Name == y.Name))).Select(e => $"export '{e.Name}'");

    private static ImportName? ImportOf(DecodedModule module, ExportEntity export) => export.Kind switch
    {
        EntityKind.Memory => module.Memories[export.Index].Import,
        EntityKind.Table => module.Tables[export.Index].Import,
        EntityKind.Global => module.Globals[export.Index].Import,
        _ => null,
    };

    private IEnumerable<string> Imports()
    {
        var known = ImportsOf(_before).ToHashSet();
        return ImportsOf(_after).Where(import => !known.Contains(import)).Select(import => $"import '{import.Name}'");
    }

    private static IEnumerable<(ImportName? Name, EntityKind Kind, string Type)> ImportsOf(DecodedModule module) => module.Functions.Select(f => (f.Import, EntityKind.Function, f.Signature.Text))
        .Concat(module.Memories.Select(m => (m.Import, EntityKind.Memory, "")))
        .Concat(module.Tables.Select(t => (t.Import, EntityKind.Table, $"{t.Kind}")))
        .Concat(module.Globals.Select(g => (g.Import, EntityKind.Global, $"{g.Kind} {g.Mutable}")))
        .Concat(module.Tags.Select(t => (t.Import, EntityKind.Tag, t.Signature.Text))).Where(import => import.Import is not null);

    private IEnumerable<string> Memories()
    {
        var fits = Instantiation.Of(_before).Concat(Instantiation.Of(_after)).All(s => s.Fits);
        foreach (var (b, a) in pair.Memories.Pairs)
        {
            if (_before.Memories[b].Import is not null)
            {
                yield return $"memory {b} limits";
            }

            if (fits && IsSeenAtOnce(EntityKind.Memory, b, a) && MemoryImage.Of(_before, b) is not null && MemoryImage.Of(_after, a) is not null)
            {
                yield return $"memory {b} contents";
            }
        }
    }

    private IEnumerable<string> Globals() => pair.Globals.Pairs.Where(p => IsSeenAtOnce(EntityKind.Global, p.Before, p.After) && IsConstant(_before, p.Before) && IsConstant(_after, p.After))
        .Select(p => $"global {p.Before}");

    private static bool IsConstant(DecodedModule module, int global) => module.Globals[global].Initial is { Kind: InitialKind.Constant };

    /// <summary>Whether the host can look at both under one name before any code has run.</summary>
    private bool IsSeenAtOnce(EntityKind kind, int before, int after) => _before.Start is null && _after.Start is null
        && _before.Exports.Exists(e => e.Kind == kind && e.Index == before && _after.Exports.Exists(o => o.Kind == kind && o.Index == after && o.Name == e.Name));
}
