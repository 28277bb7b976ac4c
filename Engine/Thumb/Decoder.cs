using System.Buffers.Binary;

namespace Pulse.Build.Engine.Thumb;

/// <summary>Turns words back into instructions by the rows of <see cref="Encodings"/>; hostile bytes give false, never an exception.</summary>
internal static class Decoder
{
    private static readonly Encoding[][] Narrow = Bucket(16);
    private static readonly Encoding[][] Wide = Bucket(32);

    /// <summary>Whether <paramref name="halfword"/> is the first half of a 32-bit instruction.</summary>
    public static bool IsWide(uint halfword) => halfword >> 11 >= 0b11101;

    /// <summary>Decodes a word of 16 or 32 bits.</summary>
    public static bool TryDecode(uint word, bool wide, bool insideIt, out Instruction instruction, out Encoding encoding)
    {
        foreach (var row in wide ? Wide[word >> 25] : Narrow[word >> 9 & 0x7F])
        {
            if (row.TryDecode(word, insideIt, out instruction))
            {
                encoding = row;
                return true;
            }
        }

        (instruction, encoding) = (default, null!);
        return false;
    }

    /// <summary>Reads the instruction word at <paramref name="offset"/>: its bits and size; size 0 at the end of the bytes.</summary>
    public static (uint Word, int Size) Fetch(ReadOnlySpan<byte> code, int offset)
    {
        if (offset < 0 || offset > code.Length - 2)
        {
            return (0, 0);
        }

        uint first = BinaryPrimitives.ReadUInt16LittleEndian(code[offset..]);
        if (!IsWide(first))
        {
            return (first, 2);
        }

        return offset > code.Length - 4 ? (first, 0) : (first << 16 | BinaryPrimitives.ReadUInt16LittleEndian(code[(offset + 2)..]), 4);
    }

    // Rows by the top seven bits of the first halfword, in the order of the table.
    private static Encoding[][] Bucket(int width)
    {
        var rows = Array.FindAll(Encodings.Table, row => row.Bits.Width == width);
        var shift = width - 7;
        var buckets = new Encoding[128][];
        for (uint top = 0; top < 128; top++)
        {
            var bits = top << shift;
            buckets[top] = Array.FindAll(rows, row => ((bits ^ row.Bits.Value) & row.Bits.Mask & ~0u << shift) == 0);
        }

        return buckets;
    }
}
