using System.Globalization;
using System.Security.Cryptography;
using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>The bytes of a memory right after instantiation, as far as segments at constant places define them; zero elsewhere.</summary>
internal sealed class MemoryImage
{
    private const int Block = 4096;

    /// <summary>Blocks that hold a byte other than zero, by address.</summary>
    private readonly SortedDictionary<ulong, byte[]> _blocks = [];

    private MemoryImage()
    {
    }

    /// <summary>Whether instantiation fails because a segment does not fit.</summary>
    public bool Traps { get; private set; }

    public byte this[ulong address] => _blocks.TryGetValue(address / Block, out var block) ? block[address % Block] : (byte)0;

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

        foreach (var empty in image._blocks.Where(b => !b.Value.AsSpan().ContainsAnyExcept((byte)0)).Select(b => b.Key).ToList())
        {
            image._blocks.Remove(empty);
        }

        return image;
    }

    /// <summary>A text that is the same for images of the same bytes.</summary>
    public string Key
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var (at, bytes) in _blocks)
            {
                hash.AppendData(BitConverter.GetBytes(at));
                hash.AppendData(bytes);
            }

            return string.Create(CultureInfo.InvariantCulture, $"{Traps} {Convert.ToHexStringLower(hash.GetHashAndReset())}");
        }
    }

    private void Write(ulong start, ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var address = start + (ulong)i;
            if (!_blocks.TryGetValue(address / Block, out var block))
            {
                _blocks[address / Block] = block = new byte[Block];
            }

            block[address % Block] = bytes[i];
        }
    }

    public bool Same(MemoryImage other) => Key == other.Key;
}
