using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Passes;

/// <summary>Values that stand for other values: collected while a pass runs, applied to every use in one sweep.</summary>
internal sealed class Replacements(Function function)
{
    private readonly EntityMap<Value, Value> _map = new(new Value(-1));
    private bool _any;

    /// <summary>From now on <paramref name="value"/> means <paramref name="replacement"/>.</summary>
    public void Add(Value value, Value replacement)
    {
        InvariantException.Require(value != replacement, "a value is not replaced by itself");
        _map[value] = replacement;
        _any = true;
    }

    /// <summary>What <paramref name="value"/> means.</summary>
    public Value Canonical(Value value)
    {
        while (_map[value] is { Index: >= 0 } next)
        {
            value = next;
        }

        return value;
    }

    /// <summary>Brings the operands of one instruction up to date before the sweep.</summary>
    public void Canonicalise(Inst inst)
    {
        if (!_any)
        {
            return;
        }

        foreach (ref var operand in function.Arguments(inst))
        {
            operand = Canonical(operand);
        }

        for (var i = 0; i < function.TargetCount(inst); i++)
        {
            foreach (ref var operand in function.TargetArguments(inst, i))
            {
                operand = Canonical(operand);
            }
        }
    }

    /// <summary>Replaces every use.</summary>
    public void Apply()
    {
        if (_any)
        {
            function.ReplaceUses(Canonical);
        }
    }
}
