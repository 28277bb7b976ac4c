using Pulse.Build.Engine.Verification.Decoding;

namespace Pulse.Build.Engine.Verification.Pairing;

/// <summary>The bytes of a memory right after instantiation, as far as segments at constant places define them; zero elsewhere.</summary>
internal sealed class MemoryImage
{
    private readonly SortedDictionary<ulong, byte> _bytes = [];

    private MemoryImage()
    {
    }

    /// <summary>Where instantiation fails because a segment does not fit.</summary>
    private bool _traps;

    /// <summary>The bytes that are not zero.</summary>
    public IReadOnlyDictionary<ulong, byte> Bytes => _bytes;

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

            image._traps |= offset.Value + (ulong)segment.Bytes.Length > entity.Limits.Minimum * 65536;
            image.Write(offset.Value, segment.Bytes.Span);
        }

        return image;
    }

    private void Write(ulong start, ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == 0)
            {
                _bytes.Remove(start + (ulong)i);
            }
            else
            {
                _bytes[start + (ulong)i] = bytes[i];
            }
        }
    }

    public bool Same(MemoryImage other) => _traps == other._traps && _bytes.SequenceEqual(other._bytes);
}
