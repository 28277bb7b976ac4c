
namespace Pulse.Build.Engine.Codegen.Machine;

/// <summary>Immediate dominators of a machine function whose blocks are all reachable.</summary>
/// <remarks>Cooper, Harvey and Kennedy, over the reverse post-order.</remarks>
internal sealed class MachineDominators
{
    private readonly Dictionary<MachineBlock, int> _number = [];
    private readonly List<MachineBlock> _order = [];
    private readonly int[] _parent;

    /// <summary>Computes the tree of <paramref name="function"/>.</summary>
    public MachineDominators(MachineFunction function)
    {
        Order(function.Blocks[0]);
        var predecessors = new List<int>[_order.Count];
        for (var i = 0; i < _order.Count; i++)
        {
            _number[_order[i]] = i;
            predecessors[i] = [];
        }

        for (var i = 0; i < _order.Count; i++)
        {
            foreach (var edge in _order[i].Terminator.Targets)
            {
                predecessors[_number[edge.Target]].Add(i);
            }
        }

        _parent = new int[_order.Count];
        Array.Fill(_parent, -1);
        _parent[0] = 0;
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = 1; i < _order.Count; i++)
            {
                var parent = -1;
                foreach (var predecessor in predecessors[i].Where(p => _parent[p] >= 0))
                {
                    parent = parent < 0 ? predecessor : Common(parent, predecessor);
                }

                changed |= _parent[i] != parent;
                _parent[i] = parent;
            }
        }
    }

    /// <summary>Blocks in reverse post-order.</summary>
    public IReadOnlyList<MachineBlock> ReversePostOrder => _order;

    /// <summary>The immediate dominator, or null for the entry.</summary>
    public MachineBlock? Parent(MachineBlock block) => _number[block] == 0 ? null : _order[_parent[_number[block]]];

    /// <summary>Whether <paramref name="block"/> lies on every path to <paramref name="other"/>.</summary>
    public bool Dominates(MachineBlock block, MachineBlock other)
    {
        var (above, below) = (_number[block], _number[other]);
        while (below > above)
        {
            below = _parent[below];
        }

        return above == below;
    }

    private int Common(int a, int b)
    {
        while (a != b)
        {
            (a, b) = a > b ? (_parent[a], b) : (a, _parent[b]);
        }

        return a;
    }

    private void Order(MachineBlock entry)
    {
        var seen = new HashSet<MachineBlock> { entry };
        var work = new Stack<(MachineBlock Block, int Next)>([(entry, 0)]);
        while (work.TryPop(out var item))
        {
            var targets = item.Block.Terminator.Targets;
            if (item.Next < targets.Count)
            {
                work.Push((item.Block, item.Next + 1));
                if (seen.Add(targets[item.Next].Target))
                {
                    work.Push((targets[item.Next].Target, 0));
                }
            }
            else
            {
                _order.Add(item.Block);
            }
        }

        _order.Reverse();
    }
}
