namespace Pulse.Build.Engine.Verification.Replay;

/// <summary>A concrete memory that remembers only what was written; the rest comes from a function of the address.</summary>
internal sealed class SparseMemory(Func<ulong, byte> initial, ulong pages, ulong maximum)
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

    public bool Contains(ulong address, ulong length) => address + length <= Pages * 65536;

    /// <summary>The old size, or null where the limit forbids it.</summary>
    public ulong? Grow(ulong delta)
    {
        const ulong Practical = 2048;
        if (Pages + delta > Math.Min(maximum, Practical))
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
