namespace Pulse.Build.Tests.Fuzz;

/// <summary>A part of a binary whose length stands before it in LEB128.</summary>
/// <param name="SizeAt">Where the length stands.</param>
/// <param name="Start">First byte of the content.</param>
/// <param name="End">Past its last byte.</param>
internal readonly record struct SizedRegion(int SizeAt, int Start, int End);

/// <summary>
/// Finds the sections, nested modules and function bodies around a place of a module or component, so that an edit inside can keep all the
/// lengths around it true: what is damaged then is the content, and the reader gets as far as the damage.
/// </summary>
internal static class SizedRegions
{
    private const int Preamble = 8;

    /// <summary>The regions around one random place, outermost first; none when the bytes are no module.</summary>
    public static List<SizedRegion> Around(ReadOnlySpan<byte> bytes, FuzzRandom random)
    {
        var path = new List<SizedRegion>();
        Descend(bytes, 0, bytes.Length, path, random);
        return path;
    }

    /// <summary>The sections of a module or component.</summary>
    public static List<SizedRegion> Sections(ReadOnlySpan<byte> bytes) => List(bytes, Preamble, bytes.Length, hasId: true, int.MaxValue);

    /// <summary>Replaces <paramref name="length"/> bytes at <paramref name="at"/>, and corrects the lengths of <paramref name="around"/>.</summary>
    public static byte[] Replace(byte[] bytes, int at, int length, ReadOnlySpan<byte> by, List<SizedRegion> around)
    {
        var result = new List<byte>(bytes.Length + by.Length);
        result.AddRange(bytes.AsSpan(0, at));
        result.AddRange(by);
        result.AddRange(bytes.AsSpan(at + length));
        var grown = by.Length - length;
        for (var i = around.Count - 1; i >= 0; i--)
        {
            var (sizeAt, start, end) = around[i];
            var size = Leb((ulong)Math.Max(0, end - start + grown));
            result.RemoveRange(sizeAt, start - sizeAt);
            result.InsertRange(sizeAt, size);
            grown += size.Length - (start - sizeAt);
        }

        return [.. result];
    }

    /// <summary>The shortest unsigned LEB128.</summary>
    public static byte[] Leb(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static void Descend(ReadOnlySpan<byte> bytes, int start, int end, List<SizedRegion> path, FuzzRandom random)
    {
        if (end - start < Preamble || !bytes[start..].StartsWith("\0asm"u8))
        {
            return;
        }

        var isComponent = bytes[start + 6] != 0;
        var sections = List(bytes, start + Preamble, end, hasId: true, int.MaxValue);
        if (sections.Count == 0)
        {
            return;
        }

        // Long sections hold most of the structure: half of the edits go where the bytes are.
        var at = start + Preamble + random.Below(end - start - Preamble);
        var chosen = random.Once(2) ? random.Pick(sections) : sections.Find(s => at < s.End);
        if (chosen.End == 0)
        {
            return;
        }

        path.Add(chosen);
        var id = bytes[chosen.SizeAt - 1];
        if (isComponent && id is 1 or 4)
        {
            Descend(bytes, chosen.Start, chosen.End, path, random);
        }
        else if (!isComponent && id == 10 && chosen.End > chosen.Start)
        {
            var first = chosen.Start;
            var count = ReadLeb(bytes, ref first);
            if (List(bytes, first, chosen.End, hasId: false, count) is { Count: > 0 } bodies && !random.Once(6))
            {
                path.Add(random.Pick(bodies));
            }
        }
    }

    private static List<SizedRegion> List(ReadOnlySpan<byte> bytes, int at, int end, bool hasId, int most)
    {
        var regions = new List<SizedRegion>();
        while (at < end && regions.Count < most)
        {
            var sizeAt = hasId ? at + 1 : at;
            at = sizeAt;
            var size = ReadLeb(bytes[..end], ref at);
            if (size < 0 || size > end - at)
            {
                break;
            }

            regions.Add(new SizedRegion(sizeAt, at, at + size));
            at += size;
        }

        return regions;
    }

    private static int ReadLeb(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; shift < 35 && at < bytes.Length; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value <= int.MaxValue ? (int)value : -1;
            }
        }

        return -1;
    }
}
