using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Ir.Construction;

/// <summary>
/// Finds the parameters that receive one value, or that value and themselves, on every edge: they stand for it.
/// </summary>
/// <example><code>b2(v5): from b0(v1), b1(v1), b2(v5)   =>   uses of v5 become v1</code></example>
internal sealed class RedundantParameters
{
    private readonly Function _function;
    private readonly SsaLocals _locals;
    private readonly EntityMap<Value, Value> _standsFor = new(new Value(-1));
    private readonly EntityMap<Value, List<Value>?> _passedTo = new();
    private readonly Queue<Value> _work = new();

    public RedundantParameters(Function function, SsaLocals locals, IEnumerable<Block> blocks)
    {
        (_function, _locals) = (function, locals);
        foreach (var block in blocks)
        {
            foreach (var edge in locals.EdgesInto(block))
            {
                var parameters = function.Parameters(block);
                for (var i = 0; i < parameters.Length; i++)
                {
                    (_passedTo.Reference(edge.Arguments[i]) ??= []).Add(parameters[i]);
                }
            }

            foreach (var parameter in block == function.Entry ? [] : function.Parameters(block))
            {
                _work.Enqueue(parameter);
            }
        }

        while (_work.TryDequeue(out var parameter))
        {
            Examine(parameter);
        }
    }

    /// <summary>What <paramref name="value"/> stands for: itself, unless it is redundant.</summary>
    public Value Resolve(Value value)
    {
        while (_standsFor[value] is { Index: >= 0 } next)
        {
            if (_standsFor[next] is { Index: >= 0 } further)
            {
                _standsFor[value] = further;
            }

            value = next;
        }

        return value;
    }

    /// <summary>Whether <paramref name="parameter"/> stands for another value.</summary>
    public bool IsRedundant(Value parameter) => _standsFor[parameter].Index >= 0;

    private void Examine(Value parameter)
    {
        if (IsRedundant(parameter))
        {
            return;
        }

        var position = _function.DefinitionPosition(parameter);
        var only = new Value(-1);
        foreach (var edge in _locals.EdgesInto(_function.DefiningBlock(parameter)))
        {
            var argument = Resolve(edge.Arguments[position]);
            if (argument != parameter && argument != only)
            {
                if (only.Index >= 0)
                {
                    return;
                }

                only = argument;
            }
        }

        InvariantException.Require(only.Index >= 0, "a reachable block has an edge from outside of itself");
        _standsFor[parameter] = only;
        if (_passedTo[parameter] is { } users)
        {
            (_passedTo.Reference(only) ??= []).AddRange(users);
            users.ForEach(_work.Enqueue);
        }
    }
}
