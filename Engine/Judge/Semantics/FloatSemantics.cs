using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Floats on bit patterns. Sign operations are exact; every other operation is one uninterpreted function of its operands, evaluated only
/// on constants (<see cref="FloatFolding"/>). Commuted operands are equal because a NaN result is canonical: assumption AX-FP.
/// </summary>
internal sealed class FloatSemantics(TermFactory factory)
{
    public Term Apply(int opcode, ReadOnlySpan<Term> x)
    {
        if (opcode is >= 0x5B and <= 0x66)
        {
            return Compare(opcode >= 0x61 ? opcode - 0x61 : opcode - 0x5B, x[0], x[1]);
        }

        var a = x[0];
        var which = opcode >= 0x99 ? opcode - 0x99 : opcode - 0x8B;
        var sign = 1UL << (a.Width - 1);
        switch (which)
        {
            case 0: return factory.And(a, factory.Constant(sign - 1, a.Width));
            case 1: return factory.Xor(a, factory.Constant(sign, a.Width));
            case 13:
                var magnitude = factory.And(a, factory.Constant(sign - 1, a.Width));
                return factory.Or(magnitude, factory.And(x[1], factory.Constant(sign, a.Width)));
        }

        if (x.Length == 1)
        {
            return a.IsConstant ? factory.Constant(FloatFolding.Unary(which, a.Value, a.Width), a.Width) : factory.Function($"f{a.Width}.{which}", a.Width, a);
        }

        var b = x[1];
        if (a.IsConstant && b.IsConstant)
        {
            return factory.Constant(FloatFolding.Binary(which, a.Value, b.Value, a.Width), a.Width);
        }

        var commutes = which is 7 or 9 or 11 or 12; // add, mul, min, max
        return commutes && a.Id > b.Id ? factory.Function($"f{a.Width}.{which}", a.Width, b, a) : factory.Function($"f{a.Width}.{which}", a.Width, a, b);
    }

    /// <summary>Equality is symmetric, greater is less with the operands exchanged; nothing is negated but `ne`, because of NaN.</summary>
    private Term Compare(int which, Term a, Term b)
    {
        var holds = which switch
        {
            0 => Relation("eq", a.Id > b.Id ? b : a, a.Id > b.Id ? a : b),
            1 => factory.Not(Relation("eq", a.Id > b.Id ? b : a, a.Id > b.Id ? a : b)),
            2 => Relation("lt", a, b),
            3 => Relation("lt", b, a),
            4 => Relation("le", a, b),
            _ => Relation("le", b, a),
        };
        return factory.Bit(holds, 32);
    }

    private Term Relation(string name, Term a, Term b)
        => a.IsConstant && b.IsConstant ? factory.Boolean(FloatFolding.Compare(name, a.Value, b.Value, a.Width))
            : factory.Function($"f{a.Width}.{name}", Sort.Bool, a, b);

    /// <summary>A conversion that involves a float.</summary>
    public Term Convert(int opcode, Term a)
    {
        var width = opcode switch
        {
            >= 0xAE and <= 0xB1 => 64,
            >= 0xB7 and <= 0xBB => 64,
            >= 0xFC0004 => 64,
            _ => 32,
        };
        return a.IsConstant && FloatFolding.Convert(opcode, a.Value) is { } folded ? factory.Constant(folded, width)
            : factory.Function($"convert.{opcode:x}", width, a);
    }

    /// <summary>When a trapping truncation traps: of no number, then of one out of range.</summary>
    public TrapCause[] TruncationTraps(int opcode, Term a)
    {
        var (exponent, magnitude) = a.Width == 32 ? (0x7F80_0000UL, 0x7FFF_FFFFUL) : (0x7FF0_0000_0000_0000UL, ulong.MaxValue >> 1);
        var isNumber = factory.Not(factory.LessUnsigned(factory.Constant(exponent, a.Width), factory.And(a, factory.Constant(magnitude, a.Width))));
        var overflows = a.IsConstant ? factory.Boolean(FloatFolding.Convert(opcode, a.Value) is null) : factory.Function($"trunc.overflows.{opcode:x}", Sort.Bool, a);
        return [new(TrapKind.InvalidConversionToInteger, factory.Not(isNumber)), new(TrapKind.IntegerOverflow, overflows)];
    }
}
