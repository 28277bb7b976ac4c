using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>A natural loop: the blocks that reach a back edge to the header without leaving through it.</summary>
internal sealed class Loop(Block header)
{
    /// <summary>The only way in.</summary>
    public Block Header { get; } = header;

    /// <summary>The closest loop around this one.</summary>
    public Loop? Parent { get; set; }

    /// <summary>1 for an outermost loop.</summary>
    public int Depth { get; set; } = 1;

    /// <summary>All blocks, inner loops included, in reverse post-order; the header first.</summary>
    public List<Block> Blocks { get; } = [];

    /// <summary>The blocks with an edge back to the header.</summary>
    public List<Block> Latches { get; } = [];
}

/// <summary>The loops of a function. Graphs are reducible, since wasm is structured and no pass makes them otherwise.</summary>
internal sealed class LoopForest
{
    private readonly EntityMap<Block, Loop?> _innermost = new();
    private readonly List<Loop> _loops = [];

    public LoopForest(Function function) : this(new DominatorTree(function)) { }

    public LoopForest(DominatorTree dominators)
    {
        var flow = dominators.Flow;
        var headers = new List<Loop>();
        foreach (var block in flow.ReversePostOrder)
        {
            var loop = new Loop(block);
            foreach (var edge in flow.Predecessors(block))
            {
                if (dominators.Dominates(block, edge.From) && !loop.Latches.Contains(edge.From))
                {
                    loop.Latches.Add(edge.From);
                }
            }

            if (loop.Latches.Count > 0)
            {
                headers.Add(loop);
            }
        }

        // Inner headers have higher numbers than outer ones: the first loop that claims a block is its innermost.
        for (var i = headers.Count - 1; i >= 0; i--)
        {
            Claim(headers[i], flow);
        }

        foreach (var loop in headers)
        {
            loop.Depth = (loop.Parent?.Depth ?? 0) + 1;
            _loops.Add(loop);
        }

        foreach (var block in flow.ReversePostOrder)
        {
            for (var loop = _innermost[block]; loop is not null; loop = loop.Parent)
            {
                loop.Blocks.Add(block);
            }
        }
    }

    /// <summary>All loops, each before those inside it.</summary>
    public IReadOnlyList<Loop> Loops => _loops;

    /// <summary>The innermost loop that holds <paramref name="block"/>.</summary>
    public Loop? InnermostLoop(Block block) => _innermost[block];

    /// <summary>How many loops hold <paramref name="block"/>.</summary>
    public int Depth(Block block) => _innermost[block]?.Depth ?? 0;

    /// <summary>Whether <paramref name="block"/> is a loop header.</summary>
    public bool IsHeader(Block block) => _innermost[block]?.Header == block;

    /// <summary>Whether <paramref name="loop"/> holds <paramref name="block"/>.</summary>
    public bool Contains(Loop loop, Block block)
    {
        var inner = _innermost[block];
        while (inner is not null && inner != loop)
        {
            inner = inner.Parent;
        }

        return inner is not null;
    }

    private void Claim(Loop loop, ControlFlow flow)
    {
        var work = new Stack<Block>(loop.Latches);
        while (work.TryPop(out var block))
        {
            var inner = _innermost[block];
            if (inner is null)
            {
                _innermost[block] = loop;
                if (block != loop.Header)
                {
                    PushPredecessors(work, flow, block);
                }

                continue;
            }

            while (inner.Parent is { } parent)
            {
                inner = parent;
            }

            if (inner != loop)
            {
                inner.Parent = loop;
                PushPredecessors(work, flow, inner.Header);
            }
        }

        _innermost[loop.Header] = loop;
    }

    private static void PushPredecessors(Stack<Block> work, ControlFlow flow, Block block)
    {
        foreach (var edge in flow.Predecessors(block))
        {
            work.Push(edge.From);
        }
    }
}
