namespace Pulse.Build.Engine.Thumb;

/// <summary>The operand vocabulary of <see cref="Encodings"/>. Register fields hold r0 to r12 and lr unless the name says more; three bits hold r0 to r7.</summary>
internal static class OperandSpecs
{
    private const ushort Any = 0xFFFF;
    private const ushort NotPc = 0x7FFF;
    private const ushort NotSpPc = 0x5FFF;
    private const ushort High = 0x7F00;

    private static readonly (int, string)[] SpecialNames =
    [
        (0, "APSR"), (1, "IAPSR"), (2, "EAPSR"), (3, "XPSR"), (5, "IPSR"), (6, "EPSR"), (7, "IEPSR"), (8, "MSP"), (9, "PSP"),
        (16, "PRIMASK"), (17, "BASEPRI"), (18, "BASEPRI_MAX"), (19, "FAULTMASK"), (20, "CONTROL"),
    ];

    // Plain registers
    public static readonly OperandSpec Rd = Plain("rd", NotSpPc, Slot.Rd);
    public static readonly OperandSpec RdOrSp = Plain("rd", NotPc, Slot.Rd);
    public static readonly OperandSpec AnyRdSplit = Plain("d:rd", Any, Slot.Rd);
    public static readonly OperandSpec Rn = Plain("rn", NotSpPc, Slot.Rn);
    public static readonly OperandSpec RnNotPc = Plain("rn", NotPc, Slot.Rn);
    public static readonly OperandSpec Rm = Plain("rm", NotSpPc, Slot.Rm);
    public static readonly OperandSpec RmNotPc = Plain("rm", NotPc, Slot.Rm);
    public static readonly OperandSpec AnyRm = Plain("rm", Any, Slot.Rm);
    public static readonly OperandSpec Ra = Plain("ra", NotSpPc, Slot.Ra);

    // r8 to lr by the low bits of their number
    public static readonly OperandSpec HighRn = Plain("1:rn", High, Slot.Rn);
    public static readonly OperandSpec HighRm = Plain("1:rm", High, Slot.Rm);

    // One field for destination and source, and one source in two fields
    public static readonly OperandSpec Rdn = Plain("rdn", NotSpPc, Slot.Rd, Slot.Rn);
    public static readonly OperandSpec AnyRdn = Plain("dn:rdn", NotPc, Slot.Rd, Slot.Rn);
    public static readonly OperandSpec Rdm = Plain("rdm", NotSpPc, Slot.Rd, Slot.Rm);
    public static readonly OperandSpec RmTwice = p => new RegisterOperand([Slot.Rm], [p.Field("rm"), p.Field("rm2")], NotSpPc);

    // The stack pointer
    public static readonly OperandSpec Sp = _ => new ImpliedRegister(Slot.Rn, Register.SP, printed: true);
    public static readonly OperandSpec SpTarget = _ => new ImpliedRegister(Slot.Rd, Register.SP, printed: false);

    // Transferred registers
    public static readonly OperandSpec Rt = Plain("rt", NotSpPc, Slot.Rd);
    public static readonly OperandSpec RtNotPc = Plain("rt", NotPc, Slot.Rd);
    public static readonly OperandSpec AnyRt = Plain("rt", Any, Slot.Rd);
    public static readonly OperandSpec Rt2 = Plain("rt2", NotSpPc, Slot.Ra);
    public static readonly OperandSpec StoredRt = Plain("rt", NotSpPc, Slot.Rm);

    // Shifts
    public static readonly OperandSpec ShiftedRm = p => new ShiftedRegister(p.Field("rm"), p.Field("type"), p.Field("imm3:imm2"), NotSpPc, leftOnly: false);
    public static readonly OperandSpec ShiftedRmForSp = p => new ShiftedRegister(p.Field("rm"), p.Field("type"), p.Field("imm3:imm2"), NotSpPc, leftOnly: true);
    public static readonly OperandSpec Rotation = p => new RotationOperand(p.Field("rotate"));
    public static readonly OperandSpec SaturateShift = p => new SaturateShiftOperand(p.Field("sh"), p.Field("imm3:imm2"));

    // Immediates
    public static readonly OperandSpec Constant = p => new ConstantOperand(p.Field("i:imm3:imm8"));
    public static readonly OperandSpec FieldWidth = p => new BitFieldOperand(p.Field("imm3:imm2"), p.Field("widthm1"), endIsHighestBit: false);
    public static readonly OperandSpec FieldEnd = p => new BitFieldOperand(p.Field("imm3:imm2"), p.Field("msb"), endIsHighestBit: true);

    // Branches
    public static readonly OperandSpec Cond = p => new ConditionOperand(p.Field("cond"));
    public static readonly OperandSpec FarBranch = p => new BranchOperand(p.Field("s:j1:j2:imm10:imm11:0"), signed: true, exchanged: true);
    public static readonly OperandSpec ForwardBranch = p => new BranchOperand(p.Field("i:imm5:0"), signed: false, exchanged: false);
    public static readonly OperandSpec IfThen = p => new IfThenOperand(p.Field("cond"), p.Field("mask"));

    // Memory
    public static readonly OperandSpec Indexed = p => new IndexedOperand(p.Field("rn"), p.Field("rm"), p.Has("imm2") ? p.Field("imm2") : null);
    public static readonly OperandSpec ExclusiveMemory = p => new ExclusiveOperand(p.Field("rn"), p.Has("imm8") ? p.Field("imm8") : null, p.Has("rd"));
    public static readonly OperandSpec BlockBase = p => new BlockBaseOperand(p.Field("rn"));

    // Names
    public static readonly OperandSpec FullSystem = p => new NamedOperand(p.Field("option"), [(15, "sy")]);
    public static readonly OperandSpec InterruptMask = p => new NamedOperand(p.Field("i:f"), [(1, "f"), (2, "i"), (3, "if")]);
    public static readonly OperandSpec Special = p => new NamedOperand(p.Field("sysm"), SpecialNames);

    /// <summary><c>#imm</c> = field * scale + bias, at least <paramref name="least"/>.</summary>
    public static OperandSpec Imm(string field, int scale = 1, int bias = 0, int least = 0)
        => p => new NumberOperand(p.Field(field), scale, bias, least, zeroIsTop: false);

    /// <summary>A right shift by 1 to 32; the field holds 0 for 32.</summary>
    public static OperandSpec ShiftAmount(string field) => p => new NumberOperand(p.Field(field), 1, 0, 1, zeroIsTop: true);

    /// <summary><c>#value</c> without a field.</summary>
    public static OperandSpec Implied(int value) => _ => new ImpliedNumber(value);

    /// <summary>A displacement from the instruction plus 4.</summary>
    public static OperandSpec Branch(string field) => p => new BranchOperand(p.Field(field), signed: true, exchanged: false);

    /// <summary>A displacement from the aligned program counter, as ADR writes it.</summary>
    public static OperandSpec PcOffset(string field, int scale, bool negative = false)
        => p => new PcOffsetOperand(p.Field(field), null, scale, negative, brackets: false);

    /// <summary>A displacement from the aligned program counter, as loads write it.</summary>
    public static OperandSpec Literal(string field, int scale)
        => p => new PcOffsetOperand(p.Field(field), p.Has("u") ? p.Field("u") : null, scale, negative: false, brackets: true);

    /// <summary><c>[rn, #imm]</c> and its indexed forms.</summary>
    public static OperandSpec Memory(string field, int scale = 1, bool negative = false, Form form = Form.Offset)
        => p => new MemoryOperand(p.Field("rn"), p.Field(field), p.Has("u") ? p.Field("u") : null, scale, negative, form, pair: false);

    /// <summary><c>[sp, #imm]</c>.</summary>
    public static OperandSpec StackMemory(string field, int scale)
        => p => new MemoryOperand(null, p.Field(field), null, scale, negative: false, Form.Offset, pair: false);

    /// <summary>The address of LDRD and STRD.</summary>
    public static OperandSpec PairMemory(Form form)
        => p => new MemoryOperand(p.Field("rn"), p.Field("imm8"), p.Field("u"), 4, negative: false, form, pair: true);

    /// <summary>The address of TBB and TBH.</summary>
    public static OperandSpec Table(bool halfwords) => p => new TableOperand(p.Field("rm"), halfwords);

    /// <summary>A register list.</summary>
    public static OperandSpec List(string field, ushort allowed, int least = 1, BaseRule rule = BaseRule.Any)
        => p => new ListOperand(p.Field(field), allowed, least, rule);

    /// <summary>A list of one register.</summary>
    public static OperandSpec SingleList(ushort allowed) => p => new SingleListOperand(p.Field("rt"), allowed);

    private static OperandSpec Plain(string field, ushort allowed, params Slot[] slots) => p => new RegisterOperand(slots, [p.Field(field)], allowed);
}
