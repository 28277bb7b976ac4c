namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>Which entity of one index space corresponds to which of the other module's, one to one; -1 for none.</summary>
internal sealed class EntityMatch
{
    /// <summary>Takes the pairs of which neither entity has a partner and that <paramref name="mayPair"/> allows.</summary>
    public EntityMatch(int before, int after, IEnumerable<(int Before, int After)> pairs, Func<int, int, bool> mayPair)
    {
        ToAfter = [.. Enumerable.Repeat(-1, before)];
        ToBefore = [.. Enumerable.Repeat(-1, after)];
        foreach (var (b, a) in pairs)
        {
            if (b >= 0 && b < before && a >= 0 && a < after && ToAfter[b] < 0 && ToBefore[a] < 0 && mayPair(b, a))
            {
                (ToAfter[b], ToBefore[a]) = (a, b);
            }
        }
    }

    public int[] ToAfter { get; }

    public int[] ToBefore { get; }
}
