namespace Pulse.Build.Engine.Thumb;

/// <summary>
/// Instructions that do the same on the same operands, so that the encoder may take whichever is narrowest:
/// <list type="bullet">
/// <item><c>add rd, rn, #-4</c> ⇔ <c>sub rd, rn, #4</c>, and CMP with CMN: also for the flags, except for 0 and -2^31.</item>
/// <item><c>and rd, rn, #x</c> ⇔ <c>bic rd, rn, #~x</c>; ORR with ORN; ADC with SBC; MOV with MVN.</item>
/// <item><c>add rd, rn, rm</c> ⇔ <c>add rd, rm, rn</c>, and the other commutative operations, when rm is not shifted.</item>
/// <item><c>eor rd, rm, #-1</c> ⇔ <c>mvn rd, rm</c>; <c>add rd, rm, #0</c> ⇔ <c>mov rd, rm</c> when flags are not wanted.</item>
/// <item>push and pop written as STMDB sp! and LDM sp!.</item>
/// </list>
/// Logical operations define only N and Z here, so the carry of a rotated constant does not separate two equivalents.
/// </summary>
internal static class Equivalents
{
    /// <summary><paramref name="asked"/> and everything equivalent, <paramref name="asked"/> first.</summary>
    public static IEnumerable<Instruction> Of(Instruction asked)
    {
        yield return asked;
        if (Complement(asked) is { } complement)
        {
            yield return complement;
        }

        if (Commuted(asked) is { } commuted)
        {
            yield return commuted;
        }

        if (AsMove(asked) is { } move)
        {
            yield return move;
        }

        if (AsStack(asked) is { } stack)
        {
            yield return stack;
        }
    }

    /// <summary>One representative of all equivalents: two instructions do the same when their representatives are equal.</summary>
    public static Instruction Canonical(in Instruction instruction)
    {
        var result = AsStack(instruction) ?? instruction;
        result = AsMove(result) ?? result;
        if (result.Operation is Operation.Sub or Operation.Cmn or Operation.Bic or Operation.Orn or Operation.Sbc or Operation.Mvn)
        {
            result = Complement(result) ?? result;
        }

        return Commuted(result) is { } commuted && commuted.Rn < result.Rn ? commuted : result;
    }

    // The same with the immediate negated or complemented.
    private static Instruction? Complement(in Instruction i)
    {
        if (i.Form != Form.Immediate)
        {
            return null;
        }

        var negated = unchecked(-i.Immediate);
        var sameFlags = i.Flags != FlagEffect.Set || (i.Immediate != 0 && i.Immediate != int.MinValue);
        return i.Operation switch
        {
            Operation.Add when sameFlags => i with { Operation = Operation.Sub, Immediate = negated },
            Operation.Sub when sameFlags => i with { Operation = Operation.Add, Immediate = negated },
            Operation.Cmp when sameFlags => i with { Operation = Operation.Cmn, Immediate = negated },
            Operation.Cmn when sameFlags => i with { Operation = Operation.Cmp, Immediate = negated },
            Operation.And => i with { Operation = Operation.Bic, Immediate = ~i.Immediate },
            Operation.Bic => i with { Operation = Operation.And, Immediate = ~i.Immediate },
            Operation.Orr => i with { Operation = Operation.Orn, Immediate = ~i.Immediate },
            Operation.Orn => i with { Operation = Operation.Orr, Immediate = ~i.Immediate },
            Operation.Adc => i with { Operation = Operation.Sbc, Immediate = ~i.Immediate },
            Operation.Sbc => i with { Operation = Operation.Adc, Immediate = ~i.Immediate },
            Operation.Mov => i with { Operation = Operation.Mvn, Immediate = ~i.Immediate },
            Operation.Mvn => i with { Operation = Operation.Mov, Immediate = ~i.Immediate },
            _ => null,
        };
    }

    private static Instruction? Commuted(in Instruction i)
        => i is { Form: Form.Registers, Shift: ShiftKind.Lsl, Amount: 0 }
            && i.Operation is Operation.Add or Operation.Adc or Operation.And or Operation.Orr or Operation.Eor or Operation.Mul
                or Operation.Tst or Operation.Teq or Operation.Cmn
            ? i with { Rn = i.Rm, Rm = i.Rn }
            : null;

    private static Instruction? AsMove(in Instruction i) => i switch
    {
        { Operation: Operation.Eor, Form: Form.Immediate, Immediate: -1 }
            => i with { Operation = Operation.Mvn, Form = Form.Registers, Rm = i.Rn, Rn = default, Immediate = 0 },
        { Operation: Operation.Add or Operation.Sub or Operation.Orr or Operation.Eor, Form: Form.Immediate, Immediate: 0, Flags: not FlagEffect.Set }
            => i with { Operation = Operation.Mov, Form = Form.Registers, Rm = i.Rn, Rn = default },
        _ => null,
    };

    private static Instruction? AsStack(in Instruction i) => i switch
    {
        { Operation: Operation.Stmdb, Form: Form.BlockWriteBack, Rn: Register.SP } => i with { Operation = Operation.Push, Rn = default },
        { Operation: Operation.Ldm, Form: Form.BlockWriteBack, Rn: Register.SP } => i with { Operation = Operation.Pop, Rn = default },
        { Operation: Operation.Str, Form: Form.PreIndexed, Rn: Register.SP, Immediate: -4 }
            => new Instruction(Operation.Push, Form.BlockWriteBack, Immediate: 1 << (int)i.Rd, Condition: i.Condition, Flags: i.Flags),
        { Operation: Operation.Ldr, Form: Form.PostIndexed, Rn: Register.SP, Immediate: 4 }
            => new Instruction(Operation.Pop, Form.BlockWriteBack, Immediate: 1 << (int)i.Rd, Condition: i.Condition, Flags: i.Flags),
        _ => null,
    };
}
