namespace Pulse.Build.Engine.Thumb;

/// <summary>What an instruction does, whatever its encoding. Rows of <see cref="Encodings"/> say which forms exist.</summary>
internal enum Operation : byte
{
    None,

    // Data processing
    Mov, Movt, Mvn, Add, Adc, Sub, Sbc, Rsb, And, Orr, Orn, Eor, Bic, Tst, Teq, Cmp, Cmn, Adr,
    Lsl, Lsr, Asr, Ror, Rrx,
    Mul, Mla, Mls, Umull, Smull, Umlal, Smlal, Udiv, Sdiv,
    Clz, Rbit, Rev, Rev16, Revsh, Uxtb, Uxth, Sxtb, Sxth,
    Ubfx, Sbfx, Bfi, Bfc, Ssat, Usat,

    // Memory
    Ldr, Ldrb, Ldrh, Ldrsb, Ldrsh, Str, Strb, Strh, Ldrd, Strd, Ldm, Ldmdb, Stm, Stmdb, Push, Pop,
    Ldrex, Ldrexb, Ldrexh, Strex, Strexb, Strexh, Clrex,

    // Control
    B, Bl, Blx, Bx, Cbz, Cbnz, Tbb, Tbh, It,

    // System
    Nop, Yield, Wfe, Wfi, Sev, Dmb, Dsb, Isb, Cpsie, Cpsid, Mrs, Msr, Bkpt, Udf, Svc,
}

/// <summary>How the operands of an instruction are written; with the operation it selects the candidate encodings.</summary>
internal enum Form : byte
{
    /// <summary>No operands, or only what the operation implies.</summary>
    None,

    /// <summary>The last operand is an immediate: <c>rd, rn, #imm</c>, <c>rn, #imm</c> or <c>rd, rm, #amount</c>.</summary>
    Immediate,

    /// <summary>All operands are registers, the last one possibly shifted.</summary>
    Registers,

    /// <summary><c>[rn, #imm]</c>.</summary>
    Offset,

    /// <summary><c>[rn, #imm]!</c>: rn is updated first.</summary>
    PreIndexed,

    /// <summary><c>[rn], #imm</c>: rn is updated afterwards.</summary>
    PostIndexed,

    /// <summary><c>[rn, rm, lsl #n]</c>.</summary>
    RegisterOffset,

    /// <summary>An address relative to the program counter; the immediate is the displacement in bytes.</summary>
    PcRelative,

    /// <summary>A register list; the base is not updated.</summary>
    Block,

    /// <summary>A register list; the base is updated.</summary>
    BlockWriteBack,
}

/// <summary>What an instruction does, or may do, to the flags.</summary>
internal enum FlagEffect : byte
{
    /// <summary>The flags must keep their values.</summary>
    Preserved,

    /// <summary>The flags must be set from the result. Logical operations and moves define N and Z only.</summary>
    Set,

    /// <summary>The flags are dead: either will do, so the narrowest encoding is taken. Never the result of decoding.</summary>
    Clobbered,
}

/// <summary>How a register operand is shifted, by its number in encodings.</summary>
internal enum ShiftKind : byte
{
    Lsl, Lsr, Asr, Ror,

    /// <summary>Rotate right by one through carry.</summary>
    Rrx,
}

/// <summary>Special registers of MRS and MSR that a Cortex-M3 has (SYSm values).</summary>
internal enum SpecialRegister : byte
{
    Apsr = 0, Iapsr = 1, Eapsr = 2, Xpsr = 3, Ipsr = 5, Epsr = 6, Iepsr = 7, Msp = 8, Psp = 9,
    Primask = 16, Basepri = 17, BasepriMax = 18, Faultmask = 19, Control = 20,
}
