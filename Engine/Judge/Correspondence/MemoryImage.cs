using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Correspondence;

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
