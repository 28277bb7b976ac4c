using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

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
        foreach (var segment in module.Elements.Where(e => e.Mode == SegmentMode.Active && e.Table == table))
        {
            if (segment.Offset is not { Kind: InitialKind.Constant } offset || (UInt128)offset.Value + (uint)segment.Items.Length > (uint)slots.Length)
            {
                return null;
            }

            for (var i = 0; i < segment.Items.Length; i++)
            {
                if (segment.Items[i].Kind is not (InitialKind.Function or InitialKind.Null))
                {
                    return null;
                }

                slots[(int)offset.Value + i] = segment.Items[i].Kind == InitialKind.Function ? (int)segment.Items[i].Value : -1;
            }
        }

        return slots;
    }
}
