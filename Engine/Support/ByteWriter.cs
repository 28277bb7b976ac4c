using System.Buffers.Binary;
using System.Text;

namespace Pulse.Build.Engine.Support;

/// <summary>A growing little-endian byte buffer with the variable-length integers of wasm and DWARF.</summary>
/// <param name="capacity">Bytes that it can take before it grows.</param>
internal sealed class ByteWriter(int capacity = 64)
{
    private byte[] _bytes = new byte[capacity];

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What has been written; invalid after the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>As <see cref="Written"/>, to be kept when nothing more is written.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>A copy of what has been written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Appends one byte.</summary>
    public void U8(byte value) => Reserve(1)[0] = value;

    /// <summary>Appends two bytes, low byte first.</summary>
    public void U16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);

    /// <summary>Appends four bytes, low byte first.</summary>
    public void U32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    /// <summary>Appends eight bytes, low byte first.</summary>
    public void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    /// <summary>Appends <paramref name="bytes"/> as they are.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Appends an unsigned LEB128 in its shortest form.</summary>
    public void Uleb(ulong value)
    {
        while (value >= 0x80)
        {
            U8((byte)(value & 0x7F | 0x80));
            value >>= 7;
        }

        U8((byte)value);
    }

    /// <summary>Appends a signed LEB128 in its shortest form.</summary>
    public void Sleb(long value)
    {
        while (value is < -64 or >= 64)
        {
            U8((byte)(value & 0x7F | 0x80));
            value >>= 7;
        }

        U8((byte)(value & 0x7F));
    }

    /// <summary>Appends a byte vector: its length as LEB128, then the bytes.</summary>
    public void Vector(ReadOnlySpan<byte> bytes)
    {
        Uleb((ulong)bytes.Length);
        Bytes(bytes);
    }

    /// <summary>Appends a name: a byte vector of its UTF-8.</summary>
    public void Name(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Uleb((ulong)length);
        Encoding.UTF8.GetBytes(text, Reserve(length));
    }

    /// <summary>Appends zeros until the length is a multiple of <paramref name="alignment"/>, a power of two.</summary>
    public void Align(int alignment) => Reserve(-Length & (alignment - 1)).Clear();

    /// <summary>Overwrites four bytes at <paramref name="offset"/>.</summary>
    public void PatchU32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(offset, 4), value);

    /// <summary>Forgets everything from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        InvariantException.Require((uint)length <= (uint)Length, "a buffer is cut within what has been written");
        Length = length;
    }

    private Span<byte> Reserve(int count)
    {
        if (Length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(Length + count, _bytes.Length * 2));
        }

        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}
