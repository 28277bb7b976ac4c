using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>
/// Which values are needed where blocks begin and end. A block's parameters are defined at its start, so they are not live into it; what an
/// edge passes on is used at the end of the block it leaves.
/// </summary>
internal sealed class Liveness
{
    private readonly ControlFlow _flow;
    private readonly EntityMap<Block, EntitySet<Value>?> _in = new();
    private readonly EntityMap<Block, EntitySet<Value>?> _out = new();

    public Liveness(Function function) : this(new ControlFlow(function)) { }

    public Liveness(ControlFlow flow)
    {
        _flow = flow;
        var function = flow.Function;
        foreach (var block in flow.ReversePostOrder)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                Use(block, function.Arguments(inst));
                for (var i = 0; i < function.TargetCount(inst); i++)
                {
                    Use(block, function.TargetArguments(inst, i));
                }
            }
        }
    }

    /// <summary>Values defined before <paramref name="block"/> and used in it or after it.</summary>
    public EntitySet<Value> LiveIn(Block block) => _in[block] ?? new EntitySet<Value>();

    /// <summary>Values that a block after <paramref name="block"/> uses; arguments of its own edges are not among them for that reason.</summary>
    public EntitySet<Value> LiveOut(Block block) => _out[block] ?? new EntitySet<Value>();

    private void Use(Block block, ReadOnlySpan<Value> values)
    {
        foreach (var value in values)
        {
            MarkLive(value, block);
        }
    }

    /// <summary>Walks from a use back to the definition.</summary>
    private void MarkLive(Value value, Block use)
    {
        var definition = _flow.Function.DefiningBlock(value);
        if (definition == use || !(_in.Reference(use) ??= new()).Add(value))
        {
            return;
        }

        var work = new Stack<Block>();
        work.Push(use);
        while (work.TryPop(out var block))
        {
            foreach (var edge in _flow.Predecessors(block))
            {
                (_out.Reference(edge.From) ??= new()).Add(value);
                if (edge.From != definition && (_in.Reference(edge.From) ??= new()).Add(value))
                {
                    work.Push(edge.From);
                }
            }
        }
    }
}
