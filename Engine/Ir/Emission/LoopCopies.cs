using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Loop parameters that are still needed where the loop is left, though the next value is there already. Edges pass the next value to a
/// carrier instead, which the loop copies when it starts: then the edge back moves nothing. LoopCopies are values beyond those of the function.
/// </summary>
/// <example><code>
/// b1(p): …; v = f p; br_if c b1(v) b2; b2: use p   =>   loop; get carrier; tee p; …; set carrier; br_if 0; end; get p
/// </code></example>
internal sealed class LoopCopies
{
    private readonly Function _function;
    private readonly List<Value> _parameters = [];
    private readonly EntityMap<Value, Value?> _carriers = new();

    public LoopCopies(Function function, IEnumerable<Value> parameters)
    {
        _function = function;
        foreach (var parameter in parameters)
        {
            _carriers[parameter] = new Value(ValueCount);
            _parameters.Add(parameter);
        }
    }

    /// <summary>The values of the function and the carriers.</summary>
    public int ValueCount => _function.ValueCount + _parameters.Count;

    /// <summary>The carrier of <paramref name="parameter"/>, if it has one.</summary>
    public Value? Of(Value parameter) => _carriers[parameter];

    /// <summary>The type of a value or carrier.</summary>
    public ValType TypeOf(Value value) => _function.TypeOf(Carried(value));

    /// <summary>The block in which a value or carrier arrives.</summary>
    public Block DefiningBlock(Value value) => _function.DefiningBlock(Carried(value));

    /// <summary>Parameters for which it may pay: a conditional edge back still has to copy their next value.</summary>
    public static List<Value> Candidates(DominatorTree dominators, EdgeMoves moves)
    {
        var function = dominators.Flow.Function;
        var result = new List<Value>();
        foreach (var block in dominators.Flow.ReversePostOrder)
        {
            var terminator = function.Last(block);
            for (var i = 0; i < 2 && function.OpcodeOf(terminator) == Opcode.BrIf; i++)
            {
                var hoisted = moves.Hoist(terminator);
                if ((i == 0 ? hoisted.Then : hoisted.Else) && dominators.Dominates(function.Target(terminator, i), block))
                {
                    result.AddRange(moves.Of(terminator, i).Where(move => move.Source is not null).Select(move => move.Parameter));
                }
            }
        }

        return [.. result.Distinct()];
    }

    private Value Carried(Value value) => value.Index < _function.ValueCount ? value : _parameters[value.Index - _function.ValueCount];
}
