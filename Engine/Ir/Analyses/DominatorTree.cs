using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>Which reachable block lies on every path from the entry to which other.</summary>
/// <remarks>The iterative method of Cooper, Harvey and Kennedy over the reverse post-order; queries by interval numbering of the tree.</remarks>
internal sealed class DominatorTree
{
    private readonly ControlFlow _flow;
    private readonly int[] _parent;
    private readonly List<Block>[] _children;
    private readonly int[] _enter;
    private readonly int[] _leave;

    public DominatorTree(Function function) : this(new ControlFlow(function)) { }

    public DominatorTree(ControlFlow flow)
    {
        _flow = flow;
        var count = flow.ReversePostOrder.Count;
        _parent = new int[count];
        _children = new List<Block>[count];
        (_enter, _leave) = (new int[count], new int[count]);
        FindParents();
        for (var i = 0; i < count; i++)
        {
            _children[i] = [];
        }

        for (var i = 1; i < count; i++)
        {
            _children[_parent[i]].Add(flow.ReversePostOrder[i]);
        }

        NumberIntervals();
    }

    /// <summary>The control flow that the tree was made from.</summary>
    public ControlFlow Flow => _flow;

    /// <summary>The closest strict dominator, or null for the entry and for unreachable blocks.</summary>
    public Block? ImmediateDominator(Block block)
    {
        var number = _flow.NumberOf(block);
        return number <= 0 ? null : _flow.ReversePostOrder[_parent[number]];
    }

    /// <summary>The blocks that <paramref name="block"/> dominates immediately, in reverse post-order.</summary>
    public IReadOnlyList<Block> Children(Block block) => _flow.IsReachable(block) ? _children[_flow.NumberOf(block)] : [];

    /// <summary>Whether every path to <paramref name="other"/> goes through <paramref name="block"/>; a block dominates itself.</summary>
    public bool Dominates(Block block, Block other)
    {
        var (a, b) = (_flow.NumberOf(block), _flow.NumberOf(other));
        return a >= 0 && b >= 0 && _enter[a] <= _enter[b] && _leave[b] <= _leave[a];
    }

    /// <summary>Whether the definition of <paramref name="value"/> comes before <paramref name="inst"/> on every path to it.</summary>
    public bool Dominates(Value value, Inst inst)
    {
        var function = _flow.Function;
        var (definition, use) = (function.DefiningBlock(value), function.BlockOf(inst));
        if (definition != use)
        {
            return Dominates(definition, use);
        }

        var defining = function.DefiningInst(value);
        if (!defining.Exists)
        {
            return true;
        }

        for (var i = function.Previous(inst); i.Exists; i = function.Previous(i))
        {
            if (i == defining)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The closest block that dominates both.</summary>
    public Block CommonDominator(Block first, Block second) =>
        _flow.ReversePostOrder[Intersect(_flow.NumberOf(first), _flow.NumberOf(second))];

    private void FindParents()
    {
        Array.Fill(_parent, -1);
        if (_parent.Length > 0)
        {
            _parent[0] = 0;
        }

        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = 1; i < _parent.Length; i++)
            {
                var parent = -1;
                foreach (var edge in _flow.Predecessors(_flow.ReversePostOrder[i]))
                {
                    var from = _flow.NumberOf(edge.From);
                    if (_parent[from] >= 0)
                    {
                        parent = parent < 0 ? from : Intersect(from, parent);
                    }
                }

                changed |= _parent[i] != parent;
                _parent[i] = parent;
            }
        }
    }

    private int Intersect(int a, int b)
    {
        while (a != b)
        {
            if (a > b)
            {
                a = _parent[a];
            }
            else
            {
                b = _parent[b];
            }
        }

        return a;
    }

    private void NumberIntervals()
    {
        var stack = new Stack<(int Node, int Next)>();
        var clock = 0;
        stack.Push((0, 0));
        while (stack.TryPop(out var top))
        {
            if (top.Next == 0)
            {
                _enter[top.Node] = clock++;
            }

            if (top.Next < _children[top.Node].Count)
            {
                stack.Push((top.Node, top.Next + 1));
                stack.Push((_flow.NumberOf(_children[top.Node][top.Next]), 0));
            }
            else
            {
                _leave[top.Node] = clock++;
            }
        }
    }
}
