using System.Text;

namespace Pulse.Build.Engine.Thumb;

/// <summary>An unsigned immediate of a scale, between bounds: <c>field * scale + bias</c>, where a field of 0 may stand for the largest value.</summary>
internal sealed class NumberOperand(Field field, int scale, int bias, int least, bool zeroIsTop, bool printed = true) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
    {
        // A pattern of 32 bits with the top bit set is a large number here, never a negative one.
        long value = unchecked((uint)instruction.Immediate) - (long)bias;
        if (value < least || value % scale != 0)
        {
            return false;
        }

        value /= scale;
        if (zeroIsTop && value == 1L << field.Width)
        {
            value = 0;
        }

        return value <= uint.MaxValue && field.TryPut(ref word, (uint)value);
    }

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        var value = field.Get(word);
        if (zeroIsTop && value == 0)
        {
            value = 1u << field.Width;
        }

        instruction = instruction with { Immediate = (int)value * scale + bias };
        return (long)value * scale >= least;
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        if (printed)
        {
            Number(text, instruction.Immediate);
        }
    }
}

/// <summary>An immediate that the encoding implies.</summary>
internal sealed class ImpliedNumber(int value) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word) => instruction.Immediate == value;

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        instruction = instruction with { Immediate = value };
        return true;
    }

    public override void Print(in Instruction instruction, StringBuilder text) => Number(text, value);
}

/// <summary>A <see cref="ModifiedImmediate"/>.</summary>
internal sealed class ConstantOperand(Field field) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
        => ModifiedImmediate.TryEncode(unchecked((uint)instruction.Immediate), out var imm12) && field.TryPut(ref word, imm12);

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        var valid = ModifiedImmediate.TryExpand(field.Get(word), out var value);
        instruction = instruction with { Immediate = unchecked((int)value) };
        return valid;
    }

    public override void Print(in Instruction instruction, StringBuilder text) => Number(text, unchecked((uint)instruction.Immediate));
}

/// <summary>A displacement from the program counter: sign-extended, even. Branches count from the instruction plus 4.</summary>
internal sealed class BranchOperand(Field field, bool signed, bool exchanged) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
    {
        var bits = field.Width;
        var value = instruction.Immediate;
        var (least, top) = signed ? (-(1L << (bits - 1)), 1L << (bits - 1)) : (0, 1L << bits);
        return value >= least && value < top && field.TryPut(ref word, Exchange((uint)(value & (1L << bits) - 1)));
    }

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        var value = (int)Exchange(field.Get(word));
        var unused = signed ? 32 - field.Width : 0;
        instruction = instruction with { Immediate = value << unused >> unused };
        return true;
    }

    public override void Print(in Instruction instruction, StringBuilder text) => Number(text, instruction.Immediate);

    // B.W and BL hold bits 23 and 22 of the displacement as J1 = NOT(I1 XOR S), J2 = NOT(I2 XOR S).
    private uint Exchange(uint value) => exchanged && (value >> 24 & 1) == 0 ? value ^ 0xC0_0000 : value;
}

/// <summary>A displacement from the aligned program counter with a direction bit or a fixed direction; prints as <c>[pc, #imm]</c> or <c>pc, #imm</c>.</summary>
internal sealed class PcOffsetOperand(Field magnitude, Field? up, int scale, bool negative, bool brackets) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
    {
        long value = instruction.Immediate;
        var isUp = up is null ? !negative : value >= 0;
        var distance = isUp ? value : -value;
        return distance >= (isUp ? 0 : 1)
            && distance % scale == 0
            && magnitude.TryPut(ref word, (uint)(distance / scale))
            && (up is null || up.TryPut(ref word, isUp ? 1u : 0u));
    }

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        var isUp = up is null ? !negative : up.Get(word) != 0;
        var distance = (int)magnitude.Get(word) * scale;
        instruction = instruction with { Immediate = isUp ? distance : -distance };
        return isUp || distance != 0;
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        text.Append(brackets ? "[pc, " : "pc, ");
        Number(text, instruction.Immediate);
        text.Append(brackets ? "]" : "");
    }
}

/// <summary>Least bit and width of a bit field; the encoding holds width-1, or the highest bit.</summary>
internal sealed class BitFieldOperand(Field lsb, Field end, bool endIsHighestBit) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
    {
        var (least, width) = (instruction.Immediate, instruction.Width);
        return least >= 0 && width >= 1 && least <= 31 && width <= 32 - least
            && lsb.TryPut(ref word, (uint)least)
            && end.TryPut(ref word, (uint)(endIsHighestBit ? least + width - 1 : width - 1));
    }

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        var least = (int)lsb.Get(word);
        var last = (int)end.Get(word);
        instruction = instruction with { Immediate = least, Width = endIsHighestBit ? last - least + 1 : last + 1 };
        return instruction.Width >= 1 && instruction.Width <= 32 - least;
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        Number(text, instruction.Immediate);
        text.Append(", ");
        Number(text, instruction.Width);
    }
}

/// <summary>The condition field of B; 14 and 15 are other instructions.</summary>
internal sealed class ConditionOperand(Field field) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
        => instruction.Condition != Condition.AL && field.TryPut(ref word, (uint)instruction.Condition);

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        instruction = instruction with { Condition = (Condition)field.Get(word) };
        return instruction.Condition < Condition.AL;
    }

    public override void Print(in Instruction instruction, StringBuilder text) { }
}

/// <summary>First condition and mask of IT; the mask's letters belong to the mnemonic (<see cref="InstructionPrinter"/>).</summary>
internal sealed class IfThenOperand(Field first, Field mask) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
        => instruction is { Immediate: > 0, Condition: not Condition.AL }
            && first.TryPut(ref word, (uint)instruction.Condition)
            && mask.TryPut(ref word, (uint)instruction.Immediate);

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        instruction = instruction with { Condition = (Condition)first.Get(word), Immediate = (int)mask.Get(word) };
        return instruction.Immediate != 0 && instruction.Condition < Condition.AL;
    }

    public override void Print(in Instruction instruction, StringBuilder text) => text.Append(instruction.Condition.Name());
}

/// <summary>An immediate printed as a name: barrier options, interrupt masks, special registers.</summary>
internal sealed class NamedOperand(Field field, (int Value, string Name)[] names, bool printed = true) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
        => NameOf(instruction.Immediate) is not null && field.TryPut(ref word, (uint)instruction.Immediate);

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        instruction = instruction with { Immediate = (int)field.Get(word) };
        return NameOf(instruction.Immediate) is not null;
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        if (printed)
        {
            text.Append(NameOf(instruction.Immediate));
        }
    }

    private string? NameOf(int value) => Array.Find(names, n => n.Value == value).Name;
}
