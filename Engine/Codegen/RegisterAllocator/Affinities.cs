using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>Two virtual registers that save a move when they share a physical one.</summary>
internal readonly record struct Affinity(int A, int B, double Weight);

/// <summary>A virtual register that saves a move when it has a certain physical one.</summary>
internal readonly record struct FixedAffinity(int Register, Register Physical, double Weight);

/// <summary>What the calling convention, edges, selects and two-address encodings would like.</summary>
internal sealed class Affinities
{
    /// <summary>Collects the wishes of <paramref name="function"/>.</summary>
    public Affinities(MachineFunction function)
    {
        foreach (var block in function.Blocks)
        {
            foreach (var inst in block.Insts)
            {
                AddInst(inst, block.Frequency);
                foreach (var edge in inst.Targets)
                {
                    for (var i = 0; i < edge.Arguments.Count; i++)
                    {
                        AddPair(edge.Arguments[i], edge.Target.Parameters[i], Math.Min(block.Frequency, edge.Target.Frequency * 2), Moves);
                    }
                }
            }
        }

        Moves.Sort((x, y) => y.Weight.CompareTo(x.Weight) is not 0 and var order ? order : (x.A, x.B).CompareTo((y.A, y.B)));
    }

    /// <summary>Pairs that save a move, heaviest first.</summary>
    public List<Affinity> Moves { get; } = [];

    /// <summary>Pairs that allow a narrow encoding.</summary>
    public List<Affinity> Narrow { get; } = [];

    /// <summary>Wishes for certain registers.</summary>
    public List<FixedAffinity> Fixed { get; } = [];

    private void AddInst(MachineInst inst, double frequency)
    {
        for (var i = 0; i < inst.UseRegisters.Length; i++)
        {
            if (!inst.Uses[i].IsImmediate)
            {
                Fixed.Add(new(inst.Uses[i].Register.Index, inst.UseRegisters[i], frequency));
            }
        }

        for (var i = 0; i < inst.DefRegisters.Length; i++)
        {
            Fixed.Add(new(inst.Defs[i].Index, inst.DefRegisters[i], frequency));
        }

        switch (inst.Op)
        {
            case MachineOp.Copy:
                AddPair(inst.Uses[0], inst.Defs[0], frequency, Moves);
                break;
            case MachineOp.Select:
                AddPair(inst.Uses[inst.CompareCount], inst.Def, frequency, Moves);
                AddPair(inst.Uses[inst.CompareCount + 1], inst.Def, frequency, Moves);
                break;
            case MachineOp.And or MachineOp.Orr or MachineOp.Eor or MachineOp.Mul when inst.Uses.Count == 2:
                AddPair(inst.Uses[0], inst.Defs[0], frequency, Narrow);
                AddPair(inst.Uses[1], inst.Defs[0], frequency, Narrow);
                break;
            case MachineOp.Add or MachineOp.Sub or MachineOp.Bic or MachineOp.Lsl or MachineOp.Lsr or MachineOp.Asr or MachineOp.Ror when inst.Uses.Count == 2:
                AddPair(inst.Uses[0], inst.Defs[0], frequency, Narrow);
                break;
        }
    }

    private static void AddPair(MachineOperand use, VReg def, double weight, List<Affinity> list)
    {
        if (!use.IsImmediate && use.Register != def)
        {
            list.Add(new(use.Register.Index, def.Index, weight));
        }
    }
}
