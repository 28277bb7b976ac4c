using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Removes unreachable blocks, branches that do not choose, empty blocks on the way, and edges between blocks that only know each other.</summary>
/// <example><code>
/// br_if v1, b2, b2      =>   br b2
/// b1: br b2             =>   predecessors of b1 go to b2
/// b0: … br b1  (only)   =>   b0: … followed by what b1 held
/// br_if v1, b2, b3 in b2 with v1 known from the edge  =>   br
/// </code></example>
internal sealed class ControlFlowSimplification : FunctionPass
{
    public override PassInfo Info { get; } = new("simplify-cfg");

    public override bool Run(Function function, PassContext context)
    {
        var changed = RemoveUnreachable(function);
        foreach (var block in function.Blocks)
        {
            changed |= SimplifyTerminator(function, function.Last(block));
        }

        changed |= SkipEmptyBlocks(function);
        changed |= RemoveUnreachable(function);
        changed |= MergeChains(function);
        return changed;
    }

    /// <summary>Deletes blocks that no path from the entry reaches; true when there were any.</summary>
    public static bool RemoveUnreachable(Function function)
    {
        var reached = new EntitySet<Block>();
        var work = new Stack<Block>([function.Entry]);
        reached.Add(function.Entry);
        while (work.TryPop(out var block))
        {
            var terminator = function.Last(block);
            for (var i = 0; i < function.TargetCount(terminator); i++)
            {
                if (reached.Add(function.Target(terminator, i)))
                {
                    work.Push(function.Target(terminator, i));
                }
            }
        }

        if (reached.Count == function.Blocks.Count)
        {
            return false;
        }

        function.SetLayout(function.Blocks.Where(reached.Contains));
        return true;
    }

    private static bool SimplifyTerminator(Function function, Inst terminator)
    {
        if (function.OpcodeOf(terminator) is not (Opcode.BrIf or Opcode.BrTable))
        {
            return false;
        }

        if (Enumerable.Range(1, function.TargetCount(terminator) - 1).All(i => SameEdge(function, terminator, 0, i)))
        {
            Replace(function, terminator, 0);
            return true;
        }

        if (Constants.TryGet(function, function.Arguments(terminator)[0], out var bits))
        {
            var taken = function.OpcodeOf(terminator) == Opcode.BrIf
                ? bits != 0 ? 0 : 1
                : (int)Math.Min(bits, (ulong)(function.TargetCount(terminator) - 1));
            Replace(function, terminator, taken);
            return true;
        }

        return function.OpcodeOf(terminator) == Opcode.BrIf && InvertCondition(function, terminator);
    }

    /// <summary><c>br_if (i32.eqz x), a, b</c> becomes <c>br_if x, b, a</c>.</summary>
    private static bool InvertCondition(Function function, Inst terminator)
    {
        var condition = function.DefiningInst(function.Arguments(terminator)[0]);
        if (!condition.Exists || function.OpcodeOf(condition) != Opcode.I32Eqz)
        {
            return false;
        }

        function.Replace(terminator, new InstSpec
        {
            Opcode = Opcode.BrIf,
            Arguments = [function.Arguments(condition)[0]],
            Targets = [EdgeOf(function, terminator, 1), EdgeOf(function, terminator, 0)],
        });
        return true;
    }

    private static bool SkipEmptyBlocks(Function function)
    {
        var changed = false;
        foreach (var block in function.Blocks)
        {
            var terminator = function.Last(block);
            for (var i = 0; i < function.TargetCount(terminator); i++)
            {
                var through = function.Target(terminator, i);
                var jump = function.First(through);

                // Only a block without parameters can be skipped without renaming: a parameter may be used below it.
                if (through != block
                    && function.OpcodeOf(jump) == Opcode.Br
                    && function.Parameters(through).IsEmpty
                    && function.Target(jump, 0) != through)
                {
                    function.SetTarget(terminator, i, function.Target(jump, 0), function.TargetArguments(jump, 0));
                    changed = true;
                }
            }
        }

        return changed;
    }

    private static bool MergeChains(Function function)
    {
        var incoming = new ControlFlow(function);
        var replaced = new Replacements(function);
        var removed = new EntitySet<Block>();
        foreach (var block in function.Blocks)
        {
            if (removed.Contains(block))
            {
                continue;
            }

            while (function.Last(block) is var jump
                && function.OpcodeOf(jump) == Opcode.Br
                && function.Target(jump, 0) is var next
                && next != block
                && next != function.Entry
                && incoming.Predecessors(next).Count == 1)
            {
                Absorb(function, block, jump, next, replaced);
                removed.Add(next);
            }
        }

        if (removed.Count == 0)
        {
            return false;
        }

        function.SetLayout(function.Blocks.Where(b => !removed.Contains(b)));
        replaced.Apply();
        return true;
    }

    private static void Absorb(Function function, Block block, Inst jump, Block next, Replacements replaced)
    {
        var arguments = function.TargetArguments(jump, 0);
        var parameters = function.Parameters(next);
        for (var i = 0; i < parameters.Length; i++)
        {
            replaced.Add(parameters[i], replaced.Canonical(arguments[i]));
        }

        function.Remove(jump);
        while (function.First(next) is { Exists: true } inst)
        {
            function.MoveToEnd(inst, block);
        }
    }

    private static bool SameEdge(Function function, Inst terminator, int first, int second) =>
        function.Target(terminator, first) == function.Target(terminator, second)
        && function.TargetArguments(terminator, first).SequenceEqual(function.TargetArguments(terminator, second));

    private static Edge EdgeOf(Function function, Inst terminator, int target) =>
        new(function.Target(terminator, target), function.TargetArguments(terminator, target).ToArray());

    private static void Replace(Function function, Inst terminator, int taken) => function.Replace(terminator, new InstSpec
    {
        Opcode = Opcode.Br,
        Targets = [EdgeOf(function, terminator, taken)],
    });
}
