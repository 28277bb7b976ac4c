using System.Buffers.Binary;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>A linear memory. Bytes are there from the first write on; what was never written reads as zero.</summary>
internal sealed class MemoryInstance(Limits limits, int pageSizeLog2 = 16)
{
    private const int ChunkLog2 = 12;
    private const int ChunkSize = 1 << ChunkLog2;

    private readonly Dictionary<ulong, byte[]> _chunks = [];

    /// <summary>As declared.</summary>
    public Limits Limits => limits;

    /// <summary>Base-2 logarithm of the page size.</summary>
    public int PageSizeLog2 => pageSizeLog2;

    /// <summary>Size in pages.</summary>
    public ulong Pages { get; private set; } = limits.Minimum;

    /// <summary>Size in bytes; 2^64 itself does not occur.</summary>
    public ulong Bytes => Pages << pageSizeLog2;

    /// <summary>Whether <paramref name="count"/> bytes lie at <paramref name="address"/>.</summary>
    public bool Holds(ulong address, ulong count) => count <= Bytes && address <= Bytes - count;

    /// <summary>Adds pages; the old size, or -1 when that is not possible.</summary>
    public long Grow(ulong pages)
    {
        var old = Pages;
        var largest = 1UL << (limits.Is64 ? 48 - pageSizeLog2 : 32 - pageSizeLog2);
        var most = limits.Maximum is { } maximum ? Math.Min(maximum, largest) : largest;
        if (pages > most || old > most - pages)
        {
            return -1;
        }

        Pages = old + pages;
        return (long)old;
    }

    /// <summary>Reads 1, 2, 4 or 8 bytes, low byte first; the caller has checked that they are there.</summary>
    public ulong Read(ulong address, int count)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        ReadBytes(address, bytes[..count]);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>Writes 1, 2, 4 or 8 bytes, low byte first; the caller has checked that they are there.</summary>
    public void Write(ulong address, int count, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        WriteBytes(address, bytes[..count]);
    }

    /// <summary>Reads bytes; the caller has checked that they are there.</summary>
    public void ReadBytes(ulong address, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var (offset, count) = Part(address, bytes.Length);
            if (_chunks.TryGetValue(address >> ChunkLog2, out var chunk))
            {
                chunk.AsSpan(offset, count).CopyTo(bytes);
            }
            else
            {
                bytes[..count].Clear();
            }

            bytes = bytes[count..];
            address += (ulong)count;
        }
    }

    /// <summary>Writes bytes; the caller has checked that they are there.</summary>
    public void WriteBytes(ulong address, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var (offset, count) = Part(address, bytes.Length);
            bytes[..count].CopyTo(Chunk(address).AsSpan(offset, count));
            bytes = bytes[count..];
            address += (ulong)count;
        }
    }

    /// <summary>Fills bytes; the caller has checked that they are there.</summary>
    public void Fill(ulong address, byte value, ulong length)
    {
        while (length > 0)
        {
            var (offset, count) = Part(address, (int)Math.Min(length, ChunkSize));
            Chunk(address).AsSpan(offset, count).Fill(value);
            length -= (ulong)count;
            address += (ulong)count;
        }
    }

    /// <summary>The written parts, by rising address: the state, for comparison. Parts that hold zeros only are left out.</summary>
    public IEnumerable<(ulong Address, byte[] Bytes)> Written => _chunks
        .Where(chunk => chunk.Value.AsSpan().ContainsAnyExcept((byte)0))
        .OrderBy(chunk => chunk.Key)
        .Select(chunk => (chunk.Key << ChunkLog2, chunk.Value));

    private static (int Offset, int Count) Part(ulong address, int length)
    {
        var offset = (int)(address & (ChunkSize - 1));
        return (offset, Math.Min(length, ChunkSize - offset));
    }

    private byte[] Chunk(ulong address)
    {
        if (!_chunks.TryGetValue(address >> ChunkLog2, out var chunk))
        {
            chunk = new byte[ChunkSize];
            _chunks.Add(address >> ChunkLog2, chunk);
        }

        return chunk;
    }
}
