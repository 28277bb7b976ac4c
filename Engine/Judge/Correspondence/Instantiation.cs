using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// What the active segments of a module do when it is instantiated: element segments, then data segments, each in order, until one does not
/// fit and traps. What was written before a trap stays visible in what is imported.
/// </summary>
internal static class Instantiation
{
    /// <summary>Whether instantiation with this memory can be told from one without: it writes to what the host gave, or may trap.</summary>
    public static bool Needs(DecodedModule module, MemoryEntity memory)
        => Data(module).Any(d => d.Memory == memory.Index && (!Fits(module, d) || memory.Import is not null && d.Bytes.Length > 0));

    /// <inheritdoc cref="Needs(DecodedModule, MemoryEntity)"/>
    public static bool Needs(DecodedModule module, TableEntity table)
        => Elements(module).Any(e => e.Table == table.Index && (!Fits(module, e) || table.Import is not null && e.Items.Length > 0));

    /// <summary>Whether both modules trap alike: surely not at all, or after the same segments in the same order.</summary>
    public static bool TrapsAlike(ModulePair pair)
    {
        var (before, after) = (pair.Before.Module, pair.After.Module);
        if (!MayTrap(before) && !MayTrap(after))
        {
            return true;
        }

        // What fits into a store that is gone leaves no trace.
        var (x, y) = (Elements(before).Where(e => pair.Tables.ToAfter[e.Table] >= 0 || !Fits(before, e)).ToList(), Elements(after).ToList());
        var (v, w) = (Data(before).Where(d => pair.Memories.ToAfter[d.Memory] >= 0 || !Fits(before, d)).ToList(), Data(after).ToList());
        return x.Count == y.Count && x.Zip(y).All(p => pair.Tables.ToAfter[p.First.Table] == p.Second.Table && Same(pair, p.First, p.Second))
            && v.Count == w.Count && v.Zip(w).All(p => pair.Memories.ToAfter[p.First.Memory] == p.Second.Memory && Same(pair, p.First, p.Second));
    }

    /// <summary>Whether the same active segments stand in the same order for two memories.</summary>
    public static bool SameData(ModulePair pair, int b, int a)
    {
        var (x, y) = (Data(pair.Before.Module).Where(d => d.Memory == b).ToList(), Data(pair.After.Module).Where(d => d.Memory == a).ToList());
        return x.Count == y.Count && x.Zip(y).All(p => Same(pair, p.First, p.Second));
    }

    /// <summary>Whether two tables are filled alike, and then by the same active segments in the same order.</summary>
    public static bool SameElements(ModulePair pair, int b, int a)
    {
        var (before, after) = (pair.Before.Module, pair.After.Module);
        var (x, y) = (Elements(before).Where(e => e.Table == b).ToList(), Elements(after).Where(e => e.Table == a).ToList());
        return x.Count == y.Count && x.Zip(y).All(p => Same(pair, p.First, p.Second))
            && (before.Tables[b].Fill, after.Tables[a].Fill) switch
            {
                (null or { Kind: InitialKind.Null }, null or { Kind: InitialKind.Null }) => true,
                ({ } fill, { } other) => InitialValues.Same(pair, fill, other),
                _ => false,
            };
    }

    /// <summary>Whether two active segments put the same bytes in the same place.</summary>
    private static bool Same(ModulePair pair, DataSegment x, DataSegment y)
        => InitialValues.Same(pair, x.Offset!, y.Offset!) && x.Bytes.Span.SequenceEqual(y.Bytes.Span);

    /// <summary>Whether two active segments put the same references in the same place.</summary>
    private static bool Same(ModulePair pair, ElementSegment x, ElementSegment y)
        => InitialValues.Same(pair, x.Offset!, y.Offset!) && x.Items.Length == y.Items.Length && x.Items.Zip(y.Items).All(i => InitialValues.Same(pair, i.First, i.Second));

    /// <summary>Whether a segment may lie outside.</summary>
    public static bool MayTrap(DecodedModule module) => Data(module).Any(d => !Fits(module, d)) || Elements(module).Any(e => !Fits(module, e));

    private static IEnumerable<DataSegment> Data(DecodedModule module) => module.Data.Where(d => d.Mode == SegmentMode.Active);

    private static IEnumerable<ElementSegment> Elements(DecodedModule module) => module.Elements.Where(e => e.Mode == SegmentMode.Active);

    private static bool Fits(DecodedModule module, DataSegment segment)
    {
        var limits = module.Memories[segment.Memory].Limits;
        return segment.Offset is { Kind: InitialKind.Constant } offset
            && (UInt128)offset.Value + (uint)segment.Bytes.Length <= (UInt128)limits.Minimum << limits.PageSizeLog2;
    }

    private static bool Fits(DecodedModule module, ElementSegment segment)
        => segment.Offset is { Kind: InitialKind.Constant } offset
            && (UInt128)offset.Value + (uint)segment.Items.Length <= module.Tables[segment.Table].Limits.Minimum;
}
