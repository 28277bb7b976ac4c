using Pulse.Build.Engine.Codegen.Machine;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>Which registers are live into and out of each block. What an edge passes is read at the end of the block it leaves.</summary>
internal sealed class MachineLiveness
{
    private readonly Dictionary<MachineBlock, (BitRow In, BitRow Out)> _rows = [];

    /// <summary>Computes liveness in <paramref name="function"/>.</summary>
    public MachineLiveness(MachineFunction function)
    {
        var count = function.RegisterCount;
        foreach (var block in function.Blocks)
        {
            _rows.Add(block, (new BitRow(count), new BitRow(count)));
        }

        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = function.Blocks.Count - 1; i >= 0; i--)
            {
                changed |= Update(function.Blocks[i]);
            }
        }
    }

    /// <summary>Live before the first instruction, parameters not included.</summary>
    public BitRow LiveIn(MachineBlock block) => _rows[block].In;

    /// <summary>Live after the edges have read their arguments.</summary>
    public BitRow LiveOut(MachineBlock block) => _rows[block].Out;

    /// <summary>Adds what <paramref name="inst"/> reads, edges included.</summary>
    public static void AddUses(MachineInst inst, BitRow live)
    {
        foreach (var use in inst.Uses)
        {
            Add(use, live);
        }

        foreach (var edge in inst.Targets)
        {
            foreach (var argument in edge.Arguments)
            {
                Add(argument, live);
            }
        }
    }

    private static void Add(MachineOperand operand, BitRow live)
    {
        if (!operand.IsImmediate)
        {
            live[operand.Register.Index] = true;
        }
    }

    private bool Update(MachineBlock block)
    {
        var (liveIn, liveOut) = _rows[block];
        foreach (var edge in block.Terminator.Targets)
        {
            liveOut.Union(_rows[edge.Target].In);
        }

        var live = liveOut.Clone();
        for (var i = block.Insts.Count - 1; i >= 0; i--)
        {
            foreach (var def in block.Insts[i].Defs)
            {
                live[def.Index] = false;
            }

            AddUses(block.Insts[i], live);
        }

        foreach (var parameter in block.Parameters)
        {
            live[parameter.Index] = false;
        }

        return liveIn.Union(live);
    }
}
