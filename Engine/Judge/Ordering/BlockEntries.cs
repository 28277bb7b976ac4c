using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Ordering;

/// <summary>
/// Guesses what is known where each block of a function begins: it runs the blocks until that holds on every way into each. Whoever asked runs them once more
/// and requires it.
/// </summary>
/// <param name="unknown">Makes a new variable of a width within bounds.</param>
/// <param name="isFixed">Whether a value means the same in every block.</param>
internal sealed class BlockEntries(Func<int, (ulong, ulong)?, Term> unknown, Predicate<Term> isFixed)
{
    /// <summary>How often the bounds of a block grow before nothing is known of what still does.</summary>
    private const int MaximumVisits = 4;

    /// <summary>The values at the beginning of each block that can be reached from <paramref name="first"/>; null where there is none, or where nobody looks.</summary>
    /// <param name="graph">The function; its blocks are ordered.</param>
    /// <param name="first">The values where it begins.</param>
    /// <param name="run">The values at the end of a block.</param>
    public Term?[]?[] Find(FlowGraph graph, Term?[] first, Func<FlowBlock, Term?[], Term?[]> run)
    {
        FlowOrder.Run(graph);
        FlowBlock[] blocks = [.. graph.Blocks.OrderBy(b => b.Order)];
        var (entries, visits) = (new Term?[graph.Blocks.Count][], new int[graph.Blocks.Count]);
        entries[0] = first;
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var block in blocks.Where(b => entries[b.Id] is not null))
            {
                var left = run(block, entries[block.Id]);
                foreach (var next in block.Successors)
                {
                    var known = entries[next] ?? new Term?[left.Length];
                    Term?[] joined = [.. known.Zip(left, (x, y) => Join(x, y, visits[next] >= MaximumVisits))];
                    if (entries[next] is null || !joined.AsSpan().SequenceEqual(known))
                    {
                        (entries[next], changed) = (joined, true);
                        visits[next]++;
                    }
                }
            }
        }

        return entries;
    }

    /// <summary>What is known where one value has been <paramref name="known"/> and one is <paramref name="arriving"/>. Two of different types are a condition, at which nobody looks.</summary>
    private Term? Join(Term? known, Term? arriving, bool isOften)
    {
        if (arriving is null || known is not null && known.Width != arriving.Width)
        {
            return arriving is null || known!.Width == Sort.Bool ? known : unknown(Sort.Bool, null);
        }

        if (arriving.Width <= 0)
        {
            return known ?? unknown(arriving.Width, null);
        }

        if (isFixed(arriving) && (known is null || ReferenceEquals(known, arriving)))
        {
            return arriving;
        }

        var (low, high) = TermFactory.RangeOf(arriving);
        var (least, most) = TermFactory.RangeOf(known ?? arriving);
        return known is not null && !isFixed(known) && least <= low && high <= most ? known
            : unknown(arriving.Width, isOften ? null : (Math.Min(low, least), Math.Max(high, most)));
    }
}
