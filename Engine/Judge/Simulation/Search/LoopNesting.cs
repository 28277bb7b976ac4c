using Pulse.Build.Engine.Judge.Decoding;

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
            height = graph.LoopOf(header).Where(block => block != header && graph.Blocks[block].IsHeader).Select(inner => Height(inner) + 1).DefaultIfEmpty().Max();
            _heights[header] = height;
        }

        return height;
    }
}
