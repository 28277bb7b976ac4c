using Pulse.Build.Engine.Ir.Analyses;

namespace Pulse.Build.Engine.Ir.Construction;

/// <summary>Brings the edges of a graph under construction into the function and removes what only its construction needed.</summary>
internal static class GraphFinish
{
    /// <summary>Ends the construction: <paramref name="started"/> are the reached blocks in the order of the code. False when it becomes too large.</summary>
    public static bool Run(Function function, SsaLocals locals, IReadOnlyList<Block> started)
    {
        if (!locals.Complete())
        {
            return false;
        }

        var redundant = new RedundantParameters(function, locals, started);
        foreach (var block in started)
        {
            var kept = new List<int>();
            var dropped = new List<int>();
            var parameters = function.Parameters(block);
            for (var i = 0; i < parameters.Length; i++)
            {
                (redundant.IsRedundant(parameters[i]) ? dropped : kept).Add(i);
            }

            function.RemoveParameters(block, dropped);
            foreach (var edge in locals.EdgesInto(block))
            {
                function.SetTarget(edge.Terminator, edge.Position, block, [.. kept.Select(i => edge.Arguments[i])]);
            }
        }

        function.SetLayout(started);
        function.ReplaceUses(redundant.Resolve);
        SkipEmptyBlocks(function);
        JoinChains(function);
        return true;
    }

    /// <summary>Edges to a block that only jumps go where it jumps to.</summary>
    /// <example><code>br_if v1, b2, b3; b3: br b4(v2)   =>   br_if v1, b2, b4(v2)</code></example>
    public static void SkipEmptyBlocks(Function function)
    {
        foreach (var block in function.Blocks)
        {
            var terminator = function.Last(block);
            for (var i = 0; i < function.TargetCount(terminator); i++)
            {
                // A chain of empty blocks that comes back to itself is an empty endless loop: the bound leaves it alone.
                for (var steps = 0; steps < 64 && OnlyJump(function, function.Target(terminator, i)) is { Exists: true } jump; steps++)
                {
                    function.SetTarget(terminator, i, function.Target(jump, 0), function.TargetArguments(jump, 0));
                }
            }
        }

        var flow = new ControlFlow(function);
        function.SetLayout([.. function.Blocks.Where(flow.IsReachable)]);
    }

    /// <summary>A block whose only way in is a jump becomes part of the block that jumps.</summary>
    public static void JoinChains(Function function)
    {
        var flow = new ControlFlow(function);
        var gone = new HashSet<Block>();
        foreach (var block in function.Blocks)
        {
            while (!gone.Contains(block) && JoinsWith(function, flow, block) is { } next)
            {
                function.Remove(function.Last(block));
                while (function.First(next) is { Exists: true } inst)
                {
                    function.MoveToEnd(inst, block);
                }

                gone.Add(next);
            }
        }

        function.SetLayout([.. function.Blocks.Where(block => !gone.Contains(block))]);
    }

    private static Inst OnlyJump(Function function, Block block)
    {
        var first = function.First(block);
        var empty = first == function.Last(block) && function.OpcodeOf(first) == Wasm.Opcode.Br
            && function.Parameters(block).IsEmpty && function.Target(first, 0) != block;
        return empty ? first : Inst.None;
    }

    private static Block? JoinsWith(Function function, ControlFlow flow, Block block)
    {
        var last = function.Last(block);
        if (function.OpcodeOf(last) != Wasm.Opcode.Br)
        {
            return null;
        }

        var next = function.Target(last, 0);
        return next != block && next != function.Entry && function.Parameters(next).IsEmpty && flow.Predecessors(next).Count == 1 ? next : null;
    }
}
