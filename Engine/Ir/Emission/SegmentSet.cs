namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// A set of positions as disjoint segments, rising; what touches is joined. They stand in chunks, so that to add one to a hundred thousand
/// moves only a few: values that share a local add theirs one after the other.
/// </summary>
internal sealed class SegmentSet
{
    private const int MaximumChunk = 512;

    /// <summary>Never an empty chunk, but when the set is empty.</summary>
    private readonly List<List<Segment>> _chunks;

    /// <summary>The set of <paramref name="segments"/>, in any order.</summary>
    public SegmentSet(List<Segment>? segments = null)
    {
        var all = segments is null ? [] : Normalise(segments);
        _chunks = all.Count <= MaximumChunk ? [all] : [.. all.Chunk(MaximumChunk / 2).Select(chunk => chunk.ToList())];
    }

    /// <summary>Whether there is no position in the set.</summary>
    public bool IsEmpty => _chunks[0].Count == 0;

    /// <summary>The lowest position, or 0 when there is none.</summary>
    public int Start => IsEmpty ? 0 : _chunks[0][0].Start;

    /// <summary>Whether <paramref name="position"/> is in the set.</summary>
    public bool Contains(int position) => EndOf(position) is not null;

    /// <summary>Where the segment with <paramref name="position"/> ends, or null when the position is not in the set.</summary>
    public int? EndOf(int position)
    {
        var chunk = _chunks[ChunkOf(position)];
        var at = FirstEndingAt(chunk, position + 1);
        return at < chunk.Count && chunk[at].Start <= position ? chunk[at].End : null;
    }

    /// <summary>Whether a position is in both sets.</summary>
    public bool Overlaps(SegmentSet other)
    {
        var (few, many) = IsSmaller(other) ? (this, other) : (other, this);
        foreach (var chunk in few._chunks)
        {
            foreach (var segment in chunk)
            {
                if (many.Overlaps(segment))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The positions of both, which are used up: the smaller is added to the larger.</summary>
    public static SegmentSet Join(SegmentSet first, SegmentSet second)
    {
        var (few, many) = first.IsSmaller(second) ? (first, second) : (second, first);
        many.Add(few);
        return many;
    }

    /// <summary>Adds the positions of <paramref name="other"/>.</summary>
    public void Add(SegmentSet other)
    {
        foreach (var chunk in other._chunks)
        {
            chunk.ForEach(Add);
        }
    }

    /// <summary>Adds the positions of <paramref name="segment"/>.</summary>
    public void Add(Segment segment)
    {
        var at = ChunkOf(segment.Start);
        var chunk = _chunks[at];
        var (start, end) = (segment.Start, segment.End);
        var first = FirstEndingAt(chunk, start);
        var last = first;
        for (; last < chunk.Count && chunk[last].Start <= end; last++)
        {
            (start, end) = (Math.Min(start, chunk[last].Start), Math.Max(end, chunk[last].End));
        }

        while (last == chunk.Count && at + 1 < _chunks.Count && _chunks[at + 1][0].Start <= end)
        {
            end = Math.Max(end, TakeFirst(at + 1).End);
        }

        if (last > first)
        {
            chunk[first] = new Segment(start, end);
            chunk.RemoveRange(first + 1, last - first - 1);
            return;
        }

        chunk.Insert(first, new Segment(start, end));
        if (chunk.Count > MaximumChunk)
        {
            _chunks.Insert(at + 1, chunk[(MaximumChunk / 2)..]);
            chunk.RemoveRange(MaximumChunk / 2, chunk.Count - MaximumChunk / 2);
        }
    }

    private bool IsSmaller(SegmentSet other) =>
        _chunks.Count < other._chunks.Count || (_chunks.Count == other._chunks.Count && _chunks[0].Count < other._chunks[0].Count);

    private bool Overlaps(Segment segment)
    {
        var chunk = _chunks[ChunkOf(segment.Start)];
        var at = FirstEndingAt(chunk, segment.Start + 1);
        return at < chunk.Count ? chunk[at].Start < segment.End : IsInNext(segment);
    }

    /// <summary>Whether the chunk behind the one in which <paramref name="segment"/> would stand begins in it.</summary>
    private bool IsInNext(Segment segment)
    {
        var next = ChunkOf(segment.Start) + 1;
        return next < _chunks.Count && _chunks[next][0].Start < segment.End;
    }

    private Segment TakeFirst(int chunk)
    {
        var taken = _chunks[chunk][0];
        _chunks[chunk].RemoveAt(0);
        if (_chunks[chunk].Count == 0)
        {
            _chunks.RemoveAt(chunk);
        }

        return taken;
    }

    /// <summary>The last chunk that starts at or before <paramref name="position"/>, or the first.</summary>
    private int ChunkOf(int position)
    {
        var (low, high) = (0, _chunks.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _chunks[middle][0].Start <= position ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>The first segment that ends at or after <paramref name="position"/>.</summary>
    private static int FirstEndingAt(List<Segment> chunk, int position)
    {
        var (low, high) = (0, chunk.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = chunk[middle].End >= position ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private static List<Segment> Normalise(List<Segment> segments)
    {
        segments.Sort((a, b) => a.Start.CompareTo(b.Start));
        var result = new List<Segment>(segments.Count);
        foreach (var segment in segments)
        {
            if (result.Count > 0 && result[^1].End >= segment.Start)
            {
                result[^1] = new Segment(result[^1].Start, Math.Max(result[^1].End, segment.End));
            }
            else
            {
                result.Add(segment);
            }
        }

        return result;
    }
}
