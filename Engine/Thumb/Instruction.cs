namespace Pulse.Build.Engine.Thumb;

/// <summary>
/// One instruction as an operation on operands, whatever its encoding: what the assembler is asked for and what the
/// decoder gives back. Build it with the factories of <see cref="Instructions"/>; operands that the form does not have are zero.
/// </summary>
/// <param name="Operation">What it does.</param>
/// <param name="Form">How its operands are written.</param>
/// <param name="Rd">Destination; the transferred register of loads and stores, the outcome of exclusive stores; the low half of a long multiply.</param>
/// <param name="Rn">First source, base address.</param>
/// <param name="Rm">Last register source, index, shifted operand; the source of moves, extensions and exclusive stores.</param>
/// <param name="Ra">Accumulator; second transferred register of LDRD and STRD; high half of a long multiply.</param>
/// <param name="Immediate">Immediate as a bit pattern, displacement in bytes, register list, least bit of a bit field.</param>
/// <param name="Width">Width of a bit field.</param>
/// <param name="Shift">Shift of Rm.</param>
/// <param name="Amount">Amount of that shift.</param>
/// <param name="Condition">Condition of execution.</param>
/// <param name="Flags">Effect on the flags.</param>
internal readonly record struct Instruction(
    Operation Operation,
    Form Form,
    Register Rd = default,
    Register Rn = default,
    Register Rm = default,
    Register Ra = default,
    int Immediate = 0,
    int Width = 0,
    ShiftKind Shift = ShiftKind.Lsl,
    int Amount = 0,
    Condition Condition = Condition.AL,
    FlagEffect Flags = FlagEffect.Preserved)
{
    /// <summary>The register list of a block form.</summary>
    public RegisterList List => new((ushort)Immediate);

    /// <summary>This instruction under <paramref name="condition"/>; the assembler puts it into an IT block.</summary>
    public Instruction If(Condition condition) => this with { Condition = condition };

    /// <summary>This instruction with that effect on the flags.</summary>
    public Instruction WithFlags(FlagEffect flags) => this with { Flags = flags };

    /// <summary>Whether control never reaches the next instruction.</summary>
    public bool EndsFlow => Condition == Condition.AL && Operation switch
    {
        Operation.B or Operation.Bx or Operation.Udf or Operation.Tbb or Operation.Tbh => true,
        Operation.Pop or Operation.Ldm or Operation.Ldmdb => List.Contains(Register.PC),
        Operation.Ldr or Operation.Mov => Rd == Register.PC,
        Operation.Add => Form == Form.Registers && Rd == Register.PC,
        _ => false,
    };

    /// <summary>Disassembly at address 0.</summary>
    public override string ToString() => Disassembler.Text(this);
}
