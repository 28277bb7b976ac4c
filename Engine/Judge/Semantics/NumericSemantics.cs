using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>That an instruction traps, and why, when a condition holds and no earlier one of its causes.</summary>
internal readonly record struct TrapCause(TrapKind Kind, Term Condition);

/// <summary>
/// The meaning of every stateless instruction as terms: one entry an opcode, and for the few that can trap, when they do. Floats are bit
/// patterns; see <see cref="FloatSemantics"/>.
/// </summary>
internal sealed class NumericSemantics(TermFactory factory)
{
    private readonly FloatSemantics _floats = new(factory);

    /// <summary>The result of the instruction on <paramref name="x"/>; <paramref name="traps"/> are the causes for which it traps instead, in order.</summary>
    public Term Apply(int opcode, ReadOnlySpan<Term> x, out TrapCause[] traps)
    {
        traps = [];
        if (opcode is >= 0x45 and <= 0x5A)
        {
            return Compare(opcode >= 0x50 ? opcode - 0x50 : opcode - 0x45, x);
        }

        if (opcode is >= 0x67 and <= 0x8A)
        {
            return Integer(opcode >= 0x79 ? opcode - 0x79 : opcode - 0x67, x, out traps);
        }

        return opcode switch
        {
            >= 0xA7 and <= 0xBF or >= 0xFC0000 and <= 0xFC0007 => Convert(opcode, x[0], out traps),
            0xC0 => Narrow(x[0], 8, 32),
            0xC1 => Narrow(x[0], 16, 32),
            0xC2 => Narrow(x[0], 8, 64),
            0xC3 => Narrow(x[0], 16, 64),
            0xC4 => Narrow(x[0], 32, 64),
            _ => _floats.Apply(opcode, x),
        };
    }

    private Term Narrow(Term a, int from, int to) => factory.SignExtend(factory.Extract(a, from - 1, 0), to);

    private Term Compare(int which, ReadOnlySpan<Term> x)
    {
        var a = x[0];
        var b = which == 0 ? factory.Constant(0, a.Width) : x[1];
        var holds = which switch
        {
            0 or 1 => factory.Equal(a, b),
            2 => factory.Not(factory.Equal(a, b)),
            3 => factory.LessSigned(a, b),
            4 => factory.LessUnsigned(a, b),
            5 => factory.LessSigned(b, a),
            6 => factory.LessUnsigned(b, a),
            7 => factory.Not(factory.LessSigned(b, a)),
            8 => factory.Not(factory.LessUnsigned(b, a)),
            9 => factory.Not(factory.LessSigned(a, b)),
            _ => factory.Not(factory.LessUnsigned(a, b)),
        };
        return factory.Bit(holds, 32);
    }

    private Term Integer(int which, ReadOnlySpan<Term> x, out TrapCause[] traps)
    {
        traps = [];
        if (which is >= 6 and <= 9)
        {
            return Division(which, x[0], x[1], out traps);
        }

        return which switch
        {
            0 => factory.CountBits(TermOp.LeadingZeros, x[0]),
            1 => factory.CountBits(TermOp.TrailingZeros, x[0]),
            2 => factory.CountBits(TermOp.PopulationCount, x[0]),
            3 => factory.Add(x[0], x[1]),
            4 => factory.Subtract(x[0], x[1]),
            5 => factory.Multiply(x[0], x[1]),
            10 => factory.And(x[0], x[1]),
            11 => factory.Or(x[0], x[1]),
            12 => factory.Xor(x[0], x[1]),
            13 => factory.ShiftLeft(x[0], x[1]),
            14 => factory.ShiftRightSigned(x[0], x[1]),
            15 => factory.ShiftRight(x[0], x[1]),
            16 => factory.Rotate(x[0], x[1], left: true),
            _ => factory.Rotate(x[0], x[1], left: false),
        };
    }

    private Term Division(int which, Term a, Term b, out TrapCause[] traps)
    {
        traps = [new(TrapKind.IntegerDivideByZero, factory.Equal(b, factory.Constant(0, b.Width)))];
        if (which == 6)
        {
            var minimum = factory.Equal(a, factory.Constant(1UL << (a.Width - 1), a.Width));
            var minusOne = factory.Equal(b, factory.Constant(ulong.MaxValue, b.Width));
            traps = [traps[0], new(TrapKind.IntegerOverflow, factory.Both(minimum, minusOne))];
        }

        var op = which switch { 6 => TermOp.DivideSigned, 7 => TermOp.DivideUnsigned, 8 => TermOp.RemainderSigned, _ => TermOp.RemainderUnsigned };
        return factory.Divide(op, a, b);
    }

    private Term Convert(int opcode, Term a, out TrapCause[] traps)
    {
        traps = [];
        switch (opcode)
        {
            case 0xA7: return factory.Extract(a, 31, 0);
            case 0xAC: return factory.SignExtend(a, 64);
            case 0xAD: return factory.ZeroExtend(a, 64);
            case >= 0xBC and <= 0xBF: return a;
            case >= 0xA8 and <= 0xB1:
                traps = _floats.TruncationTraps(opcode, a);
                return _floats.Convert(opcode, a);
            default:
                return _floats.Convert(opcode, a);
        }
    }
}
