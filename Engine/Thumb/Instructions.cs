using static Pulse.Build.Engine.Thumb.Form;

namespace Pulse.Build.Engine.Thumb;

/// <summary>
/// Factories for <see cref="Instruction"/> by operand shape. Flag effects default to what the operation is for: compares set them,
/// everything else preserves them; say <c>.WithFlags(FlagEffect.Clobbered)</c> where the flags are dead to get 16-bit encodings.
/// </summary>
internal static class Instructions
{
    /// <summary><c>op rd, rn, rm, shift #amount</c>: Add Adc Sub Sbc Rsb And Orr Orn Eor Bic; Lsl Lsr Asr Ror by register; Mul Udiv Sdiv.</summary>
    public static Instruction Binary(Operation operation, Register rd, Register rn, Register rm, ShiftKind shift = ShiftKind.Lsl, int amount = 0)
        => new(operation, Form.Registers, rd, rn, rm, Shift: shift, Amount: amount);

    /// <summary><c>op rd, rn, #imm</c>: Add Adc Sub Sbc Rsb And Orr Orn Eor Bic.</summary>
    public static Instruction Binary(Operation operation, Register rd, Register rn, int immediate)
        => new(operation, Immediate, rd, rn, Immediate: immediate);

    /// <summary><c>op rd, rm, #amount</c>: Lsl Lsr Asr Ror; an amount of 0 is a move.</summary>
    public static Instruction Shift(Operation operation, Register rd, Register rm, int amount)
        => amount == 0 ? Move(rd, rm) : new(operation, Immediate, rd, Rm: rm, Immediate: amount);

    /// <summary><c>op rn, rm, shift #amount</c>: Cmp Cmn Tst Teq.</summary>
    public static Instruction Compare(Operation operation, Register rn, Register rm, ShiftKind shift = ShiftKind.Lsl, int amount = 0)
        => new(operation, Form.Registers, Rn: rn, Rm: rm, Shift: shift, Amount: amount, Flags: FlagEffect.Set);

    /// <summary><c>op rn, #imm</c>: Cmp Cmn Tst Teq.</summary>
    public static Instruction Compare(Operation operation, Register rn, int immediate)
        => new(operation, Immediate, Rn: rn, Immediate: immediate, Flags: FlagEffect.Set);

    /// <summary><c>mov rd, rm</c>.</summary>
    public static Instruction Move(Register rd, Register rm) => new(Operation.Mov, Form.Registers, rd, Rm: rm);

    /// <summary><c>mov rd, #imm</c> where one instruction can (<see cref="Encoder.CanMove"/>); any value: <see cref="Assembler.Constant"/>.</summary>
    public static Instruction Move(Register rd, int immediate) => new(Operation.Mov, Immediate, rd, Immediate: immediate);

    /// <summary><c>movt rd, #imm16</c>: replaces the upper half.</summary>
    public static Instruction MoveTop(Register rd, int immediate) => new(Operation.Movt, Immediate, rd, Immediate: immediate);

    /// <summary><c>mvn rd, rm, shift #amount</c>.</summary>
    public static Instruction Not(Register rd, Register rm, ShiftKind shift = ShiftKind.Lsl, int amount = 0)
        => new(Operation.Mvn, Form.Registers, rd, Rm: rm, Shift: shift, Amount: amount);

    /// <summary><c>op rd, rm</c>: Clz Rbit Rev Rev16 Revsh Uxtb Uxth Sxtb Sxth Rrx; extensions may rotate by 8, 16 or 24 first.</summary>
    public static Instruction Unary(Operation operation, Register rd, Register rm, int rotate = 0)
        => new(operation, Form.Registers, rd, Rm: rm, Shift: rotate == 0 ? ShiftKind.Lsl : ShiftKind.Ror, Amount: rotate);

    /// <summary><c>op rd, rn, rm, ra</c>: Mla (ra + rn*rm), Mls (ra - rn*rm).</summary>
    public static Instruction MultiplyAccumulate(Operation operation, Register rd, Register rn, Register rm, Register ra)
        => new(operation, Form.Registers, rd, rn, rm, ra);

    /// <summary><c>op lo, hi, rn, rm</c>: Umull Smull Umlal Smlal.</summary>
    public static Instruction LongMultiply(Operation operation, Register lo, Register hi, Register rn, Register rm)
        => new(operation, Form.Registers, lo, rn, rm, hi);

    /// <summary><c>op rd, rn, #lsb, #width</c>: Ubfx Sbfx Bfi.</summary>
    public static Instruction BitField(Operation operation, Register rd, Register rn, int lsb, int width)
        => new(operation, Immediate, rd, rn, Immediate: lsb, Width: width);

    /// <summary><c>bfc rd, #lsb, #width</c>.</summary>
    public static Instruction ClearField(Register rd, int lsb, int width) => new(Operation.Bfc, Immediate, rd, Immediate: lsb, Width: width);

    /// <summary><c>op rd, #bits, rn, shift #amount</c>: Ssat (bits 1 to 32), Usat (bits 0 to 31).</summary>
    public static Instruction Saturate(Operation operation, Register rd, int bits, Register rn, ShiftKind shift = ShiftKind.Lsl, int amount = 0)
        => new(operation, Immediate, rd, rn, Immediate: bits, Shift: shift, Amount: amount);

    /// <summary><c>op rt, [rn, #offset]</c> or, with <paramref name="form"/>, pre- or post-indexed: Ldr… Str….</summary>
    public static Instruction Memory(Operation operation, Register rt, Register rn, int offset, Form form = Offset)
        => new(operation, form, rt, rn, Immediate: offset);

    /// <summary><c>op rt, [rn, rm, lsl #amount]</c>, amount 0 to 3.</summary>
    public static Instruction MemoryIndexed(Operation operation, Register rt, Register rn, Register rm, int amount = 0)
        => new(operation, RegisterOffset, rt, rn, rm, Amount: amount);

    /// <summary><c>op rt, rt2, [rn, #offset]</c>: Ldrd Strd; offset a multiple of 4 in ±1020.</summary>
    public static Instruction MemoryPair(Operation operation, Register rt, Register rt2, Register rn, int offset, Form form = Offset)
        => new(operation, form, rt, rn, Ra: rt2, Immediate: offset);

    /// <summary><c>op rt, [rn, #offset]</c>: Ldrex (offset a multiple of 4 up to 1020), Ldrexb Ldrexh (offset 0).</summary>
    public static Instruction LoadExclusive(Operation operation, Register rt, Register rn, int offset = 0) => new(operation, Offset, rt, rn, Immediate: offset);

    /// <summary><c>op status, rt, [rn, #offset]</c>: Strex Strexb Strexh, offsets as for loads; the status is 0 when it has stored, else 1.</summary>
    public static Instruction StoreExclusive(Operation operation, Register status, Register rt, Register rn, int offset = 0)
        => new(operation, Offset, status, rn, rt, Immediate: offset);

    /// <summary><c>op rn{!}, {list}</c>: Ldm Stm Ldmdb Stmdb.</summary>
    public static Instruction MemoryBlock(Operation operation, Register rn, RegisterList list, bool writeBack)
        => new(operation, writeBack ? BlockWriteBack : Block, Rn: rn, Immediate: list.Bits);

    /// <summary><c>push {list}</c>.</summary>
    public static Instruction Push(RegisterList list) => new(Operation.Push, BlockWriteBack, Immediate: list.Bits);

    /// <summary><c>pop {list}</c>.</summary>
    public static Instruction Pop(RegisterList list) => new(Operation.Pop, BlockWriteBack, Immediate: list.Bits);

    /// <summary><c>bx rm</c> or <c>blx rm</c>.</summary>
    public static Instruction BranchTo(Operation operation, Register rm) => new(operation, Form.Registers, Rm: rm);

    /// <summary>Nop Yield Wfe Wfi Sev Clrex.</summary>
    public static Instruction Hint(Operation operation) => new(operation, None);

    /// <summary>Dmb Dsb Isb over the full system.</summary>
    public static Instruction Barrier(Operation operation) => new(operation, None, Immediate: 15);

    /// <summary><c>cpsid i</c> or <c>cpsie i</c>.</summary>
    public static Instruction Interrupts(bool enabled) => new(enabled ? Operation.Cpsie : Operation.Cpsid, None, Immediate: 2);

    /// <summary><c>mrs rd, special</c>.</summary>
    public static Instruction ReadSpecial(Register rd, SpecialRegister special) => new(Operation.Mrs, Form.Registers, rd, Immediate: (int)special);

    /// <summary><c>msr special, rn</c>; writing the APSR sets the flags.</summary>
    public static Instruction WriteSpecial(SpecialRegister special, Register rn)
        => new(Operation.Msr, Form.Registers, Rn: rn, Immediate: (int)special);

    /// <summary><c>udf #imm</c>, <c>bkpt #imm</c> or <c>svc #imm</c>; udf also takes 16 bits.</summary>
    public static Instruction Numbered(Operation operation, int number) => new(operation, Immediate, Immediate: number);
}
