namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>Which entity of one index space corresponds to which of the other module's; -1 for none.</summary>
internal sealed class EntityMatch
{
    private readonly HashSet<int> _certain = [];

    public EntityMatch(int before, int after)
    {
        ToAfter = new int[before];
        ToBefore = new int[after];
        Array.Fill(ToAfter, -1);
        Array.Fill(ToBefore, -1);
    }

    public int[] ToAfter { get; }

    public int[] ToBefore { get; }

    /// <summary>Whether it is forced what <paramref name="before"/> corresponds to, and no guess.</summary>
    public bool IsCertain(int before) => _certain.Contains(before) || ToAfter.Length == 1 && ToBefore.Length == 1;

    /// <summary>Pairs two entities unless one of them has a partner.</summary>
    public void Pair(int before, int after, bool certain = false)
    {
        if (ToAfter[before] < 0 && ToBefore[after] < 0)
        {
            ToAfter[before] = after;
            ToBefore[after] = before;
            if (certain)
            {
                _certain.Add(before);
            }
        }
    }

    /// <summary>Pairs the first unpaired ones of equal keys, in order.</summary>
    public void PairByKey(Func<int, string?> keyBefore, Func<int, string?> keyAfter, bool certain = false)
    {
        var queues = new Dictionary<string, Queue<int>>(StringComparer.Ordinal);
        for (var a = 0; a < ToBefore.Length; a++)
        {
            if (ToBefore[a] < 0 && keyAfter(a) is { } key)
            {
                if (!queues.TryGetValue(key, out var queue))
                {
                    queues[key] = queue = new Queue<int>();
                }

                queue.Enqueue(a);
            }
        }

        for (var b = 0; b < ToAfter.Length; b++)
        {
            if (ToAfter[b] < 0 && keyBefore(b) is { } key && queues.TryGetValue(key, out var queue) && queue.TryDequeue(out var a))
            {
                Pair(b, a, certain);
            }
        }
    }
}
