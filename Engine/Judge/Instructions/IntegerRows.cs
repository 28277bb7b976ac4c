using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Instructions;

/// <summary>Instructions on integers: each line has the opcodes of the i32 form and of the i64 form.</summary>
internal static class IntegerRows
{
    private delegate Term Unary(TermFactory f, Term a);

    private delegate Term Binary(TermFactory f, Term a, Term b);

    public static InstructionRow[] All { get; } =
    [
        InstructionRow.Of(0x45, "i32.eqz", [32], 32, (f, x) => f.Bit(f.Equal(x[0], f.Constant(0, 32)), 32)) with { IsTest = true },
        InstructionRow.Of(0x50, "i64.eqz", [64], 32, (f, x) => f.Bit(f.Equal(x[0], f.Constant(0, 64)), 32)) with { IsTest = true },
        .. Compare(0x46, 0x51, "eq", (f, a, b) => f.Equal(a, b)),
        .. Compare(0x47, 0x52, "ne", (f, a, b) => f.Not(f.Equal(a, b))),
        .. Compare(0x48, 0x53, "lt_s", (f, a, b) => f.LessSigned(a, b)),
        .. Compare(0x49, 0x54, "lt_u", (f, a, b) => f.LessUnsigned(a, b)),
        .. Compare(0x4A, 0x55, "gt_s", (f, a, b) => f.LessSigned(b, a)),
        .. Compare(0x4B, 0x56, "gt_u", (f, a, b) => f.LessUnsigned(b, a)),
        .. Compare(0x4C, 0x57, "le_s", (f, a, b) => f.Not(f.LessSigned(b, a))),
        .. Compare(0x4D, 0x58, "le_u", (f, a, b) => f.Not(f.LessUnsigned(b, a))),
        .. Compare(0x4E, 0x59, "ge_s", (f, a, b) => f.Not(f.LessSigned(a, b))),
        .. Compare(0x4F, 0x5A, "ge_u", (f, a, b) => f.Not(f.LessUnsigned(a, b))),
        .. Both(0x67, 0x79, "clz", (f, a) => f.CountBits(TermOp.LeadingZeros, a)),
        .. Both(0x68, 0x7A, "ctz", (f, a) => f.CountBits(TermOp.TrailingZeros, a)),
        .. Both(0x69, 0x7B, "popcnt", (f, a) => f.CountBits(TermOp.PopulationCount, a)),
        .. Both(0x6A, 0x7C, "add", (f, a, b) => f.Add(a, b)),
        .. Both(0x6B, 0x7D, "sub", (f, a, b) => f.Subtract(a, b)),
        .. Both(0x6C, 0x7E, "mul", (f, a, b) => f.Multiply(a, b)),
        .. Both(0x6D, 0x7F, "div_s", (f, a, b) => f.Divide(TermOp.DivideSigned, a, b), ByZero, Overflow),
        .. Both(0x6E, 0x80, "div_u", (f, a, b) => f.Divide(TermOp.DivideUnsigned, a, b), ByZero),
        .. Both(0x6F, 0x81, "rem_s", (f, a, b) => f.Divide(TermOp.RemainderSigned, a, b), ByZero),
        .. Both(0x70, 0x82, "rem_u", (f, a, b) => f.Divide(TermOp.RemainderUnsigned, a, b), ByZero),
        .. Both(0x71, 0x83, "and", (f, a, b) => f.And(a, b)),
        .. Both(0x72, 0x84, "or", (f, a, b) => f.Or(a, b)),
        .. Both(0x73, 0x85, "xor", (f, a, b) => f.Xor(a, b)),
        .. Both(0x74, 0x86, "shl", (f, a, b) => f.ShiftLeft(a, b)),
        .. Both(0x75, 0x87, "shr_s", (f, a, b) => f.ShiftRightSigned(a, b)),
        .. Both(0x76, 0x88, "shr_u", (f, a, b) => f.ShiftRight(a, b)),
        .. Both(0x77, 0x89, "rotl", (f, a, b) => f.Rotate(a, b, left: true)),
        .. Both(0x78, 0x8A, "rotr", (f, a, b) => f.Rotate(a, b, left: false)),
        .. Both(0xC0, 0xC2, "extend8_s", (f, a) => f.SignExtend(f.Extract(a, 7, 0), a.Width)),
        .. Both(0xC1, 0xC3, "extend16_s", (f, a) => f.SignExtend(f.Extract(a, 15, 0), a.Width)),
        InstructionRow.Of(0xC4, "i64.extend32_s", [64], 64, (f, x) => f.SignExtend(f.Extract(x[0], 31, 0), 64)),
        InstructionRow.Of(0xA7, "i32.wrap_i64", [64], 32, (f, x) => f.Extract(x[0], 31, 0)),
        InstructionRow.Of(0xAC, "i64.extend_i32_s", [32], 64, (f, x) => f.SignExtend(x[0], 64)),
        InstructionRow.Of(0xAD, "i64.extend_i32_u", [32], 64, (f, x) => f.ZeroExtend(x[0], 64)),
        InstructionRow.Of(0xBC, "i32.reinterpret_f32", [32], 32, (_, x) => x[0]),
        InstructionRow.Of(0xBD, "i64.reinterpret_f64", [64], 64, (_, x) => x[0]),
        InstructionRow.Of(0xBE, "f32.reinterpret_i32", [32], 32, (_, x) => x[0]),
        InstructionRow.Of(0xBF, "f64.reinterpret_i64", [64], 64, (_, x) => x[0]),
    ];

    private static TrapCause ByZero => new(TrapKind.IntegerDivideByZero, (f, x) => f.Equal(x[1], f.Constant(0, x[1].Width)));

    private static TrapCause Overflow => new(TrapKind.IntegerOverflow, (f, x) => f.Both(
        f.Equal(x[0], f.Constant(1UL << (x[0].Width - 1), x[0].Width)), f.Equal(x[1], f.Constant(ulong.MaxValue, x[1].Width))));

    private static InstructionRow[] Compare(int narrow, int wide, string name, Binary holds) =>
    [
        InstructionRow.Of(narrow, "i32." + name, [32, 32], 32, (f, x) => f.Bit(holds(f, x[0], x[1]), 32)) with { IsTest = true },
        InstructionRow.Of(wide, "i64." + name, [64, 64], 32, (f, x) => f.Bit(holds(f, x[0], x[1]), 32)) with { IsTest = true },
    ];

    private static InstructionRow[] Both(int narrow, int wide, string name, Unary value) =>
    [
        InstructionRow.Of(narrow, "i32." + name, [32], 32, (f, x) => value(f, x[0])),
        InstructionRow.Of(wide, "i64." + name, [64], 64, (f, x) => value(f, x[0])),
    ];

    private static InstructionRow[] Both(int narrow, int wide, string name, Binary value, params TrapCause[] traps) =>
    [
        InstructionRow.Of(narrow, "i32." + name, [32, 32], 32, (f, x) => value(f, x[0], x[1]), traps),
        InstructionRow.Of(wide, "i64." + name, [64, 64], 64, (f, x) => value(f, x[0], x[1]), traps),
    ];
}
