using System.Text;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Components;

/// <summary>
/// Reads the bytes of a component front to back. Every read checks the end of the section it is in, every count the bytes
/// that are left, so that hostile input can neither read past a section nor make the reader allocate.
/// </summary>
internal sealed class ComponentCursor(string path, ReadOnlyMemory<byte> file, int position, int end)
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Byte offset in the file of the next byte.</summary>
    public int Position { get; private set; } = position;

    /// <summary>Byte offset at which this cursor ends.</summary>
    public int End => end;

    /// <summary>File that is read, for diagnostics.</summary>
    public string Path => path;

    /// <summary>Whether every byte was read.</summary>
    public bool AtEnd => Position == end;

    /// <summary>PULSE2001 at <paramref name="offset"/>, or here.</summary>
    public DiagnosticException Malformed(string what, int offset = -1) =>
        new(DiagnosticId.PULSE2001, Location.AtOffset(path, offset < 0 ? Position : offset), what);

    /// <summary>PULSE2002: <paramref name="feature"/> is known and refused.</summary>
    public DiagnosticException Unsupported(string feature, int offset = -1) =>
        new(DiagnosticId.PULSE2002, Location.AtOffset(path, offset < 0 ? Position : offset), feature);

    /// <summary>The next byte, not consumed.</summary>
    public byte Peek() => Position < end ? file.Span[Position] : throw Malformed("unexpected end");

    /// <summary>One byte.</summary>
    public byte U8()
    {
        var value = Peek();
        Position++;
        return value;
    }

    /// <summary>An unsigned LEB128 of at most 32 bits that fits an index.</summary>
    public int U32(string what)
    {
        var start = Position;
        ulong value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = U8();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value <= int.MaxValue ? (int)value : throw Malformed($"{what} is too large", start);
            }
        }

        throw Malformed($"{what} is longer than 32 bits", start);
    }

    /// <summary>A vector's length; each element takes at least one byte.</summary>
    public int Count(string what)
    {
        var start = Position;
        var count = U32(what);
        return count <= end - Position ? count : throw Malformed($"{what}: {count} entries in {end - Position} bytes", start);
    }

    /// <summary>A name in UTF-8.</summary>
    public string Name()
    {
        var start = Position;
        var length = U32("a name's length");
        if (length > end - Position)
        {
            throw Malformed("a name runs past the end", start);
        }

        try
        {
            var text = Utf8.GetString(file.Span.Slice(Position, length));
            Position += length;
            return text;
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("a name is not UTF-8", start);
        }
    }

    /// <summary>The next <paramref name="length"/> bytes, as a cursor of their own.</summary>
    public ComponentCursor Section(int length)
    {
        if (length > end - Position)
        {
            throw Malformed($"a section of {length} bytes where {end - Position} are left");
        }

        Position += length;
        return new ComponentCursor(path, file, Position - length, Position);
    }

    /// <summary>What has not been read.</summary>
    public ReadOnlyMemory<byte> Rest() => file[Position..end];

    /// <summary>Reads a vector.</summary>
    public List<T> Vector<T>(string what, Func<T> element)
    {
        var count = Count(what);
        var items = new List<T>(count);
        for (var i = 0; i < count; i++)
        {
            items.Add(element());
        }

        return items;
    }

    /// <summary>A byte that must be <paramref name="expected"/>.</summary>
    public void Expect(byte expected, string what)
    {
        if (U8() != expected)
        {
            throw Malformed($"{what}: expected 0x{expected:x2}", Position - 1);
        }
    }
}
