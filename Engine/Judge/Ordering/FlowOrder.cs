using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Ordering;

/// <summary>
/// Orders the blocks of a graph for execution, and finds its loop headers and live slots. Whoever executes it refuses an edge back to a block that is no
/// header, and reading a slot that was taken for dead.
/// </summary>
internal static class FlowOrder
{
    public static void Run(FlowGraph graph)
    {
        Order(graph);
        FindLiveSlots(graph);
    }

    private static void Order(FlowGraph graph)
    {
        graph.Ordered.Clear();
        var state = new byte[graph.Blocks.Count];
        var stack = new Stack<(int Block, int Next)>();
        stack.Push((0, 0));
        state[0] = 1;
        foreach (var block in graph.Blocks)
        {
            block.IsHeader = false;
        }

        while (stack.Count > 0)
        {
            var (id, next) = stack.Pop();
            var block = graph.Blocks[id];
            if (next == block.Successors.Count)
            {
                state[id] = 2;
                graph.Ordered.Add(block);
                continue;
            }

            stack.Push((id, next + 1));
            var target = block.Successors[next];
            if (state[target] == 0)
            {
                state[target] = 1;
                stack.Push((target, 0));
            }
            else if (state[target] == 1)
            {
                graph.Blocks[target].IsHeader = true;
            }
        }

        graph.Ordered.Reverse();
        for (var i = 0; i < graph.Ordered.Count; i++)
        {
            graph.Ordered[i].Order = i;
        }
    }

    private static void FindLiveSlots(FlowGraph graph)
    {
        foreach (var block in graph.Ordered)
        {
            block.LiveIn = new bool[graph.Slots];
        }

        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = graph.Ordered.Count - 1; i >= 0; i--)
            {
                changed |= Update(graph, graph.Ordered[i]);
            }
        }
    }

    private static bool Update(FlowGraph graph, FlowBlock block)
    {
        var live = new bool[graph.Slots];
        foreach (var successor in block.Successors)
        {
            var next = graph.Blocks[successor].LiveIn;
            for (var s = 0; s < live.Length; s++)
            {
                live[s] |= next[s];
            }
        }

        if (block.Exit == FlowExit.Return)
        {
            foreach (var slot in graph.Results)
            {
                live[slot] = true;
            }
        }

        if (block.Selector >= 0 && block.Exit is FlowExit.Branch or FlowExit.Switch)
        {
            live[block.Selector] = true;
        }

        for (var i = block.Body.Count - 1; i >= 0; i--)
        {
            foreach (var output in block.Body[i].Outputs)
            {
                live[output] = false;
            }

            foreach (var input in block.Body[i].Inputs)
            {
                live[input] = true;
            }
        }

        if (live.AsSpan().SequenceEqual(block.LiveIn))
        {
            return false;
        }

        block.LiveIn = live;
        return true;
    }
}
