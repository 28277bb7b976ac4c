using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>One use of a value.</summary>
/// <param name="Inst">The instruction that uses it.</param>
/// <param name="Target">The target that passes it on, or -1 for an operand.</param>
/// <param name="Position">Position among the operands, or among the target's arguments.</param>
internal readonly record struct Use(Inst Inst, int Target, int Position);

/// <summary>Who uses each value, in layout order. Instructions of blocks outside the layout do not count.</summary>
internal sealed class Uses
{
    private readonly int[] _start;
    private readonly Use[] _uses;

    public Uses(Function function)
    {
        var counts = new UseCounts(function);
        _start = new int[function.ValueCount + 1];
        for (var i = 0; i < function.ValueCount; i++)
        {
            _start[i + 1] = _start[i] + counts[new Value(i)];
        }

        _uses = new Use[_start[^1]];
        var next = (int[])_start.Clone();
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                Add(function.Arguments(inst), inst, -1, next);
                for (var i = 0; i < function.TargetCount(inst); i++)
                {
                    Add(function.TargetArguments(inst, i), inst, i, next);
                }
            }
        }
    }

    /// <summary>The uses of <paramref name="value"/>.</summary>
    public ReadOnlySpan<Use> Of(Value value) => _uses.AsSpan(_start[value.Index].._start[value.Index + 1]);

    /// <summary>How many uses <paramref name="value"/> has.</summary>
    public int Count(Value value) => _start[value.Index + 1] - _start[value.Index];

    private void Add(ReadOnlySpan<Value> values, Inst inst, int target, int[] next)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _uses[next[values[i].Index]++] = new Use(inst, target, i);
        }
    }
}
