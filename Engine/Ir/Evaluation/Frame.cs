namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>A call that is running: its values, and where it is.</summary>
internal sealed class Frame
{
    private readonly RuntimeValue[] _values;

    public Frame(Instance instance, Function function, ReadOnlySpan<RuntimeValue> arguments)
    {
        (Instance, Function, Next) = (instance, function, function.First(function.Entry));
        _values = new RuntimeValue[function.ValueCount];
        var parameters = function.Parameters(function.Entry);
        for (var i = 0; i < parameters.Length; i++)
        {
            _values[parameters[i].Index] = arguments[i];
        }
    }

    /// <summary>Whose function runs.</summary>
    public Instance Instance { get; }

    /// <summary>What runs.</summary>
    public Function Function { get; }

    /// <summary>The instruction to run next.</summary>
    public Inst Next { get; set; }

    /// <summary>The call whose results are awaited.</summary>
    public Inst Waiting { get; set; }

    /// <summary>The operand of <paramref name="inst"/> at <paramref name="position"/>.</summary>
    public RuntimeValue Argument(Inst inst, int position) => _values[Function.Arguments(inst)[position].Index];

    /// <summary>All operands of <paramref name="inst"/>.</summary>
    public RuntimeValue[] Arguments(Inst inst)
    {
        var arguments = Function.Arguments(inst);
        var values = new RuntimeValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _values[arguments[i].Index];
        }

        return values;
    }

    /// <summary>Sets the only result of <paramref name="inst"/>; its type is the value's.</summary>
    public void SetResult(Inst inst, ulong bits, object? reference = null)
    {
        var value = Function.Result(inst);
        _values[value.Index] = new RuntimeValue(Function.TypeOf(value), bits, reference);
    }

    /// <summary>Sets the only result of <paramref name="inst"/>, a number or vector, by its bits.</summary>
    public void SetBits(Inst inst, UInt128 bits)
    {
        var value = Function.Result(inst);
        _values[value.Index] = RuntimeValue.OfBits(Function.TypeOf(value), bits);
    }

    /// <summary>Sets the only result of <paramref name="inst"/> to a copy of <paramref name="content"/>.</summary>
    public void SetCopy(Inst inst, RuntimeValue content)
    {
        var value = Function.Result(inst);
        _values[value.Index] = content with { Type = Function.TypeOf(value) };
    }

    /// <summary>Goes to a target; all its arguments are read before a parameter is set.</summary>
    public void Go(Inst terminator, int position)
    {
        var block = Function.Target(terminator, position);
        var arguments = Function.TargetArguments(terminator, position);
        var parameters = Function.Parameters(block);
        if (arguments.Length == 1)
        {
            _values[parameters[0].Index] = _values[arguments[0].Index];
        }
        else if (arguments.Length > 1)
        {
            var passed = new RuntimeValue[arguments.Length];
            for (var i = 0; i < passed.Length; i++)
            {
                passed[i] = _values[arguments[i].Index];
            }

            for (var i = 0; i < passed.Length; i++)
            {
                _values[parameters[i].Index] = passed[i];
            }
        }

        Next = Function.First(block);
    }

    /// <summary>Takes the results of the awaited call and goes on behind it.</summary>
    public void Deliver(RuntimeValue[] results)
    {
        for (var i = 0; i < results.Length; i++)
        {
            _values[Function.Result(Waiting, i).Index] = results[i];
        }

        Next = Function.Next(Waiting);
    }
}
