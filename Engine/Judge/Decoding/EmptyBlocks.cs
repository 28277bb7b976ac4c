namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>Leaves empty blocks out, so that two layouts of one program have the same headers.</summary>
internal static class EmptyBlocks
{
    public static void Skip(FlowGraph graph)
    {
        foreach (var block in graph.Blocks)
        {
            for (var i = 0; i < block.Successors.Count; i++)
            {
                block.Successors[i] = Destination(graph, block.Successors[i]);
            }

            if (block.Exit != FlowExit.Goto && block.Successors.Count > 1 && block.Successors.TrueForAll(s => s == block.Successors[0]))
            {
                block.Exit = FlowExit.Goto;
                block.Successors.RemoveRange(1, block.Successors.Count - 1);
            }
        }
    }

    private static int Destination(FlowGraph graph, int id)
    {
        // A cycle of empty blocks is an endless loop and stays one.
        for (var steps = 0; steps < graph.Blocks.Count; steps++)
        {
            var block = graph.Blocks[id];
            if (block.Body.Count != 0 || block.Exit != FlowExit.Goto || block.Successors[0] == id)
            {
                return id;
            }

            id = block.Successors[0];
        }

        return id;
    }
}
