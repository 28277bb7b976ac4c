using System.Text;

namespace Pulse.Build.Engine.Thumb;

/// <summary><c>[rn, #imm]</c>, <c>[rn, #imm]!</c> or <c>[rn], #imm</c>; the base may be implied, the direction a bit or fixed.</summary>
/// <param name="rn">Field of the base, or null for the stack pointer.</param>
/// <param name="offset">Field of the distance.</param>
/// <param name="up">Field of the direction, or null.</param>
/// <param name="scale">Unit of the distance.</param>
/// <param name="negative">Direction when there is no field.</param>
/// <param name="form">Which of the three; write-back forbids a base that is also transferred.</param>
/// <param name="pair">Whether Ra is transferred too.</param>
internal sealed class MemoryOperand(Field? rn, Field offset, Field? up, int scale, bool negative, Form form, bool pair) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
    {
        long value = instruction.Immediate;
        var isUp = up is null ? !negative : value >= 0;
        var distance = isUp ? value : -value;
        return BaseIsValid(instruction)
            && (rn is null || rn.TryPut(ref word, (uint)instruction.Rn))
            && distance >= (isUp ? 0 : 1)
            && distance % scale == 0
            && offset.TryPut(ref word, (uint)(distance / scale))
            && (up is null || up.TryPut(ref word, isUp ? 1u : 0u));
    }

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        var isUp = up is null ? !negative : up.Get(word) != 0;
        var distance = (int)offset.Get(word) * scale;
        instruction = instruction with
        {
            Rn = rn is null ? Register.SP : (Register)rn.Get(word),
            Immediate = isUp ? distance : -distance,
        };

        // A distance of minus zero has no text of its own and is never written.
        return BaseIsValid(instruction) && (isUp || distance != 0);
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        text.Append('[').Append(instruction.Rn.Name());
        text.Append(form == Form.PostIndexed ? "]" : "");
        if (instruction.Immediate != 0 || form != Form.Offset)
        {
            text.Append(", ");
            Number(text, instruction.Immediate);
        }

        text.Append(form switch { Form.PreIndexed => "]!", Form.Offset => "]", _ => "" });
    }

    private bool BaseIsValid(in Instruction i) => rn is null
        ? i.Rn == Register.SP
        : i.Rn != Register.PC && (form == Form.Offset || (i.Rn != i.Rd && (!pair || i.Rn != i.Ra)));
}

/// <summary><c>[rn, rm, lsl #n]</c>; without a field for the amount it is 0.</summary>
internal sealed class IndexedOperand(Field rn, Field rm, Field? amount) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
        => IsValid(instruction)
            && instruction.Shift == ShiftKind.Lsl
            && rn.TryPut(ref word, (uint)instruction.Rn)
            && rm.TryPut(ref word, (uint)instruction.Rm)
            && (amount is null ? instruction.Amount == 0 : instruction.Amount >= 0 && amount.TryPut(ref word, (uint)instruction.Amount));

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        instruction = instruction with
        {
            Rn = (Register)rn.Get(word),
            Rm = (Register)rm.Get(word),
            Amount = amount is null ? 0 : (int)amount.Get(word),
        };
        return IsValid(instruction);
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        text.Append('[').Append(instruction.Rn.Name()).Append(", ").Append(instruction.Rm.Name());
        ShiftText(text, ShiftKind.Lsl, instruction.Amount);
        text.Append(']');
    }

    private static bool IsValid(in Instruction i) => i.Rn != Register.PC && i.Rm is not (Register.SP or Register.PC);
}

/// <summary><c>[rn, #imm]</c> of the exclusive accesses; those of a byte or half word have no distance.</summary>
/// <param name="rn">Field of the base.</param>
/// <param name="words">Field of the distance in words, or null.</param>
/// <param name="hasStatus">Whether Rd receives the outcome of a store, and so must be neither the base nor the stored register.</param>
internal sealed class ExclusiveOperand(Field rn, Field? words, bool hasStatus) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
        => IsValid(instruction)
            && rn.TryPut(ref word, (uint)instruction.Rn)
            && instruction.Immediate % 4 == 0
            && (words is null ? instruction.Immediate == 0 : instruction.Immediate >= 0 && words.TryPut(ref word, (uint)instruction.Immediate / 4));

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        instruction = instruction with { Rn = (Register)rn.Get(word), Immediate = words is null ? 0 : (int)words.Get(word) * 4 };
        return IsValid(instruction);
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        text.Append('[').Append(instruction.Rn.Name());
        if (instruction.Immediate != 0)
        {
            text.Append(", ");
            Number(text, instruction.Immediate);
        }

        text.Append(']');
    }

    private bool IsValid(in Instruction i) => i.Rn != Register.PC && (!hasStatus || (i.Rd != i.Rn && i.Rd != i.Rm));
}

/// <summary><c>[pc, rm]</c> or <c>[pc, rm, lsl #1]</c> of the table branches, whose table follows the instruction.</summary>
internal sealed class TableOperand(Field rm, bool halfwords) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
        => instruction.Rm is not (Register.SP or Register.PC) && rm.TryPut(ref word, (uint)instruction.Rm);

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        instruction = instruction with { Rm = (Register)rm.Get(word) };
        return instruction.Rm is not (Register.SP or Register.PC);
    }

    public override void Print(in Instruction instruction, StringBuilder text)
        => text.Append("[pc, ").Append(instruction.Rm.Name()).Append(halfwords ? ", lsl #1]" : "]");
}

/// <summary>The base of a block transfer, <c>rn</c> or <c>rn!</c>.</summary>
internal sealed class BlockBaseOperand(Field rn) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
        => instruction.Rn != Register.PC && rn.TryPut(ref word, (uint)instruction.Rn);

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        instruction = instruction with { Rn = (Register)rn.Get(word) };
        return instruction.Rn != Register.PC;
    }

    public override void Print(in Instruction instruction, StringBuilder text)
        => text.Append(instruction.Rn.Name()).Append(instruction.Form == Form.BlockWriteBack ? "!" : "");
}

/// <summary>A register list.</summary>
/// <param name="list">Field of the 16 bits.</param>
/// <param name="allowed">Registers that may be in it.</param>
/// <param name="least">Fewest registers.</param>
/// <param name="baseRule">How the list and the base may meet.</param>
internal sealed class ListOperand(Field list, ushort allowed, int least, BaseRule baseRule) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word) => IsValid(instruction) && list.TryPut(ref word, (uint)instruction.Immediate);

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        instruction = instruction with { Immediate = (int)list.Get(word) };
        return IsValid(instruction);
    }

    public override void Print(in Instruction instruction, StringBuilder text) => text.Append(instruction.List.ToString());

    private bool IsValid(in Instruction i) => (i.Immediate & ~allowed) == 0
        && i.List.Count >= least
        && !(i.List.Contains(Register.PC) && i.List.Contains(Register.LR))
        && baseRule switch
        {
            BaseRule.InList => i.List.Contains(i.Rn),
            BaseRule.NotInList => !i.List.Contains(i.Rn),
            BaseRule.LowestIfInList => !i.List.Contains(i.Rn) || (i.Immediate & (1 << (int)i.Rn) - 1) == 0,
            _ => true,
        };
}

/// <summary>How the base and the list of a block transfer may meet.</summary>
internal enum BaseRule : byte { Any, InList, NotInList, LowestIfInList }

/// <summary>A list of exactly one register, which the encoding holds as a number.</summary>
internal sealed class SingleListOperand(Field rt, ushort allowed) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
        => instruction.List.Count == 1
            && (instruction.Immediate & ~allowed) == 0
            && rt.TryPut(ref word, (uint)System.Numerics.BitOperations.TrailingZeroCount(instruction.Immediate));

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        instruction = instruction with { Immediate = 1 << (int)rt.Get(word) };
        return (instruction.Immediate & ~allowed) == 0;
    }

    public override void Print(in Instruction instruction, StringBuilder text) => text.Append(instruction.List.ToString());
}
