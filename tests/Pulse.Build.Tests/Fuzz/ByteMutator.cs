using System.Buffers.Binary;

namespace Pulse.Build.Tests.Fuzz;

/// <summary>Damages binaries: lengths around the damage are kept true three times in four.</summary>
internal static class ByteMutator
{
    private const int Largest = 1 << 17;

    private static readonly ulong[] Edges =
    [
        0, 1, 2, 0x3F, 0x40, 0x7F, 0x80, 0xFF, 0x3FFF, 0xFFFF, 0x10000, 50_000, 1_000_000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
        0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
    ];

    private static readonly byte[] Bytes = [0, 1, 2, 0x0B, 0x40, 0x60, 0x6F, 0x70, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F, 0x80, 0xFC, 0xFD, 0xFE, 0xFF];

    /// <summary>One to four edits of <paramref name="seed"/>; <paramref name="others"/> give parts to splice in.</summary>
    public static byte[] Mutate(byte[] seed, IReadOnlyList<byte[]> others, FuzzRandom random)
    {
        var bytes = seed;
        for (var edits = 1 + random.Below(4); edits > 0 && bytes.Length > 0; edits--)
        {
            bytes = Edit(bytes, others, random);
        }

        return bytes;
    }

    private static byte[] Edit(byte[] bytes, IReadOnlyList<byte[]> others, FuzzRandom random)
    {
        if (random.Once(25))
        {
            return bytes[..random.Below(bytes.Length)];
        }

        var around = SizedRegions.Around(bytes, random);
        var (start, end) = around.Count > 0 ? (around[^1].Start, around[^1].End) : (0, bytes.Length);
        var at = start + (random.Once(4) ? random.Below(Math.Min(8, end - start)) : random.Below(end - start));
        var left = end - at;
        var kept = random.Once(4) ? [] : around;
        return random.Below(11) switch
        {
            0 => Flip(bytes, at, random),
            1 => SizedRegions.Replace(bytes, at, Math.Min(1, left), [random.Pick(Bytes)], kept),
            2 or 3 => SizedRegions.Replace(bytes, at, Math.Min(left, random.Below(3)), Number(random), kept),
            4 => Step(bytes, at, random),
            5 => SizedRegions.Replace(bytes, at, Math.Min(left, random.Length(left)), [], kept),
            6 => SizedRegions.Replace(bytes, at, 0, Part(bytes, at, end, random), kept),
            7 => SizedRegions.Replace(bytes, at, random.Once(2) ? 0 : Math.Min(left, random.Length(left)), Splice(random.Pick(others), random), kept),
            8 when around.Count > 0 => Section(bytes, around, others, random),
            8 => SizedRegions.Replace(bytes, at, 0, random.Bytes(random.Length(64)), kept),
            9 => Integer(bytes, at, kept, random),
            _ => Word(bytes, at, random),
        };
    }

    private static byte[] Flip(byte[] bytes, int at, FuzzRandom random)
    {
        var copy = (byte[])bytes.Clone();
        copy[Math.Min(at, copy.Length - 1)] ^= (byte)(1 << random.Below(8));
        return copy;
    }

    private static byte[] Step(byte[] bytes, int at, FuzzRandom random)
    {
        var copy = (byte[])bytes.Clone();
        copy[Math.Min(at, copy.Length - 1)] += (byte)(random.Once(2) ? 1 : 255);
        return copy;
    }

    private static byte[] Word(byte[] bytes, int at, FuzzRandom random)
    {
        var copy = (byte[])bytes.Clone();
        at &= ~3;
        if (at + 4 <= copy.Length)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(at), random.Once(2) ? (uint)random.Pick(Edges) : (uint)random.Below(bytes.Length + 8));
        }

        return copy;
    }

    /// <summary>The LEB128 integer at a place, one more or less, or as it was in more bytes than it needs.</summary>
    private static byte[] Integer(byte[] bytes, int at, List<SizedRegion> around, FuzzRandom random)
    {
        at = Math.Min(at, bytes.Length - 1);
        var (value, length) = (0UL, 0);
        do
        {
            value |= (ulong)(bytes[at + length] & 0x7F) << (7 * length);
        }
        while (bytes[at + length++] >= 0x80 && length < 9 && at + length < bytes.Length);

        byte[] padding = random.Once(2) ? [0x80, 0] : [];
        var leb = SizedRegions.Leb(padding.Length > 0 ? value : random.Once(2) ? value + 1 : value - 1);
        leb[^1] |= (byte)(padding.Length > 0 ? 0x80 : 0);
        return SizedRegions.Replace(bytes, at, length, [.. leb, .. padding], around);
    }

    /// <summary>An edge or its neighbour, sometimes padded, sometimes signed.</summary>
    private static byte[] Number(FuzzRandom random)
    {
        var leb = SizedRegions.Leb(random.Pick(Edges) + (ulong)random.Below(3) - 1);
        if (random.Once(4))
        {
            leb[^1] |= 0x80;
            return [.. leb, .. Enumerable.Repeat((byte)0x80, random.Below(4)), (byte)(random.Once(2) ? 0 : 0x7F)];
        }

        return leb;
    }

    private static byte[] Part(byte[] bytes, int at, int end, FuzzRandom random)
    {
        var part = bytes.AsSpan(at, Math.Min(end - at, random.Length(end - at))).ToArray();
        var times = random.Once(8) && part.Length * 200 + bytes.Length < Largest ? 200 : 1;
        return [.. Enumerable.Repeat(part, times).SelectMany(p => p)];
    }

    private static byte[] Splice(byte[] other, FuzzRandom random)
    {
        var around = SizedRegions.Around(other, random);
        var (start, end) = around.Count > 0 ? (around[^1].Start, around[^1].End) : (0, other.Length);
        var from = start + random.Below(end - start);
        return other[from..Math.Min(end, from + random.Length(end - from + 1))];
    }

    /// <summary>Drops or doubles the innermost region, or puts one of another seed in its place.</summary>
    private static byte[] Section(byte[] bytes, List<SizedRegion> around, IReadOnlyList<byte[]> others, FuzzRandom random)
    {
        var outer = around.GetRange(0, around.Count - 1);
        var own = around[^1];
        var whole = bytes[(own.SizeAt - 1)..own.End];
        var other = random.Pick(others);
        var foreign = SizedRegions.Around(other, random);
        return random.Below(4) switch
        {
            0 => SizedRegions.Replace(bytes, own.SizeAt - 1, whole.Length, [], outer),
            1 when bytes.Length + whole.Length < Largest => SizedRegions.Replace(bytes, own.SizeAt - 1, 0, whole, outer),
            _ when foreign.Count > 0 => SizedRegions.Replace(bytes, own.Start, own.End - own.Start, other.AsSpan(foreign[^1].Start..foreign[^1].End), around),
            _ => bytes,
        };
    }
}
