using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>How deep loops nest inside each loop of a graph.</summary>
internal sealed class LoopNesting(FlowGraph graph)
{
    private readonly Dictionary<int, int> _heights = [];

    /// <summary>0 for a loop without inner loops; one more than the highest inner one for any other.</summary>
    public int Height(int header)
    {
        if (!_heights.TryGetValue(header, out var height))
        {
            _heights[header] = 0; // should loops ever contain each other
            height = Blocks(graph, header).Where(block => block != header && graph.Blocks[block].IsHeader).Select(inner => Height(inner) + 1).DefaultIfEmpty().Max();
            _heights[header] = height;
        }

        return height;
    }

    /// <summary>The blocks of the loop of <paramref name="header"/>: those from which it is reached without leaving the loop upwards.</summary>
    public static HashSet<int> Blocks(FlowGraph graph, int header)
    {
        HashSet<int> loop = [header];
        for (var i = graph.Ordered.Count - 1; i > graph.Blocks[header].Order; i--)
        {
            // A block with an edge up, other than to this header, is reached again when that loop's header is known.
            if (graph.Ordered[i].Successors.Exists(loop.Contains) && loop.Add(graph.Ordered[i].Id) && graph.Ordered[i].IsHeader)
            {
                i = graph.Ordered.Count;
            }
        }

        return loop;
    }

    /// <summary>
    /// Whether the loop of <paramref name="header"/>, entered in <paramref name="state"/>, is left in its first round, going through inner loops of which the same is true.
    /// </summary>
    public static bool ExitsInFirstIteration(FragmentExecutor executor, FlowBlock header, Term guard, MachineState state)
    {
        var loop = Blocks(executor.Graph, header.Id);
        var open = new Dictionary<int, int>();
        while (true)
        {
            var cuts = executor.Run(header, guard, [], state, open, loop).Cuts;
            var inner = cuts.FirstOrDefault(cut => cut.Key != header.Id && !open.ContainsKey(cut.Key));
            if (inner.Value is null || !ExitsInFirstIteration(executor, executor.Graph.Blocks[inner.Key], inner.Value.Guard, inner.Value.State))
            {
                return cuts.Count == 0;
            }

            open[inner.Key] = 1;
        }
    }
}
