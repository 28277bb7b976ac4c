using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Wasm;

/// <summary>
/// A cursor over untrusted bytes. Every read is bounds-checked, and every failure is a <see cref="DiagnosticException"/> with the byte's
/// offset in the file. Counts are compared with the bytes that are left before anybody allocates for them.
/// </summary>
/// <param name="bytes">What to read.</param>
/// <param name="baseOffset">Offset of the first byte in the file.</param>
/// <param name="path">The file, for messages.</param>
/// <param name="malformed">The diagnostic to give: the component reader has its own.</param>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes, int baseOffset, string path, DiagnosticId malformed = DiagnosticId.PULSE1001)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Position from the first byte.</summary>
    public int Position { get; private set; }

    /// <summary>Position in the file.</summary>
    public readonly int Offset => baseOffset + Position;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _bytes.Length - Position;

    /// <summary>Whether everything has been read.</summary>
    public readonly bool AtEnd => Position >= _bytes.Length;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[Position..];

    /// <summary>The file, for messages.</summary>
    public readonly string Path => path;

    /// <summary>The refusal of <paramref name="proposal"/> by name, at <paramref name="offset"/>.</summary>
    public readonly DiagnosticException Unsupported(string proposal, int offset) =>
        new(DiagnosticId.PULSE1003, Location.AtOffset(path, offset), proposal);

    /// <summary>The error <paramref name="message"/> at <paramref name="offset"/>, or at the current position.</summary>
    public readonly DiagnosticException Malformed(string message, int offset = -1) =>
        new(malformed, Location.AtOffset(path, offset < 0 ? Offset : offset), message);

    /// <summary>The next byte, not consumed.</summary>
    public readonly byte Peek() => AtEnd ? throw Malformed("unexpected end") : _bytes[Position];

    /// <summary>One byte.</summary>
    public byte U8()
    {
        if (AtEnd)
        {
            throw Malformed("unexpected end");
        }

        return _bytes[Position++];
    }

    /// <summary>Four bytes, low byte first.</summary>
    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    /// <summary>Eight bytes, low byte first.</summary>
    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    /// <summary>The next <paramref name="count"/> bytes.</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || count > Remaining)
        {
            throw Malformed("unexpected end");
        }

        var result = _bytes.Slice(Position, count);
        Position += count;
        return result;
    }

    /// <summary>An unsigned LEB128 of at most 32 bits.</summary>
    public uint U32()
    {
        return TryShort(out var value) ? value : (uint)Unsigned(32);
    }

    /// <summary>An unsigned LEB128 of at most 64 bits.</summary>
    public ulong U64() => TryShort(out var value) ? value : Unsigned(64);

    /// <summary>A signed LEB128 of at most 32 bits.</summary>
    public int S32() => TryShort(out var value) ? SignExtended(value) : (int)Signed(32);

    /// <summary>A signed LEB128 of at most 33 bits: a value type, or a type index.</summary>
    public long S33() => TryShort(out var value) ? SignExtended(value) : Signed(33);

    /// <summary>A signed LEB128 of at most 64 bits.</summary>
    public long S64() => TryShort(out var value) ? SignExtended(value) : Signed(64);

    /// <summary>An index; larger ones than any index space can have are refused here.</summary>
    public int Index()
    {
        var start = Offset;
        var value = U32();
        return value <= int.MaxValue ? (int)value : throw Malformed($"index {value.ToString(CultureInfo.InvariantCulture)} out of range", start);
    }

    /// <summary>The count of a vector whose elements take at least <paramref name="elementBytes"/> bytes each.</summary>
    public int Count(int elementBytes = 1)
    {
        var start = Offset;
        var value = U32();
        return value <= (uint)(Remaining / elementBytes) ? (int)value : throw Malformed("length out of bounds", start);
    }

    /// <summary>A name: a length, then that many bytes of valid UTF-8.</summary>
    public string Name()
    {
        var bytes = Bytes(Count());
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("malformed UTF-8 encoding", Offset - bytes.Length);
        }
    }

    /// <summary>Most integers take one byte.</summary>
    private bool TryShort(out byte value)
    {
        var at = Position;
        if (at < _bytes.Length && _bytes[at] < 0x80)
        {
            value = _bytes[at];
            Position = at + 1;
            return true;
        }

        value = 0;
        return false;
    }

    /// <summary>The value of seven bits of which the highest is the sign.</summary>
    private static int SignExtended(byte bits) => (bits ^ 0x40) - 0x40;

    private ulong Unsigned(int bits)
    {
        var start = Offset;
        ulong result = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = U8();
            var left = bits - shift;
            if (left < 8)
            {
                if (next >= 0x80)
                {
                    throw Malformed("integer representation too long", start);
                }

                if (left < 7 && next >> left != 0)
                {
                    throw Malformed("integer too large", start);
                }
            }

            result |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return result;
            }
        }
    }

    private long Signed(int bits)
    {
        var start = Offset;
        ulong result = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = U8();
            var left = bits - shift;
            if (left < 8)
            {
                if (next >= 0x80)
                {
                    throw Malformed("integer representation too long", start);
                }

                // The bits above the sign bit repeat it.
                var high = next >> (left - 1);
                if (high != 0 && high != 0x7F >> (left - 1))
                {
                    throw Malformed("integer too large", start);
                }
            }

            result |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                var used = shift + 7;
                return used >= 64 ? result.ToSigned() : (result << (64 - used)).ToSigned() >> (64 - used);
            }
        }
    }
}

/// <summary>Reinterpretations that are meant, in an assembly whose conversions are checked.</summary>
internal static class BitCasts
{
    /// <summary>The same 64 bits.</summary>
    public static long ToSigned(this ulong bits) => unchecked((long)bits);

    /// <summary>The same 64 bits.</summary>
    public static ulong ToUnsigned(this long bits) => unchecked((ulong)bits);

    /// <summary>The low 32 bits.</summary>
    public static int LowSigned(this ulong bits) => unchecked((int)bits);

    /// <summary>The same 32 bits, zero-extended.</summary>
    public static ulong ZeroExtended(this int bits) => unchecked((uint)bits);
}
