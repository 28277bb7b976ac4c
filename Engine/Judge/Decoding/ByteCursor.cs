using System.Buffers.Binary;
using System.Text;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>Reads a byte range of a file; running past its end is a diagnostic with the offset.</summary>
internal ref struct ByteCursor(byte[] bytes, int start, int end, string file)
{
    private readonly byte[] _bytes = bytes;
    private readonly string _file = file;

    /// <summary>The next byte's offset in the file.</summary>
    public int Position { get; private set; } = start;

    /// <summary>One past the last byte of the range.</summary>
    public int End { get; } = end;

    public readonly bool AtEnd => Position >= End;

    public byte U8() => _bytes[Skip(1)];

    public readonly byte Peek() => Position < End ? _bytes[Position] : throw Fail("unexpected end");

    /// <summary>An unsigned LEB128 of at most 32 bits.</summary>
    public uint U32() => (uint)U64(32);

    /// <summary>An index or a count as an int.</summary>
    public int Index() => U32() is <= int.MaxValue and var value ? (int)value : throw Fail("index out of range");

    /// <summary>A count of items of at least one byte each, so that nothing is allocated for a lie.</summary>
    public int Count() => Index() is var count && count <= End - Position ? count : throw Fail("count exceeds the section");

    /// <summary>An unsigned LEB128 of at most <paramref name="bits"/> bits.</summary>
    public ulong U64(int bits = 64)
    {
        var (value, width, last) = Leb(bits);
        return width <= bits || last >> (bits + 7 - width) == 0 ? value : throw Fail("integer too large");
    }

    /// <summary>A signed LEB128 of at most <paramref name="bits"/> bits, sign-extended to 64.</summary>
    public long S64(int bits)
    {
        var (value, width, last) = Leb(bits);
        return unchecked((long)(width < 64 && (last & 0x40) != 0 ? value | ulong.MaxValue << width : value));
    }

    /// <summary>Groups of seven bits, how many bits that is, and the last group.</summary>
    private (ulong Value, int Width, int Last) Leb(int bits)
    {
        ulong value = 0;
        for (var shift = 0; shift < bits; shift += 7)
        {
            var group = U8();
            value |= (ulong)(group & 0x7F) << shift;
            if (group < 0x80)
            {
                return (value, shift + 7, group);
            }
        }

        throw Fail("integer too large");
    }

    public ulong Fixed(int size)
    {
        var span = _bytes.AsSpan(Skip(size), size);
        return size == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(span) : BinaryPrimitives.ReadUInt64LittleEndian(span);
    }

    /// <summary>Steps over <paramref name="count"/> bytes and returns where they began.</summary>
    public int Skip(int count)
    {
        if (count < 0 || count > End - Position)
        {
            throw Fail("unexpected end");
        }

        Position += count;
        return Position - count;
    }

    public string Name()
    {
        var length = Count();
        var at = Skip(length);
        try
        {
            return new UTF8Encoding(false, true).GetString(_bytes, at, length);
        }
        catch (DecoderFallbackException)
        {
            throw Fail("a name is not UTF-8");
        }
    }

    /// <summary>A cursor over the next <paramref name="length"/> bytes, which this one steps over.</summary>
    public ByteCursor Slice(int length)
    {
        var at = Skip(length);
        return new ByteCursor(_bytes, at, at + length, _file);
    }

    public readonly DiagnosticException Fail(string what) => new(DiagnosticId.PULSE1001, Location.AtOffset(_file, Position), what);

    /// <summary>Well-formed perhaps, but of a proposal that the judge refuses by name.</summary>
    public readonly DiagnosticException Unsupported(string what) => new(DiagnosticId.PULSE1003, Location.AtOffset(_file, Position), what);
}
