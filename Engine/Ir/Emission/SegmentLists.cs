namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>Sorted lists of disjoint segments.</summary>
internal static class SegmentLists
{
    /// <summary>Sorts, and joins what touches.</summary>
    public static List<Segment> Normalise(List<Segment> segments)
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

    /// <summary>Whether a position lies in both lists.</summary>
    public static bool Overlap(List<Segment> a, List<Segment> b)
    {
        var (i, k) = (0, 0);
        while (i < a.Count && k < b.Count)
        {
            if (a[i].Start < b[k].End && b[k].Start < a[i].End)
            {
                return true;
            }

            if (a[i].End < b[k].End)
            {
                i++;
            }
            else
            {
                k++;
            }
        }

        return false;
    }

    /// <summary>The positions of either list.</summary>
    public static List<Segment> Union(List<Segment> a, List<Segment> b)
    {
        var all = new List<Segment>(a.Count + b.Count);
        all.AddRange(a);
        all.AddRange(b);
        return Normalise(all);
    }

    /// <summary>Whether <paramref name="position"/> lies in the list.</summary>
    public static bool Contains(List<Segment> segments, int position)
    {
        var (low, high) = (0, segments.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (position < segments[middle].Start)
            {
                high = middle - 1;
            }
            else if (position >= segments[middle].End)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}
