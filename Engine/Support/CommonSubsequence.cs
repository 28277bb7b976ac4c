namespace Pulse.Build.Engine.Support;

/// <summary>A longest common subsequence of two sequences of numbers.</summary>
internal static class CommonSubsequence
{
    /// <summary>Beyond so many cells only what both sequences begin and end with is matched.</summary>
    private const long LargestTable = 1 << 22;

    /// <summary>Pairs of positions of equal numbers, both rising.</summary>
    public static List<(int X, int Y)> Of(ReadOnlySpan<int> x, ReadOnlySpan<int> y)
    {
        var first = x.CommonPrefixLength(y);
        var last = 0;
        while (last < Math.Min(x.Length, y.Length) - first && x[^(last + 1)] == y[^(last + 1)])
        {
            last++;
        }

        var result = new List<(int, int)>();
        for (var i = 0; i < first; i++)
        {
            result.Add((i, i));
        }

        Middle(x[first..^last], y[first..^last], first, result);
        for (var i = last; i > 0; i--)
        {
            result.Add((x.Length - i, y.Length - i));
        }

        return result;
    }

    private static void Middle(ReadOnlySpan<int> x, ReadOnlySpan<int> y, int first, List<(int, int)> result)
    {
        if ((long)x.Length * y.Length > LargestTable)
        {
            return;
        }

        var length = new int[x.Length + 1, y.Length + 1];
        for (var i = x.Length - 1; i >= 0; i--)
        {
            for (var j = y.Length - 1; j >= 0; j--)
            {
                length[i, j] = x[i] == y[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
            }
        }

        for (int i = 0, j = 0; i < x.Length && j < y.Length;)
        {
            if (x[i] == y[j])
            {
                result.Add((first + i++, first + j++));
            }
            else if (length[i + 1, j] >= length[i, j + 1])
            {
                i++;
            }
            else
            {
                j++;
            }
        }
    }
}
