namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>Pairs the entities of two index spaces, one to one, by one key after the other; -1 for none.</summary>
internal sealed class KeyPairing
{
    public KeyPairing(int before, int after)
    {
        ToAfter = new int[before];
        ToBefore = new int[after];
        Array.Fill(ToAfter, -1);
        Array.Fill(ToBefore, -1);
    }

    public int[] ToAfter { get; }

    public int[] ToBefore { get; }

    public IEnumerable<(int Before, int After)> Pairs => Enumerable.Range(0, ToAfter.Length).Where(b => ToAfter[b] >= 0).Select(b => (b, ToAfter[b]));

    /// <summary>Pairs two entities unless one of them has a partner.</summary>
    public void Pair(int before, int after)
    {
        if (ToAfter[before] < 0 && ToBefore[after] < 0)
        {
            ToAfter[before] = after;
            ToBefore[after] = before;
        }
    }

    /// <summary>Pairs the first unpaired ones of equal keys, in order.</summary>
    public void PairByKey(Func<int, string?> keyBefore, Func<int, string?> keyAfter)
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
                Pair(b, a);
            }
        }
    }
}
