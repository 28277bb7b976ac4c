using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Removes instructions whose results nobody needs and that do nothing else, and block parameters that nobody needs.</summary>
/// <example><code>
/// v3 = i32.add v0, v1     =>   (nothing, when v3 has no use that matters)
/// </code></example>
/// <remarks>Liveness is found from what has effects, so a cycle of block parameters that only feed each other dies too.</remarks>
internal sealed class DeadCodeElimination : FunctionPass
{
    /// <summary>Effects that make an instruction matter by itself: a read that cannot trap does not.</summary>
    private const Effects Mattering = ~(Effects.ReadsMemory | Effects.ReadsGlobal | Effects.ReadsTable);

    public override PassInfo Info { get; } = new("dce");

    public override bool Run(Function function, PassContext context)
    {
        var live = LiveValues(function);
        var changed = false;
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists;)
            {
                var next = function.Next(inst);
                if (!Matters(function, inst) && !AnyLive(function, inst, live))
                {
                    function.Remove(inst);
                    changed = true;
                }

                inst = next;
            }
        }

        var dead = new EntityMap<Block, List<int>?>();
        foreach (var block in function.Blocks)
        {
            if (block != function.Entry)
            {
                dead[block] = DeadParameters(function, block, live);
            }
        }

        return RemoveParameters(function, dead) | changed;
    }

    private static bool Matters(Function function, Inst inst) => (function.EffectsOf(inst) & Mattering) != 0;

    private static bool AnyLive(Function function, Inst inst, EntitySet<Value> live)
    {
        for (var i = 0; i < function.ResultCount(inst); i++)
        {
            if (live.Contains(function.Result(inst, i)))
            {
                return true;
            }
        }

        return false;
    }

    private static EntitySet<Value> LiveValues(Function function)
    {
        var live = new EntitySet<Value>();
        var work = new Stack<Value>();
        var incoming = new ControlFlow(function);
        void Mark(ReadOnlySpan<Value> values)
        {
            foreach (var value in values)
            {
                if (live.Add(value))
                {
                    work.Push(value);
                }
            }
        }

        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                if (Matters(function, inst))
                {
                    Mark(function.Arguments(inst));
                }
            }
        }

        while (work.TryPop(out var value))
        {
            var inst = function.DefiningInst(value);
            if (inst.Exists)
            {
                Mark(function.Arguments(inst));
                continue;
            }

            foreach (var (_, terminator, target) in incoming.Predecessors(function.DefiningBlock(value)))
            {
                Mark(function.TargetArguments(terminator, target).Slice(function.DefinitionPosition(value), 1));
            }
        }

        return live;
    }

    private static List<int>? DeadParameters(Function function, Block block, EntitySet<Value> live)
    {
        List<int>? dead = null;
        var parameters = function.Parameters(block);
        for (var i = 0; i < parameters.Length; i++)
        {
            if (!live.Contains(parameters[i]))
            {
                (dead ??= []).Add(i);
            }
        }

        return dead;
    }

    private static bool RemoveParameters(Function function, EntityMap<Block, List<int>?> dead)
    {
        var changed = false;
        foreach (var block in function.Blocks)
        {
            var terminator = function.Last(block);
            for (var i = 0; i < function.TargetCount(terminator); i++)
            {
                var target = function.Target(terminator, i);
                if (dead[target] is { } positions)
                {
                    var kept = function.TargetArguments(terminator, i).ToArray().Where((_, p) => !positions.Contains(p)).ToArray();
                    function.SetTarget(terminator, i, target, kept);
                }
            }
        }

        foreach (var block in function.Blocks)
        {
            if (dead[block] is { } positions)
            {
                function.RemoveParameters(block, positions);
                changed = true;
            }
        }

        return changed;
    }
}
