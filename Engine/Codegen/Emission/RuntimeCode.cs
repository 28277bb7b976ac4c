using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;
using static Pulse.Build.Engine.Thumb.Register;

namespace Pulse.Build.Engine.Codegen.Emission;

/// <summary>The code of <see cref="RuntimeRoutines"/>. All keep r4 to r11 and follow the calling convention.</summary>
internal static class RuntimeCode
{
    /// <summary>The code of the routine <paramref name="name"/>, and the stack it takes.</summary>
    public static (AssembledCode Code, int StackBytes) Make(string name)
    {
        var assembler = new Assembler();
        var stack = name switch
        {
            RuntimeRoutines.DivideUnsigned => DivideUnsigned(assembler),
            RuntimeRoutines.DivideSigned => DivideSigned(assembler),
            RuntimeRoutines.Copy => Copy(assembler),
            RuntimeRoutines.Fill => Fill(assembler),
            RuntimeRoutines.Reset => Reset(assembler),
            _ => throw new InvariantException($"the routine {name} has code"),
        };
        return (assembler.Assemble(), stack);
    }

    /// <summary>Routines that the routine <paramref name="name"/> calls.</summary>
    public static IEnumerable<string> CalledBy(string name) => name == RuntimeRoutines.DivideSigned ? [RuntimeRoutines.DivideUnsigned] : [];

    // Writes that are on their way arrive before the request does; what follows the request would still run for some cycles.
    private static int Reset(Assembler a)
    {
        var wait = a.NewLabel();
        a.Constant(R0, 0xE000_ED0C);
        a.Constant(R1, 0x05FA_0004);
        a.Emit(Barrier(Operation.Dsb));
        a.Emit(Memory(Operation.Str, R1, R0, 0));
        a.Bind(wait);
        a.Branch(wait);
        return 0;
    }

    private static Instruction SetFlags(in Instruction instruction) => instruction.WithFlags(FlagEffect.Set);

    private static Instruction Free(in Instruction instruction) => instruction.WithFlags(FlagEffect.Clobbered);

    private static int DivideUnsigned(Assembler a)
    {
        var (wide, bits, loop, done) = (a.NewLabel(), a.NewLabel(), a.NewLabel(), a.NewLabel());
        a.Emit(Push(RegisterList.Of(R4, R5, R6, R7, LR)));
        a.Emit(SetFlags(Binary(Operation.Orr, R4, R1, R3)));
        a.Branch(wide, Condition.NE);
        a.Emit(Binary(Operation.Udiv, R4, R0, R2));
        a.Emit(MultiplyAccumulate(Operation.Mls, R2, R4, R2, R0));
        a.Emit(Move(R0, R4));
        a.Emit(Pop(RegisterList.Of(R4, R5, R6, R7, PC)));

        a.Bind(wide);
        a.Emit(SetFlags(Binary(Operation.Orr, R4, R3, R2, ShiftKind.Lsr, 16)));
        a.Branch(bits, Condition.NE);
        DivideByHalfword(a);
        a.Emit(Pop(RegisterList.Of(R4, R5, R6, R7, PC)));

        // One quotient bit a step: the divisor is moved up under the dividend's first bit, then down again.
        a.Bind(bits);
        a.Emit(Free(Move(R6, 0)));
        a.Emit(Free(Move(R7, 0)));
        LeadingZeros(a, R4, R0, R1);
        LeadingZeros(a, R5, R2, R3);
        a.Emit(SetFlags(Binary(Operation.Sub, R12, R5, R4)));
        a.Branch(done, Condition.MI);
        ShiftLeft(a);
        a.Bind(loop);
        a.Emit(SetFlags(Binary(Operation.Sub, R4, R0, R2)));
        a.Emit(SetFlags(Binary(Operation.Sbc, R5, R1, R3)));
        a.Emit(Move(R0, R4).If(Condition.HS));
        a.Emit(Move(R1, R5).If(Condition.HS));
        a.Emit(SetFlags(Binary(Operation.Adc, R6, R6, R6)));
        a.Emit(Free(Binary(Operation.Adc, R7, R7, R7)));
        a.Emit(SetFlags(Shift(Operation.Lsr, R3, R3, 1)));
        a.Emit(Unary(Operation.Rrx, R2, R2));
        a.Emit(SetFlags(Binary(Operation.Sub, R12, R12, 1)));
        a.Branch(loop, Condition.PL);
        a.Bind(done);
        a.Emit(Move(R2, R0));
        a.Emit(Move(R3, R1));
        a.Emit(Move(R0, R6));
        a.Emit(Move(R1, R7));
        a.Emit(Pop(RegisterList.Of(R4, R5, R6, R7, PC)));
        return 20;
    }

    /// <summary>As on paper, with digits of 32, 16 and 16 bits: the remainder of each, with the next 16 bits behind it, is a word.</summary>
    private static void DivideByHalfword(Assembler a)
    {
        a.Emit(Binary(Operation.Udiv, R4, R1, R2));
        a.Emit(MultiplyAccumulate(Operation.Mls, R1, R4, R2, R1));
        a.Emit(Free(Shift(Operation.Lsr, R5, R0, 16)));
        a.Emit(Binary(Operation.Orr, R5, R5, R1, ShiftKind.Lsl, 16));
        a.Emit(Binary(Operation.Udiv, R6, R5, R2));
        a.Emit(MultiplyAccumulate(Operation.Mls, R5, R6, R2, R5));
        a.Emit(Unary(Operation.Uxth, R0, R0));
        a.Emit(Binary(Operation.Orr, R0, R0, R5, ShiftKind.Lsl, 16));
        a.Emit(Binary(Operation.Udiv, R7, R0, R2));
        a.Emit(MultiplyAccumulate(Operation.Mls, R2, R7, R2, R0));
        a.Emit(Binary(Operation.Orr, R0, R7, R6, ShiftKind.Lsl, 16));
        a.Emit(Move(R1, R4));
    }

    /// <summary>rd = number of leading zeros of high:low.</summary>
    private static void LeadingZeros(Assembler a, Register rd, Register low, Register high)
    {
        var done = a.NewLabel();
        a.Emit(Unary(Operation.Clz, rd, high));
        a.Emit(Compare(Operation.Cmp, high, 0));
        a.Branch(done, Condition.NE);
        a.Emit(Unary(Operation.Clz, rd, low));
        a.Emit(Free(Binary(Operation.Add, rd, rd, 32)));
        a.Bind(done);
    }

    /// <summary>r2:r3 shifted left by r12, below 64; out of range a shift by a register gives zero.</summary>
    private static void ShiftLeft(Assembler a)
    {
        a.Emit(Free(Binary(Operation.Rsb, R4, R12, 32)));
        a.Emit(Free(Binary(Operation.Sub, R5, R12, 32)));
        a.Emit(Binary(Operation.Lsl, R3, R3, R12));
        a.Emit(Binary(Operation.Lsr, R4, R2, R4));
        a.Emit(Free(Binary(Operation.Orr, R3, R3, R4)));
        a.Emit(Binary(Operation.Lsl, R5, R2, R5));
        a.Emit(Free(Binary(Operation.Orr, R3, R3, R5)));
        a.Emit(Binary(Operation.Lsl, R2, R2, R12));
    }

    private static int DivideSigned(Assembler a)
    {
        a.Emit(Push(RegisterList.Of(R4, R5, LR)));
        a.Emit(Move(R4, R1));
        a.Emit(Free(Binary(Operation.Eor, R5, R1, R3)));
        NegateIfNegative(a, R1, R0, R1);
        NegateIfNegative(a, R3, R2, R3);
        a.Call(RuntimeRoutines.DivideUnsigned);
        NegateIfNegative(a, R5, R0, R1);
        NegateIfNegative(a, R4, R2, R3);
        a.Emit(Pop(RegisterList.Of(R4, R5, PC)));
        return 12;
    }

    private static void NegateIfNegative(Assembler a, Register sign, Register low, Register high)
    {
        var skip = a.NewLabel();
        a.Emit(Compare(Operation.Cmp, sign, 0));
        a.Branch(skip, Condition.GE);
        a.Emit(SetFlags(Binary(Operation.Rsb, low, low, 0)));
        a.Emit(Binary(Operation.Sbc, high, high, high, ShiftKind.Lsl, 1));
        a.Bind(skip);
    }

    /// <summary>By words from the end that is read before it is overwritten; a Cortex-M3 loads and stores words at any address.</summary>
    private static int Copy(Assembler a)
    {
        var backward = a.NewLabel();
        a.Emit(Free(Binary(Operation.Sub, R3, R0, R1)));
        a.Emit(Compare(Operation.Cmp, R3, R2));
        a.Branch(backward, Condition.LO);
        Loops(a, () =>
        {
            a.Emit(Memory(Operation.Ldr, R3, R1, 4, Form.PostIndexed));
            a.Emit(Memory(Operation.Str, R3, R0, 4, Form.PostIndexed));
        }, () =>
        {
            a.Emit(Memory(Operation.Ldrb, R3, R1, 1, Form.PostIndexed));
            a.Emit(Memory(Operation.Strb, R3, R0, 1, Form.PostIndexed));
        });
        a.Bind(backward);
        a.Emit(Free(Binary(Operation.Add, R0, R0, R2)));
        a.Emit(Free(Binary(Operation.Add, R1, R1, R2)));
        Loops(a, () =>
        {
            a.Emit(Memory(Operation.Ldr, R3, R1, -4, Form.PreIndexed));
            a.Emit(Memory(Operation.Str, R3, R0, -4, Form.PreIndexed));
        }, () =>
        {
            a.Emit(Memory(Operation.Ldrb, R3, R1, -1, Form.PreIndexed));
            a.Emit(Memory(Operation.Strb, R3, R0, -1, Form.PreIndexed));
        });
        return 0;
    }

    private static int Fill(Assembler a)
    {
        a.Emit(Unary(Operation.Uxtb, R1, R1));
        a.Emit(Binary(Operation.Orr, R1, R1, R1, ShiftKind.Lsl, 8));
        a.Emit(Binary(Operation.Orr, R1, R1, R1, ShiftKind.Lsl, 16));
        Loops(a, () => a.Emit(Memory(Operation.Str, R1, R0, 4, Form.PostIndexed)), () => a.Emit(Memory(Operation.Strb, R1, R0, 1, Form.PostIndexed)));
        return 0;
    }

    /// <summary>Runs <paramref name="word"/> for each four of r2, <paramref name="single"/> for each of the rest, and returns.</summary>
    private static void Loops(Assembler a, Action word, Action single)
    {
        var (words, tail, bytes, done) = (a.NewLabel(), a.NewLabel(), a.NewLabel(), a.NewLabel());
        a.Emit(SetFlags(Binary(Operation.Sub, R2, R2, 4)));
        a.Branch(tail, Condition.LO);
        a.Bind(words);
        word();
        a.Emit(SetFlags(Binary(Operation.Sub, R2, R2, 4)));
        a.Branch(words, Condition.HS);
        a.Bind(tail);
        a.Emit(SetFlags(Binary(Operation.Add, R2, R2, 4)));
        a.Branch(done, Condition.EQ);
        a.Bind(bytes);
        single();
        a.Emit(SetFlags(Binary(Operation.Sub, R2, R2, 1)));
        a.Branch(bytes, Condition.NE);
        a.Bind(done);
        a.Emit(BranchTo(Operation.Bx, LR));
    }
}
