using System.Collections.Immutable;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>A reason why one pass stands before another; checked when a pipeline is built.</summary>
internal sealed record Order(Type First, Type Second, string Reason)
{
    /// <summary><typeparamref name="TFirst"/> runs before <typeparamref name="TSecond"/>.</summary>
    public static Order Before<TFirst, TSecond>(string reason)
        where TFirst : FunctionPass
        where TSecond : FunctionPass => new(typeof(TFirst), typeof(TSecond), reason);
}

/// <summary>Function passes in order, repeated until none changes the function.</summary>
internal sealed class Pipeline
{
    /// <summary>More rounds than any function has been seen to need; reaching it is not an error, only a missed optimisation.</summary>
    private const int MaximumRounds = 12;

    private readonly ImmutableArray<FunctionPass> _passes;

    /// <summary>Checks <paramref name="orderings"/> against <paramref name="passes"/>.</summary>
    public Pipeline(ImmutableArray<FunctionPass> passes, ImmutableArray<Order> orderings)
    {
        _passes = passes;
        foreach (var order in orderings)
        {
            var (first, second) = (LastOf(order.First), FirstOf(order.Second));
            InvariantException.Require(first < second, $"{order.First.Name} runs before {order.Second.Name}: {order.Reason}");
        }
    }

    /// <summary>The passes, for documentation and tests.</summary>
    public ImmutableArray<FunctionPass> Passes => _passes;

    /// <summary>Runs the passes on one function to a fixpoint; true when anything changed.</summary>
    public bool Run(Function function, FuncIndex index, PassContext context)
    {
        var changed = false;
        var hasLoopPasses = context.LevelOf(index).Level < OptimizationLevel.WithoutLoopPasses;
        for (var round = 0; round < MaximumRounds; round++)
        {
            var again = false;
            foreach (var pass in _passes.Where(pass => hasLoopPasses || !pass.Info.IsLoopPass))
            {
                if (context.ConsumeFuel() && pass.Run(function, context))
                {
                    again = true;
                    context.AfterChange?.Invoke(index, pass.Info.Name);
                }
            }

            if (!again)
            {
                break;
            }

            changed = true;
        }

        if (changed)
        {
            context.Program.MarkChanged(index);
        }

        return changed;
    }

    private int FirstOf(Type pass) => Positions(pass).First();

    private int LastOf(Type pass) => Positions(pass).Last();

    private IEnumerable<int> Positions(Type pass)
    {
        var positions = Enumerable.Range(0, _passes.Length).Where(i => _passes[i].GetType() == pass).ToArray();
        InvariantException.Require(positions.Length > 0, $"the pipeline has the pass {pass.Name} that an ordering names");
        return positions;
    }
}
