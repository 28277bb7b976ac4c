using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Removes blocks that nothing leads to and instructions that nothing uses.</summary>
internal static class Cleanup
{
    /// <summary>Cleans <paramref name="function"/>.</summary>
    public static void Run(MachineFunction function)
    {
        RemoveUnreachable(function);
        RemoveDead(function);
        foreach (var block in function.Blocks)
        {
            block.IsCold = block.Terminator.Op == MachineOp.Trap;
        }
    }

    /// <summary>Removes what only computes values that nothing uses.</summary>
    public static void RemoveDead(MachineFunction function)
    {
        var uses = UseCounts(function);
        for (var i = function.Blocks.Count - 1; i >= 0; i--)
        {
            var insts = function.Blocks[i].Insts;
            for (var j = insts.Count - 1; j >= 0; j--)
            {
                if (insts[j].IsRemovable && insts[j].Defs.TrueForAll(def => uses[def] == 0))
                {
                    foreach (var use in insts[j].Uses.Where(use => !use.IsImmediate))
                    {
                        uses.Reference(use.Register)--;
                    }

                    insts.RemoveAt(j);
                }
            }
        }
    }

    /// <summary>How often each register is used, edges included.</summary>
    public static EntityMap<VReg, int> UseCounts(MachineFunction function)
    {
        var uses = new EntityMap<VReg, int>();
        foreach (var inst in function.Blocks.SelectMany(block => block.Insts))
        {
            foreach (var use in inst.Uses.Concat(inst.Targets.SelectMany(edge => edge.Arguments)).Where(use => !use.IsImmediate))
            {
                uses.Reference(use.Register)++;
            }
        }

        return uses;
    }

    private static void RemoveUnreachable(MachineFunction function)
    {
        var reached = new HashSet<MachineBlock>();
        var work = new Stack<MachineBlock>([function.Blocks[0]]);
        while (work.TryPop(out var block))
        {
            if (reached.Add(block))
            {
                foreach (var edge in block.Terminator.Targets)
                {
                    work.Push(edge.Target);
                }
            }
        }

        function.Blocks.RemoveAll(block => !reached.Contains(block));
    }
}
