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

/// <summary>The bytes of a memory right after instantiation, as far as segments at constant places define them; zero elsewhere.</summary>
/// <param name="Bytes">Those other than zero, by address.</param>
/// <param name="Traps">Whether instantiation fails because a segment does not fit.</param>
internal sealed record MemoryImage(Dictionary<ulong, byte> Bytes, bool Traps)
{
    /// <summary>The image, or null when a segment's place is not a constant, or the memory is imported and its old contents count.</summary>
    public static MemoryImage? Of(DecodedModule module, int memory)
    {
        var bytes = new Dictionary<ulong, byte>();
        foreach (var segment in Instantiation.Of(module, EntityKind.Memory, memory))
        {
            if (segment.Offset.Kind != InitialKind.Constant || segment.IsImported)
            {
                return null;
            }

            if (!segment.Fits)
            {
                return new MemoryImage(bytes, true); // nothing after it is written
            }

            var address = segment.Offset.Value;
            foreach (var value in segment.Bytes.Span)
            {
                _ = value == 0 ? bytes.Remove(address++) : (bytes[address++] = value) > 0;
            }
        }

        return new MemoryImage(bytes, false);
    }

    public bool Same(MemoryImage other)
        => Traps == other.Traps && Bytes.Count == other.Bytes.Count && Bytes.All(b => other.Bytes.GetValueOrDefault(b.Key) == b.Value);
}

/// <summary>What a table holds right after instantiation.</summary>
internal static class TableContents
{
    private const ulong LargestTable = 1 << 20;

    /// <summary>The function of each slot (-1: empty), or null when that is not a constant of the module.</summary>
    public static int[]? Of(DecodedModule module, int table)
    {
        var entity = module.Tables[table];
        if (entity.Import is not null || entity.Limits.Minimum > LargestTable || entity.Fill is { Kind: not (InitialKind.Null or InitialKind.Function) })
        {
            return null;
        }

        var slots = new int[(int)entity.Limits.Minimum];
        Array.Fill(slots, entity.Fill is { Kind: InitialKind.Function } fill ? (int)fill.Value : -1);
        foreach (var segment in Instantiation.Of(module, EntityKind.Table, table))
        {
            if (!segment.Fits || segment.Items.Any(item => item.Kind is not (InitialKind.Function or InitialKind.Null)))
            {
                return null;
            }

            segment.Items.Select(item => item.Kind == InitialKind.Function ? (int)item.Value : -1).ToArray().CopyTo(slots, (int)segment.Offset.Value);
        }

        return slots;
    }
}
