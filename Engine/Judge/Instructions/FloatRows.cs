using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Instructions;

/// <summary>
/// Instructions on floats, as bit patterns: each line has the opcodes of the f32 form and of the f64 form. Operations on the sign are exact;
/// every other one is an uninterpreted function of its operands, evaluated on constants alone. Commuted operands are equal because a NaN
/// result is canonical: assumption AX-FP.
/// </summary>
internal static class FloatRows
{
    public static InstructionRow[] All { get; } =
    [
        .. Compare(0x5B, 0x61, "eq", (f, a, b) => Equal(f, a, b)),
        .. Compare(0x5C, 0x62, "ne", (f, a, b) => f.Not(Equal(f, a, b))),
        .. Compare(0x5D, 0x63, "lt", (f, a, b) => Relation(f, "lt", a, b, (x, y) => x < y)),
        .. Compare(0x5E, 0x64, "gt", (f, a, b) => Relation(f, "lt", b, a, (x, y) => x < y)),
        .. Compare(0x5F, 0x65, "le", (f, a, b) => Relation(f, "le", a, b, (x, y) => x <= y)),
        .. Compare(0x60, 0x66, "ge", (f, a, b) => Relation(f, "le", b, a, (x, y) => x <= y)),
        .. Exact(0x8B, 0x99, "abs", 1, (f, x) => f.And(x[0], f.Constant(Sign(x[0]) - 1, x[0].Width))),
        .. Exact(0x8C, 0x9A, "neg", 1, (f, x) => f.Xor(x[0], f.Constant(Sign(x[0]), x[0].Width))),
        .. Exact(0x98, 0xA6, "copysign", 2, (f, x) => f.Or(
            f.And(x[0], f.Constant(Sign(x[0]) - 1, x[0].Width)), f.And(x[1], f.Constant(Sign(x[0]), x[0].Width)))),
        .. Unary(0x8D, 0x9B, "ceil", MathF.Ceiling, Math.Ceiling),
        .. Unary(0x8E, 0x9C, "floor", MathF.Floor, Math.Floor),
        .. Unary(0x8F, 0x9D, "trunc", MathF.Truncate, Math.Truncate),
        .. Unary(0x90, 0x9E, "nearest", a => MathF.Round(a, MidpointRounding.ToEven), a => Math.Round(a, MidpointRounding.ToEven)),
        .. Unary(0x91, 0x9F, "sqrt", MathF.Sqrt, Math.Sqrt),
        .. Binary(0x92, 0xA0, "add", true, (a, b) => a + b, (a, b) => a + b),
        .. Binary(0x93, 0xA1, "sub", false, (a, b) => a - b, (a, b) => a - b),
        .. Binary(0x94, 0xA2, "mul", true, (a, b) => a * b, (a, b) => a * b),
        .. Binary(0x95, 0xA3, "div", false, (a, b) => a / b, (a, b) => a / b),
        .. Binary(0x96, 0xA4, "min", true, MathF.Min, Math.Min),
        .. Binary(0x97, 0xA5, "max", true, MathF.Max, Math.Max),
        .. Truncate(0xA8, 0xFC0000, 32, 32, signed: true),
        .. Truncate(0xA9, 0xFC0001, 32, 32, signed: false),
        .. Truncate(0xAA, 0xFC0002, 32, 64, signed: true),
        .. Truncate(0xAB, 0xFC0003, 32, 64, signed: false),
        .. Truncate(0xAE, 0xFC0004, 64, 32, signed: true),
        .. Truncate(0xAF, 0xFC0005, 64, 32, signed: false),
        .. Truncate(0xB0, 0xFC0006, 64, 64, signed: true),
        .. Truncate(0xB1, 0xFC0007, 64, 64, signed: false),
        Convert(0xB2, "f32.convert_i32_s", 32, 32, a => Bits((float)unchecked((int)a))),
        Convert(0xB3, "f32.convert_i32_u", 32, 32, a => Bits((float)(uint)a)),
        Convert(0xB4, "f32.convert_i64_s", 64, 32, a => Bits((float)unchecked((long)a))),
        Convert(0xB5, "f32.convert_i64_u", 64, 32, a => Bits(ToSingle(a))),
        Convert(0xB6, "f32.demote_f64", 64, 32, a => Bits((float)Double(a))),
        Convert(0xB7, "f64.convert_i32_s", 32, 64, a => Bits((double)unchecked((int)a))),
        Convert(0xB8, "f64.convert_i32_u", 32, 64, a => Bits((double)(uint)a)),
        Convert(0xB9, "f64.convert_i64_s", 64, 64, a => Bits((double)unchecked((long)a))),
        Convert(0xBA, "f64.convert_i64_u", 64, 64, a => Bits((double)a)),
        Convert(0xBB, "f64.promote_f32", 32, 64, a => Bits((double)Single(a))),
    ];

    private static ulong Sign(Term a) => 1UL << (a.Width - 1);

    private static InstructionRow Float(int opcode, string name, int[] operands, int result, Value value, params TrapCause[] traps)
    {
        var row = InstructionRow.Of(opcode, name, operands, result, value, traps);
        return row with { Effects = row.Effects | Effects.Float, IsUninterpreted = true };
    }

    private static InstructionRow[] Exact(int narrow, int wide, string name, int count, Value value) =>
    [
        InstructionRow.Of(narrow, "f32." + name, [.. Enumerable.Repeat(32, count)], 32, value),
        InstructionRow.Of(wide, "f64." + name, [.. Enumerable.Repeat(64, count)], 64, value),
    ];

    /// <summary>Equality is symmetric, greater is less with the operands exchanged; nothing is negated but `ne`, because of NaN.</summary>
    private static InstructionRow[] Compare(int narrow, int wide, string name, Func<TermFactory, Term, Term, Term> holds) =>
    [
        Float(narrow, "f32." + name, [32, 32], 32, (f, x) => f.Bit(holds(f, x[0], x[1]), 32)) with { IsTest = true },
        Float(wide, "f64." + name, [64, 64], 32, (f, x) => f.Bit(holds(f, x[0], x[1]), 32)) with { IsTest = true },
    ];

    private static Term Equal(TermFactory f, Term a, Term b) => a.Id > b.Id ? Relation(f, "eq", b, a, (x, y) => x == y) : Relation(f, "eq", a, b, (x, y) => x == y);

    private static Term Relation(TermFactory f, string name, Term a, Term b, Func<double, double, bool> holds)
        => a.IsConstant && b.IsConstant ? f.Boolean(holds(Widen(a), Widen(b))) : f.Function($"f{a.Width}.{name}", Sort.Bool, a, b);

    private static InstructionRow[] Unary(int narrow, int wide, string name, Func<float, float> single, Func<double, double> twice) =>
    [
        Convert(narrow, "f32." + name, 32, 32, a => Bits(single(Single(a)))),
        Convert(wide, "f64." + name, 64, 64, a => Bits(twice(Double(a)))),
    ];

    private static InstructionRow[] Binary(
        int narrow, int wide, string name, bool commutes, Func<float, float, float> single, Func<double, double, double> twice) =>
    [
        Binary(narrow, "f32." + name, 32, commutes, (a, b) => Bits(single(Single(a), Single(b)))),
        Binary(wide, "f64." + name, 64, commutes, (a, b) => Bits(twice(Double(a), Double(b)))),
    ];

    private static InstructionRow Binary(int opcode, string name, int width, bool commutes, Func<ulong, ulong, ulong> fold)
        => Float(opcode, name, [width, width], width, (f, x) => x[0].IsConstant && x[1].IsConstant ? f.Constant(fold(x[0].Value, x[1].Value), width)
            : commutes && x[0].Id > x[1].Id ? f.Function(name, width, x[1], x[0]) : f.Function(name, width, x[0], x[1]));

    private static InstructionRow Convert(int opcode, string name, int from, int to, Func<ulong, ulong> fold)
        => Float(opcode, name, [from], to, (f, x) => x[0].IsConstant ? f.Constant(fold(x[0].Value), to) : f.Function(name, to, x[0]));

    /// <summary>The form that traps, first of what is no number, then of what is out of range; and the one that saturates.</summary>
    private static InstructionRow[] Truncate(int trapping, int saturating, int to, int from, bool signed)
    {
        var kind = $"_f{from}_{(signed ? 's' : 'u')}";
        var (name, limit) = ($"i{to}.trunc{kind}", from == 32 ? 0x7F80_0000UL : 0x7FF0_0000_0000_0000UL);
        return
        [
            Float(trapping, name, [from], to, (f, x) => x[0].IsConstant ? f.Constant(Saturate(Widen(x[0]), to, signed), to) : f.Function(name, to, x[0]),
                new TrapCause(TrapKind.InvalidConversionToInteger, (f, x) => f.LessUnsigned(f.Constant(limit, from), f.And(x[0], f.Constant(Sign(x[0]) - 1, from)))),
                new TrapCause(TrapKind.IntegerOverflow, (f, x) => x[0].IsConstant ? f.Boolean(OutOfRange(Widen(x[0]), to, signed) != 0) : f.Function(name + ".overflows", Sort.Bool, x[0]))),
            Convert(saturating, $"i{to}.trunc_sat{kind}", from, to, a => Saturate(from == 32 ? Single(a) : Double(a), to, signed)),
        ];
    }

    private static double Widen(Term a) => a.Width == 32 ? Single(a.Value) : Double(a.Value);

    private static float Single(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static double Double(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static ulong Bits(float x) => float.IsNaN(x) ? 0x7FC0_0000 : BitConverter.SingleToUInt32Bits(x);

    private static ulong Bits(double x) => double.IsNaN(x) ? 0x7FF8_0000_0000_0000 : BitConverter.DoubleToUInt64Bits(x);

    /// <summary>Rounded once: a number above 2⁶³ is halved first, with its lost bit kept sticky.</summary>
    private static float ToSingle(ulong a) => a <= long.MaxValue ? (float)(long)a : (float)(long)(a >> 1 | a & 1) * 2;

    /// <summary>-1 below what an integer of these bits can be, 1 above, 0 within, and for what is no number.</summary>
    private static int OutOfRange(double x, int width, bool signed)
    {
        var whole = Math.Truncate(x);
        return whole < (signed ? -Math.ScaleB(1, width - 1) : 0) ? -1 : whole >= Math.ScaleB(1, signed ? width - 1 : width) ? 1 : 0;
    }

    /// <summary>The integer towards zero, or the nearest there is; 0 for what is no number.</summary>
    private static ulong Saturate(double x, int width, bool signed)
    {
        var all = width == 32 ? uint.MaxValue : ulong.MaxValue;
        var minimum = 1UL << (width - 1);
        return double.IsNaN(x) ? 0 : OutOfRange(x, width, signed) switch
        {
            < 0 => signed ? minimum : 0,
            > 0 => signed ? minimum - 1 : all,
            _ => signed ? unchecked((ulong)(long)Math.Truncate(x)) & all : (ulong)Math.Truncate(x),
        };
    }
}
