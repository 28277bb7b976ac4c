using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>
/// Which virtual registers are live at the same time, and which physical registers each may have: a value that lives across a call must
/// be in a register that calls keep.
/// </summary>
internal sealed class InterferenceGraph
{
    private readonly BitRow[] _rows;

    /// <summary>Builds the graph of <paramref name="function"/>.</summary>
    /// <param name="function">The function.</param>
    /// <param name="allocatable">Registers that may be given out.</param>
    /// <param name="slots">Registers that live on the stack; they take part in nothing.</param>
    public InterferenceGraph(MachineFunction function, RegisterList allocatable, IReadOnlyDictionary<VReg, int> slots)
    {
        var count = function.RegisterCount;
        _rows = new BitRow[count];
        Allowed = new int[count];
        Present = new BitRow(count);
        Length = new int[count];
        for (var i = 0; i < count; i++)
        {
            _rows[i] = new BitRow(count);
            Allowed[i] = allocatable.Bits;
        }

        var liveness = new MachineLiveness(function);
        foreach (var block in function.Blocks)
        {
            Walk(block, liveness, slots);
        }
    }

    /// <summary>Registers that appear at all, as bits by number; those on the stack left out.</summary>
    public BitRow Present { get; }

    /// <summary>For each virtual register how many instructions it lives across: what its register could be used for instead.</summary>
    public int[] Length { get; }

    /// <summary>For each virtual register the physical ones it may have, as bits.</summary>
    public int[] Allowed { get; }

    /// <summary>Those that are live together with <paramref name="register"/>.</summary>
    public BitRow Row(int register) => _rows[register];

    private void Walk(MachineBlock block, MachineLiveness liveness, IReadOnlyDictionary<VReg, int> slots)
    {
        var live = liveness.LiveOut(block).Clone();
        foreach (var slot in slots.Keys)
        {
            live[slot.Index] = false;
        }

        for (var i = block.Insts.Count - 1; i >= 0; i--)
        {
            var inst = block.Insts[i];
            foreach (var argument in inst.Targets.SelectMany(edge => edge.Arguments))
            {
                AddLive(argument, live, slots);
            }

            Define(inst.Defs, live, slots);
            foreach (var register in live.Members())
            {
                Length[register]++;
            }

            Clobber(inst, live);
            Late(inst, slots);
            foreach (var use in inst.Uses)
            {
                AddLive(use, live, slots);
            }
        }

        Define(block.Parameters, live, slots);
    }

    private void AddLive(MachineOperand operand, BitRow live, IReadOnlyDictionary<VReg, int> slots)
    {
        if (!operand.IsImmediate && !slots.ContainsKey(operand.Register))
        {
            live[operand.Register.Index] = true;
            Present[operand.Register.Index] = true;
        }
    }

    /// <summary>Values that appear at once interfere with each other and with all that is live.</summary>
    private void Define(IReadOnlyList<VReg> defs, BitRow live, IReadOnlyDictionary<VReg, int> slots)
    {
        foreach (var def in defs)
        {
            if (!slots.ContainsKey(def))
            {
                live[def.Index] = true;
                Present[def.Index] = true;
            }
        }

        foreach (var def in defs)
        {
            if (slots.ContainsKey(def))
            {
                continue;
            }

            foreach (var other in live.Members())
            {
                Connect(def.Index, other);
            }
        }

        foreach (var def in defs)
        {
            live[def.Index] = false;
        }
    }

    private void Connect(int a, int b)
    {
        if (a != b)
        {
            _rows[a][b] = true;
            _rows[b][a] = true;
        }
    }

    private void Clobber(MachineInst inst, BitRow live)
    {
        if (!inst.Op.IsCall())
        {
            return;
        }

        var kept = ~(inst.Op == MachineOp.SemihostingCall ? RegisterList.Of(Register.R0, Register.R1) : CallingConvention.CallerSaved).Bits;
        foreach (var register in live.Members())
        {
            Allowed[register] &= kept;
        }

        if (inst.Op == MachineOp.CallRegister)
        {
            // The arguments are in place when the target is read.
            Allowed[inst.Uses[^1].Register.Index] &= ~0xF;
        }
    }

    private void Late(MachineInst inst, IReadOnlyDictionary<VReg, int> slots)
    {
        for (var i = inst.LateFrom; i < inst.Uses.Count; i++)
        {
            if (!inst.Uses[i].IsImmediate && !slots.ContainsKey(inst.Uses[i].Register))
            {
                foreach (var early in inst.Defs.Take(inst.EarlyResults).Where(early => !slots.ContainsKey(early)))
                {
                    Connect(early.Index, inst.Uses[i].Register.Index);
                }
            }
        }
    }
}
