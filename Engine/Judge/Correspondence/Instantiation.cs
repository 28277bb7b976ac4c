using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>An active segment: which memory or table it fills, from where on and with what.</summary>
/// <param name="Kind">Memory or table.</param>
/// <param name="Store">Its index.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Bytes">What is put into a memory.</param>
/// <param name="Items">What is put into a table.</param>
/// <param name="Size">Bytes or slots that the store surely has.</param>
/// <param name="IsImported">Whether the host gave the store, and sees what is put there.</param>
internal sealed record ActiveSegment(EntityKind Kind, int Store, Initial Offset, ReadOnlyMemory<byte> Bytes, ImmutableArray<Initial> Items, UInt128 Size, bool IsImported)
{
    private int Length => Bytes.Length + Items.Length;

    /// <summary>Whether it surely lies inside.</summary>
    public bool Fits => Offset.Kind == InitialKind.Constant && (UInt128)Offset.Value + (uint)Length <= Size;

    /// <summary>Whether an instantiation with it can be told from one without.</summary>
    public bool Shows => !Fits || IsImported && Length > 0;
}

/// <summary>
/// What the active segments of a module do when it is instantiated: element segments, then data segments, each in order, until one does not
/// fit and traps. What was written before a trap stays visible in what is imported.
/// </summary>
internal static class Instantiation
{
    /// <summary>The active segments in the order in which they are written.</summary>
    public static IEnumerable<ActiveSegment> Of(DecodedModule module)
        => module.Elements.Where(e => e.Mode == SegmentMode.Active).Select(e => (e, Table: module.Tables[e.Table]))
            .Select(x => new ActiveSegment(EntityKind.Table, x.e.Table, x.e.Offset!, default, x.e.Items, x.Table.Limits.Minimum, x.Table.Import is not null))
            .Concat(module.Data.Where(d => d.Mode == SegmentMode.Active).Select(d => (d, Memory: module.Memories[d.Memory]))
                .Select(x => new ActiveSegment(
                    EntityKind.Memory, x.d.Memory, x.d.Offset!, x.d.Bytes, [], (UInt128)x.Memory.Limits.Minimum << x.Memory.Limits.PageSizeLog2, x.Memory.Import is not null)));

    /// <summary>Those of one memory or table.</summary>
    public static IEnumerable<ActiveSegment> Of(DecodedModule module, EntityKind kind, int store) => Of(module).Where(s => s.Kind == kind && s.Store == store);

    /// <summary>Whether both modules trap alike: surely not at all, or after the same segments in the same order.</summary>
    public static bool TrapsAlike(ModulePair pair)
    {
        int Partner(ActiveSegment s) => (s.Kind == EntityKind.Table ? pair.Tables : pair.Memories).ToAfter[s.Store];
        var (x, y) = (Of(pair.Before.Module).ToList(), Of(pair.After.Module).ToList());
        if (x.Concat(y).All(s => s.Fits))
        {
            return true;
        }

        // What fits into a store that is gone leaves no trace.
        x.RemoveAll(s => Partner(s) < 0 && s.Fits);
        return x.Count == y.Count && x.Zip(y).All(p => p.First.Kind == p.Second.Kind && Partner(p.First) == p.Second.Store && Same(pair, p.First, p.Second));
    }

    /// <summary>Whether the same active segments stand in the same order for two memories, or two tables.</summary>
    public static bool SameSegments(ModulePair pair, EntityKind kind, int b, int a)
    {
        var (x, y) = (Of(pair.Before.Module, kind, b).ToList(), Of(pair.After.Module, kind, a).ToList());
        return x.Count == y.Count && x.Zip(y).All(p => Same(pair, p.First, p.Second));
    }

    /// <summary>Whether two tables begin with the same reference in every slot.</summary>
    public static bool SameFill(ModulePair pair, Initial? x, Initial? y)
        => x is null or { Kind: InitialKind.Null } ? y is null or { Kind: InitialKind.Null } : y is not null && InitialValues.Same(pair, x, y);

    /// <summary>Whether two active segments put the same in the same place.</summary>
    private static bool Same(ModulePair pair, ActiveSegment x, ActiveSegment y) => InitialValues.Same(pair, x.Offset, y.Offset) && x.Bytes.Span.SequenceEqual(y.Bytes.Span)
        && x.Items.Length == y.Items.Length && x.Items.Zip(y.Items).All(i => InitialValues.Same(pair, i.First, i.Second));
}
