namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>How often each value is used, as an operand or as an argument of a target, by the blocks of the layout.</summary>
internal sealed class UseCounts
{
    private readonly int[] _counts;

    public UseCounts(Function function)
    {
        _counts = new int[function.ValueCount];
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                Count(function.Arguments(inst), 1);
                for (var i = 0; i < function.TargetCount(inst); i++)
                {
                    Count(function.TargetArguments(inst, i), 1);
                }
            }
        }
    }

    /// <summary>The uses of <paramref name="value"/>; 0 for one made after the count.</summary>
    public int this[Value value] => value.Index < _counts.Length ? _counts[value.Index] : 0;

    /// <summary>Keeps the count true while a pass removes <paramref name="inst"/>.</summary>
    public void Forget(Function function, Inst inst)
    {
        Count(function.Arguments(inst), -1);
        for (var i = 0; i < function.TargetCount(inst); i++)
        {
            Count(function.TargetArguments(inst, i), -1);
        }
    }

    private void Count(ReadOnlySpan<Value> values, int by)
    {
        foreach (var value in values)
        {
            if (value.Index < _counts.Length)
            {
                _counts[value.Index] += by;
            }
        }
    }
}
