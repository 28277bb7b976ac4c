using Pulse.Build.Engine.Judge.Instructions;

namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>How a block ends.</summary>
internal enum FlowExit : byte { Goto, Branch, Switch, Return, Unreachable }

/// <summary>A basic block.</summary>
internal sealed class FlowBlock(int id)
{
    public int Id { get; set; } = id;

    public List<FlowInstruction> Body { get; } = [];

    public FlowExit Exit { get; set; } = FlowExit.Goto;

    /// <summary>The slot a branch or a switch looks at.</summary>
    public int Selector { get; set; } = -1;

    /// <summary>Branch: taken when the selector is not zero, then when it is. Switch: by value, the default last.</summary>
    public List<int> Successors { get; } = [];

    /// <summary>Whether an edge returns here from below: a loop header.</summary>
    public bool IsHeader { get; set; }

    /// <summary>Position in reverse postorder.</summary>
    public int Order { get; set; } = -1;

    /// <summary>Slots whose value can still be read from here on.</summary>
    public bool[] LiveIn { get; set; } = [];
}

/// <summary>A function body as a control-flow graph. Block 0 is the entry; parameters are the first slots.</summary>
internal sealed class FlowGraph(Signature signature)
{
    public Signature Signature { get; } = signature;

    public List<FlowBlock> Blocks { get; } = [];

    /// <summary>Number of slots.</summary>
    public int Slots { get; set; }

    /// <summary>The slots that hold the results where a block returns.</summary>
    public int[] Results { get; set; } = [];

    /// <summary>Reachable blocks in reverse postorder.</summary>
    public List<FlowBlock> Ordered { get; } = [];

    public FlowBlock NewBlock()
    {
        var block = new FlowBlock(Blocks.Count);
        Blocks.Add(block);
        return block;
    }

    /// <summary>Leaves empty blocks out, so that two layouts of one program have the same headers.</summary>
    public void SkipEmptyBlocks()
    {
        foreach (var block in Blocks)
        {
            for (var i = 0; i < block.Successors.Count; i++)
            {
                block.Successors[i] = Destination(block.Successors[i]);
            }

            if (block.Exit != FlowExit.Goto && block.Successors.Count > 1 && block.Successors.TrueForAll(s => s == block.Successors[0]))
            {
                block.Exit = FlowExit.Goto;
                block.Successors.RemoveRange(1, block.Successors.Count - 1);
            }
        }
    }

    private int Destination(int id)
    {
        // A cycle of empty blocks is an endless loop and stays one.
        for (var steps = 0; steps < Blocks.Count; steps++)
        {
            var block = Blocks[id];
            if (block.Body.Count != 0 || block.Exit != FlowExit.Goto || block.Successors[0] == id)
            {
                return id;
            }

            id = block.Successors[0];
        }

        return id;
    }
}
