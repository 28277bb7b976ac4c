using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Machine;

/// <summary>A way to another block and what it passes to the block's parameters.</summary>
internal sealed class MachineEdge(MachineBlock target, List<MachineOperand> arguments)
{
    /// <summary>Where to.</summary>
    public MachineBlock Target { get; set; } = target;

    /// <summary>One operand a parameter of <see cref="Target"/>; immediates are materialised on the way.</summary>
    public List<MachineOperand> Arguments { get; } = arguments;
}

/// <summary>One machine instruction over virtual registers.</summary>
/// <remarks>
/// The operands of a comparison come first; the shift belongs to the second operand (to the first of <c>mvn</c>). Operands from
/// <see cref="LateFrom"/> on are read after the first result, or the first <see cref="EarlyResults"/>, are written, so they must not share their registers.
/// </remarks>
internal sealed class MachineInst(MachineOp op)
{
    /// <summary>What it does.</summary>
    public MachineOp Op { get; set; } = op;

    /// <summary>Results.</summary>
    public List<VReg> Defs { get; } = [];

    /// <summary>Operands.</summary>
    public List<MachineOperand> Uses { get; } = [];

    /// <summary>Constant, offset, amount of a shift operation, least bit of a field, number of a stack word.</summary>
    public int Immediate { get; set; }

    /// <summary>Width of a bit field; bytes of stack arguments of a call, of what an atomic update updates.</summary>
    public int Width { get; set; }

    /// <summary>Shift of the shifted operand.</summary>
    public ShiftKind Shift { get; set; }

    /// <summary>Amount of that shift; of the index of a load or store.</summary>
    public int Amount { get; set; }

    /// <summary>How the first operands are compared.</summary>
    public CompareKind Compare { get; set; }

    /// <summary>The condition that is asked of the comparison.</summary>
    public Condition Condition { get; set; } = Condition.AL;

    /// <summary>Symbol of an address or a call.</summary>
    public string? Symbol { get; set; }

    /// <summary>Why it traps.</summary>
    public TrapKind Trap { get; set; }

    /// <summary>What an atomic update does: an operation on the old value and an operand, a copy of the operand, or a selection of the second operand where the old value is the first.</summary>
    public MachineOp Combine { get; set; }

    /// <summary>Whether the access is to a device: exactly once, in order.</summary>
    public bool IsVolatile { get; set; }

    /// <summary>Whether the called function never returns here.</summary>
    public bool NeverReturns { get; set; }

    /// <summary>Targets of a terminator: jump 1; branch taken, not taken; switch the cases and the default.</summary>
    public List<MachineEdge> Targets { get; } = [];

    /// <summary>Byte offset in the source module, or -1.</summary>
    public int Source { get; set; } = -1;

    /// <summary>Registers that the calling convention gives to the first operands of a call, a return or a tail call.</summary>
    public Register[] UseRegisters { get; set; } = [];

    /// <summary>Registers in which the results of a call or the parameters of an entry arrive.</summary>
    public Register[] DefRegisters { get; set; } = [];

    /// <summary>How many operands the comparison has.</summary>
    public int CompareCount => Compare switch
    {
        CompareKind.None => 0,
        CompareKind.WideEqual or CompareKind.WideLess => 4,
        _ => 2,
    };

    /// <summary>Index of the first operand that is read after the first result is written.</summary>
    public int LateFrom => Op switch
    {
        MachineOp.Add64 or MachineOp.Sub64 => 2,
        MachineOp.Select when Compare == CompareKind.WideLess => 4,
        MachineOp.AtomicUpdate => 0,
        _ => int.MaxValue,
    };

    /// <summary>How many results are written before late operands are read: an atomic update reads all of them again after it has written all.</summary>
    public int EarlyResults => Op == MachineOp.AtomicUpdate ? Defs.Count : 1;

    /// <summary>Whether the first result is only room for the comparison to work in.</summary>
    public bool HasScratch => Compare == CompareKind.WideLess && Op != MachineOp.SetIf;

    /// <summary>The results that are only room for the instruction to work in.</summary>
    public IEnumerable<VReg> Scratch => Op == MachineOp.AtomicUpdate ? Defs.Skip(1) : Defs.Take(HasScratch ? 1 : 0);

    /// <summary>Whether nothing but its results comes of it.</summary>
    public bool IsRemovable => Op.IsValue() || (Op.IsLoad() && !IsVolatile) || Op == MachineOp.Reload;

    /// <summary>The only result, or the result after the scratch register.</summary>
    public VReg Def => Defs[HasScratch ? 1 : 0];
}
