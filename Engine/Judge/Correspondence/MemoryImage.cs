using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>The bytes of a memory right after instantiation, as far as segments at constant places define them; zero elsewhere.</summary>
internal sealed class MemoryImage
{
    private const int Block = 4096;

    private MemoryImage()
    {
    }

    /// <summary>Blocks that hold a byte other than zero, by number.</summary>
    public SortedDictionary<ulong, byte[]> Blocks { get; } = [];

    /// <summary>Whether instantiation fails because a segment does not fit.</summary>
    private bool Traps { get; set; }

    /// <summary>The image, or null when a segment's place is not a constant, or the memory is imported and its old contents count.</summary>
    public static MemoryImage? Of(DecodedModule module, int memory)
    {
        var entity = module.Memories[memory];
        var image = new MemoryImage();
        foreach (var segment in module.Data.Where(d => d.Mode == SegmentMode.Active && d.Memory == memory))
        {
            if (segment.Offset is not { Kind: InitialKind.Constant } offset || entity.Import is not null)
            {
                return null;
            }

            if ((UInt128)offset.Value + (uint)segment.Bytes.Length > (UInt128)entity.Limits.Minimum << entity.Limits.PageSizeLog2)
            {
                image.Traps = true;
                break; // nothing after it is written
            }

            image.Write(offset.Value, segment.Bytes.Span);
        }

        foreach (var (empty, _) in image.Blocks.Where(b => !b.Value.AsSpan().ContainsAnyExcept((byte)0)).ToList())
        {
            image.Blocks.Remove(empty);
        }

        return image;
    }

    public bool Same(MemoryImage other)
        => Traps == other.Traps && Blocks.Count == other.Blocks.Count && Blocks.Zip(other.Blocks).All(b => b.First.Key == b.Second.Key && b.First.Value.AsSpan().SequenceEqual(b.Second.Value));

    private void Write(ulong start, ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var address = start + (ulong)i;
            if (!Blocks.TryGetValue(address / Block, out var block))
            {
                Blocks[address / Block] = block = new byte[Block];
            }

            block[address % Block] = bytes[i];
        }
    }
}
