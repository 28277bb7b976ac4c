namespace Pulse.Build.Engine.Thumb;

/// <summary>
/// Inserts literal pools: as late as the loads' reach allows, behind an item that control does not fall out of. A pool is placed there
/// when the next such place is out of reach of a short load (sizes taken as shortest) or of any load (sizes taken as longest);
/// a long stretch without such a place gets a pool with a branch around it.
/// </summary>
internal static class PoolPlacement
{
    private const int ShortReach = 1020;
    private const int LongReach = 4095;

    // What may stand between the decision and the place: an IT block is not torn apart, words are aligned, a branch goes around.
    private const int Margin = 64;

    /// <summary>The items with pools, each load knowing its own.</summary>
    public static List<CodeItem> Place(List<CodeItem> items)
    {
        if (!items.Exists(item => item is LiteralItem))
        {
            return items;
        }

        var result = new List<CodeItem>(items.Count + 4);
        var nextPlaces = NextPlaces(items);
        var labels = items.OfType<LabelItem>().Select(item => item.Label.Index + 1).DefaultIfEmpty().Max();
        var pending = new Pending();
        for (var i = 0; i < items.Count; i++)
        {
            if (pending.MustFlushBefore(items[i]) && !items[i].InsideIt && !(i > 0 && (items[i - 1] is ItItem)))
            {
                var around = new Label(labels++);
                var at = result.Count;
                while (at > 0 && result[at - 1] is MarkItem)
                {
                    at--;
                }

                result.InsertRange(at, [new BranchItem(around, Condition.AL), pending.Flush(), new LabelItem(around)]);
            }

            result.Add(items[i]);
            pending.Pass(items[i]);
            if (items[i].EndsFlow && pending.ShouldFlushHere(nextPlaces[i + 1]))
            {
                result.Add(pending.Flush());
            }
        }

        if (pending.Count > 0)
        {
            result.Add(pending.Flush());
        }

        return result;
    }

    // Distance from the start of each item to the end of the next one that ends the flow, shortest and longest; none means the end of the code.
    private static (int Shortest, int Longest)[] NextPlaces(List<CodeItem> items)
    {
        var places = new (int Shortest, int Longest)[items.Count + 1];
        for (var i = items.Count - 1; i >= 0; i--)
        {
            var next = items[i].EndsFlow ? (0, 0) : places[i + 1];
            places[i] = (next.Item1 + items[i].Size, next.Item2 + items[i].MaximumSize);
        }

        return places;
    }

    private sealed class Pending
    {
        private PoolItem _pool = new();
        private int _shortest;
        private int _longest;
        private int? _shortDeadline;
        private int? _longDeadline;

        public int Count => _pool.Count;

        public void Pass(CodeItem item)
        {
            if (item is LiteralItem load)
            {
                _pool.Add(load.Literal);
                load.Pool = _pool;
                _longDeadline ??= _longest + LongReach;
                _shortDeadline ??= load.CanBeNarrow ? _shortest + ShortReach : null;
            }

            _shortest += item.Size;
            _longest += item.MaximumSize;
        }

        public bool MustFlushBefore(CodeItem item) => _longest + item.MaximumSize + 4 * Count + Margin > _longDeadline;

        public bool ShouldFlushHere((int Shortest, int Longest) next)
            => _shortest + next.Shortest + 4 * Count > _shortDeadline || _longest + next.Longest + 4 * Count + Margin > _longDeadline;

        public PoolItem Flush()
        {
            var full = _pool;
            _pool = new PoolItem();
            (_shortDeadline, _longDeadline) = (null, null);
            return full;
        }
    }
}
