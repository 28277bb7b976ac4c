using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>Which values and instructions must be emitted: what can be seen from outside, and what that needs.</summary>
internal sealed class NeededCode
{
    private readonly ControlFlow _flow;
    private readonly EntitySet<Value> _values = new();
    private readonly EntitySet<Inst> _insts = new();
    private readonly Stack<Value> _work = new();

    public NeededCode(ControlFlow flow)
    {
        _flow = flow;
        var function = flow.Function;
        foreach (var block in flow.ReversePostOrder)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                if (!function.EffectsOf(inst).CanBeRemoved())
                {
                    Need(inst);
                }
            }
        }

        while (_work.TryPop(out var value))
        {
            if (function.DefiningInst(value) is { Exists: true } inst)
            {
                Need(inst);
                continue;
            }

            foreach (var edge in flow.Predecessors(function.DefiningBlock(value)))
            {
                Need(function.TargetArguments(edge.Terminator, edge.Position)[function.DefinitionPosition(value)]);
            }
        }
    }

    /// <summary>Whether something needed uses <paramref name="value"/>.</summary>
    public bool Contains(Value value) => _values.Contains(value);

    /// <summary>Whether <paramref name="inst"/> must run.</summary>
    public bool Contains(Inst inst) => _insts.Contains(inst);

    private void Need(Inst inst)
    {
        if (_insts.Add(inst))
        {
            foreach (var argument in _flow.Function.Arguments(inst))
            {
                Need(argument);
            }
        }
    }

    private void Need(Value value)
    {
        if (_values.Add(value))
        {
            _work.Push(value);
        }
    }
}
