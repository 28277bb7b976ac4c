using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>Headers through which control goes on, with the number of phases in which it does.</summary>
internal sealed record HeaderChoice(IReadOnlyDictionary<int, int> OpenBefore, IReadOnlyDictionary<int, int> OpenAfter)
{
    private static readonly Dictionary<int, int> None = [];

    /// <summary>
    /// What to try, one after the other. A header that leads straight to another one need be no place to stop at: the other side may have one
    /// loop header where this one has two. The side with more headers is the first to do without.
    /// </summary>
    /// <example><code>loop { i = 0; loop { … } … }   =>   loop { loop { … } … i = 0 }   the outer header is the inner one</code></example>
    public static IEnumerable<HeaderChoice> Candidates(FlowGraph before, FlowGraph after)
    {
        var (x, y) = (Straight(before), Straight(after));
        var (m, n) = (before.Ordered.Count(b => b.IsHeader), after.Ordered.Count(b => b.IsHeader));
        var nothing = new HeaderChoice(None, None);
        HeaderChoice[] choices = m > n ? [new(x, None), nothing, new(x, y)] : n > m ? [new(None, y), nothing, new(x, y)] : [nothing, new(x, y), new(x, None), new(None, y)];
        return choices.Where((c, i) => i == 0 || c.OpenBefore.Count + c.OpenAfter.Count > 0 || ReferenceEquals(c, nothing))
            .DistinctBy(c => (c.OpenBefore.Count > 0, c.OpenAfter.Count > 0));
    }

    /// <summary>Headers from which control always comes to another header; from below they are reached in the second phase.</summary>
    private static Dictionary<int, int> Straight(FlowGraph graph)
    {
        var result = new Dictionary<int, int>();
        foreach (var header in graph.Ordered.Where(b => b.IsHeader))
        {
            var at = header;
            while (at.Exit == FlowExit.Goto && graph.Blocks[at.Successors[0]] is var next && next.Order > at.Order)
            {
                at = next;
                if (at.IsHeader)
                {
                    result[header.Id] = 2;
                    break;
                }
            }
        }

        return result;
    }
}
