using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Judge.Simulation.Alignment;

/// <summary>
/// The order in which trap points of both sides are best compared: neighbours that trap alike beside those of the other side that do. Any order is
/// sound; in this one most points have a partner.
/// </summary>
internal static class TrapOrder
{
    /// <summary>For each point, whether it is the next of the source; else it is the next of the target.</summary>
    public static List<bool> Of(IReadOnlyList<TrapPoint> before, IReadOnlyList<TrapPoint> after)
    {
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        var (x, y) = (Runs(before, keys), Runs(after, keys));
        var order = new List<bool>();
        var (g, h) = (0, 0);
        foreach (var (nextX, nextY) in CommonSubsequence.Of([.. x.Select(run => run.Key)], [.. y.Select(run => run.Key)]).Append((X: x.Count, Y: y.Count)))
        {
            order.AddRange(Enumerable.Repeat(true, x.Take(nextX + 1).Skip(g).Sum(run => run.Length)));
            order.AddRange(Enumerable.Repeat(false, y.Take(nextY + 1).Skip(h).Sum(run => run.Length)));
            (g, h) = (nextX + 1, nextY + 1);
        }

        return order;
    }

    /// <summary>Points that follow each other and trap alike.</summary>
    private static List<(int Key, int Length)> Runs(IReadOnlyList<TrapPoint> traps, Dictionary<string, int> keys)
    {
        var runs = new List<(int Key, int Length)>();
        for (var start = 0; start < traps.Count;)
        {
            var first = traps[start];
            var text = $"{first.Kind}:{string.Join(',', first.Parts.Select(part => part.Id))}";
            keys.TryAdd(text, keys.Count);
            var length = traps.Skip(start).TakeWhile(first.IsLike).Count();
            runs.Add((keys[text], length));
            start += length;
        }

        return runs;
    }
}
