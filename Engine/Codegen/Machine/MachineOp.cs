namespace Pulse.Build.Engine.Codegen.Machine;

/// <summary>What a machine instruction does. Most are one Thumb instruction; those that compare are a compare and what consumes its flags.</summary>
internal enum MachineOp : byte
{
    // Values: no effect, so that they can be shared, moved and dropped.
    Constant, Address, Copy,
    Add, Sub, Rsb, And, Bic, Orr, Orn, Eor, Mvn,
    Lsl, Lsr, Asr, Ror,
    Mul, Mla, Mls, Umull, Smull, Umlal, Udiv, Sdiv,
    Clz, Rbit, Rev, Rev16, Uxtb, Uxth, Sxtb, Sxth, Ubfx, Sbfx,

    /// <summary>1 when the condition holds, else 0.</summary>
    SetIf,

    /// <summary>The operand after the compared ones when the condition holds, else the one after that.</summary>
    Select,

    /// <summary>low, high = (a low, b low, a high, b high): 64-bit addition.</summary>
    Add64,

    /// <summary>low, high = (a low, b low, a high, b high): 64-bit subtraction.</summary>
    Sub64,

    /// <summary>A word of the arguments that came on the stack.</summary>
    StackArgument,

    // Memory: [value…,] base[, index].
    Load8U, Load8S, Load16U, Load16S, Load32, Store8, Store16, Store32,

    /// <summary>
    /// old, status, new = (base, value[, replacement]): puts <see cref="MachineInst.Combine"/> of the old value and the operands in its place,
    /// again until nothing came between. One instruction here, so that nothing else gets into its loop; <c>status</c> and <c>new</c> are room.
    /// </summary>
    AtomicUpdate,

    /// <summary>Stores a word of the arguments that go on the stack.</summary>
    StoreArgument,

    /// <summary>Stores a word of the results that go on the stack; loads one after a call.</summary>
    StoreResult, LoadResult,

    /// <summary>Copies between a register and the stack slot of a spilled one.</summary>
    Reload, Spill,

    /// <summary>Traps when the condition holds.</summary>
    TrapIf,

    // Calls and the chip.
    Call, CallRegister, SemihostingCall,
    Wfi, Wfe, Sev, Nop, Dmb, Dsb, Isb, EnableInterrupts, DisableInterrupts,

    /// <summary>Reads and writes PRIMASK: 1 while interrupts are disabled, else 0.</summary>
    ReadInterruptMask, WriteInterruptMask,

    /// <summary>Defines the parameters that arrive in registers.</summary>
    Entry,

    // Terminators.
    Jump, Branch, Switch, Return, Trap, TailCall,
}

/// <summary>How the two sides of a condition are compared.</summary>
internal enum CompareKind : byte
{
    None,

    /// <summary>a - b.</summary>
    Cmp,

    /// <summary>a + b.</summary>
    Cmn,

    /// <summary>a and b.</summary>
    Tst,

    /// <summary>a xor b; only equality.</summary>
    Teq,

    /// <summary>(a low, b low, a high, b high), equality.</summary>
    WideEqual,

    /// <summary>(a low, b low, a high, b high), a - b for the conditions that need no zero flag.</summary>
    WideLess,
}

/// <summary>Why a program traps: the number of its <c>udf</c>.</summary>
internal enum TrapKind : byte
{
    Unreachable = 1,
    MemoryBounds = 2,
    DivideByZero = 3,
    IntegerOverflow = 4,
    TableBounds = 5,
    NullFunction = 6,
    SignatureMismatch = 7,
    StackOverflow = 8,
    UnalignedAtomic = 9,
}

/// <summary>Questions about operations.</summary>
internal static class MachineOps
{
    /// <summary>Whether it only computes its results from its operands.</summary>
    public static bool IsValue(this MachineOp op) => op <= MachineOp.StackArgument;

    /// <summary>Whether it reads linear memory, a table or a device.</summary>
    public static bool IsLoad(this MachineOp op) => op is >= MachineOp.Load8U and <= MachineOp.Load32;

    /// <summary>Whether it writes memory at a base.</summary>
    public static bool IsStore(this MachineOp op) => op is >= MachineOp.Store8 and <= MachineOp.Store32;

    /// <summary>Whether it ends a block.</summary>
    public static bool IsTerminator(this MachineOp op) => op >= MachineOp.Jump;

    /// <summary>Whether it runs other code that may change the caller-saved registers.</summary>
    public static bool IsCall(this MachineOp op) => op is MachineOp.Call or MachineOp.CallRegister or MachineOp.SemihostingCall;
}
