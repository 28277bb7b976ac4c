using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>A concrete memory that remembers only what differs from a function of the address.</summary>
internal sealed class SparseMemory(Limits limits, Func<ulong, byte>? given)
{
    private const int PracticalLog2 = 27;
    private readonly Dictionary<ulong, byte> _written = [];
    private Func<ulong, byte>? _rest = given;

    /// <summary>Size in pages.</summary>
    public ulong Pages { get; private set; } = limits.Minimum;

    /// <summary>Bits of a size or an address.</summary>
    public int Width => limits.Is64 ? 64 : 32;

    /// <summary>A number that depends on the contents alone, kept up to date by each write.</summary>
    public ulong Fingerprint { get; private set; }

    /// <summary>How often a byte or the size has changed.</summary>
    public long Changes { get; private set; }

    public IEnumerable<ulong> Written => _written.Keys;

    public byte this[ulong address]
    {
        get => _written.TryGetValue(address, out var value) ? value : _rest?.Invoke(address) ?? 0;
        set
        {
            if (this[address] is var old && old != value)
            {
                Changes++;
                Fingerprint ^= Mix(address, old) ^ Mix(address, value);
                _written[address] = value;
            }
        }
    }

    /// <summary>The host writes to every byte that is zero.</summary>
    public void Fill(Func<ulong, byte> bytes)
    {
        Fingerprint = 0;
        _rest = bytes;
        foreach (var (address, value) in _written.ToList())
        {
            if (value == 0)
            {
                _written.Remove(address);
            }
            else
            {
                Fingerprint ^= Mix(address, bytes(address)) ^ Mix(address, value);
            }
        }
    }

    public bool Contains(UInt128 address, UInt128 length) => address + length <= (UInt128)Pages << limits.PageSizeLog2;

    /// <summary>The old size, or null where the limit forbids it.</summary>
    public ulong? Grow(ulong delta)
    {
        var most = Math.Min(limits.Maximum ?? ulong.MaxValue, 1UL << Math.Max(0, PracticalLog2 - limits.PageSizeLog2));
        if ((UInt128)Pages + delta > most)
        {
            return null;
        }

        Changes++;
        Pages += delta;
        return Pages - delta;
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
