using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>A concrete memory that remembers only what was written; the rest comes from a function of the address.</summary>
internal sealed class SparseMemory(Func<ulong, byte> initial, ulong pages, StatePart size)
{
    private readonly SortedDictionary<ulong, byte> _written = [];

    /// <summary>Size in pages.</summary>
    public ulong Pages { get; private set; } = pages;

    /// <summary>A number that depends on the contents alone, kept up to date by each write.</summary>
    public ulong Fingerprint { get; private set; }

    public IEnumerable<ulong> Written => _written.Keys;

    public byte this[ulong address]
    {
        get => _written.TryGetValue(address, out var value) ? value : initial(address);
        set
        {
            Fingerprint ^= Mix(address, this[address]) ^ Mix(address, value);
            _written[address] = value;
        }
    }

    public bool Contains(UInt128 address, UInt128 length) => address + length <= (UInt128)Pages << size.PageSizeLog2;

    /// <summary>Bits of a size or an address.</summary>
    public int Width => size.Width;

    /// <summary>The old size, or null where the limit forbids it.</summary>
    public ulong? Grow(ulong delta)
    {
        const int PracticalLog2 = 27;
        if ((UInt128)Pages + delta > Math.Min(size.High, 1UL << (PracticalLog2 - size.PageSizeLog2)))
        {
            return null;
        }

        var old = Pages;
        Pages += delta;
        return old;
    }

    private static ulong Mix(ulong address, byte value)
    {
        unchecked
        {
            var x = (address * 257 + value + 1) * 0x9E37_79B9_7F4A_7C15;
            return (x ^ x >> 31) * 0xBF58_476D_1CE4_E5B9;
        }
    }
}
