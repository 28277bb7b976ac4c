using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>One way into a block: the terminator and the position of its target.</summary>
internal readonly record struct IncomingEdge(Block From, Inst Terminator, int Position);

/// <summary>Predecessors, reverse post-order and reachability of a function's blocks. Edges from unreachable blocks do not count.</summary>
internal sealed class ControlFlow
{
    private readonly EntityMap<Block, int> _number = new(-1);
    private readonly EntityMap<Block, List<IncomingEdge>?> _predecessors = new();
    private readonly List<Block> _order = [];

    public ControlFlow(Function function)
    {
        Function = function;
        Number();
        foreach (var block in _order)
        {
            var terminator = function.Last(block);
            for (var i = 0; i < Targets(terminator); i++)
            {
                (_predecessors.Reference(function.Target(terminator, i)) ??= []).Add(new IncomingEdge(block, terminator, i));
            }
        }
    }

    /// <summary>What was analysed.</summary>
    public Function Function { get; }

    /// <summary>Reachable blocks, each before its successors but for back edges; the entry first.</summary>
    public IReadOnlyList<Block> ReversePostOrder => _order;

    /// <summary>Position in <see cref="ReversePostOrder"/>, or -1 when <paramref name="block"/> is unreachable.</summary>
    public int NumberOf(Block block) => _number[block];

    /// <summary>Whether a path leads from the entry to <paramref name="block"/>.</summary>
    public bool IsReachable(Block block) => _number[block] >= 0;

    /// <summary>The edges into <paramref name="block"/>, one for each target that names it.</summary>
    public IReadOnlyList<IncomingEdge> Predecessors(Block block) => _predecessors[block] ?? (IReadOnlyList<IncomingEdge>)[];

    /// <summary>The blocks that <paramref name="block"/> may go to, in the order of its targets, each once.</summary>
    public IEnumerable<Block> Successors(Block block)
    {
        var terminator = Function.Last(block);
        var seen = new EntitySet<Block>();
        for (var i = 0; i < Targets(terminator); i++)
        {
            var target = Function.Target(terminator, i);
            if (seen.Add(target))
            {
                yield return target;
            }
        }
    }

    private int Targets(Inst terminator) => terminator.Exists ? Function.TargetCount(terminator) : 0;

    /// <summary>Depth first with the first target visited last, so that it comes first in the order.</summary>
    private void Number()
    {
        var visited = new EntitySet<Block>();
        var stack = new Stack<(Block Block, int Next)>();
        visited.Add(Function.Entry);
        stack.Push((Function.Entry, Targets(Function.Last(Function.Entry))));
        while (stack.TryPop(out var top))
        {
            if (top.Next == 0)
            {
                _order.Add(top.Block);
                continue;
            }

            stack.Push((top.Block, top.Next - 1));
            var target = Function.Target(Function.Last(top.Block), top.Next - 1);
            if (visited.Add(target))
            {
                stack.Push((target, Targets(Function.Last(target))));
            }
        }

        _order.Reverse();
        for (var i = 0; i < _order.Count; i++)
        {
            _number[_order[i]] = i;
        }
    }
}
