using System.Globalization;
using System.Text;

namespace Pulse.Build.Engine.Thumb;

/// <summary>Makes an operand of an encoding once its bit pattern is known.</summary>
internal delegate Operand OperandSpec(BitPattern pattern);

/// <summary>
/// One operand of an encoding: where it stands in the word, which values it takes, how it is printed.
/// Encoding, decoding and printing of a row are loops over its operands.
/// </summary>
internal abstract class Operand
{
    /// <summary>Adds the operand's bits; false when this encoding cannot hold its value.</summary>
    public abstract bool TryEncode(in Instruction instruction, ref uint word);

    /// <summary>Reads the operand; false when the bits mean something that the row does not cover.</summary>
    public abstract bool TryDecode(uint word, ref Instruction instruction);

    /// <summary>Appends the operand's text; nothing for an implied operand.</summary>
    public abstract void Print(in Instruction instruction, StringBuilder text);

    /// <summary>Appends <c>#value</c>.</summary>
    protected static void Number(StringBuilder text, long value) => text.Append('#').Append(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Appends <c>, lsl #2</c> or nothing.</summary>
    protected static void ShiftText(StringBuilder text, ShiftKind shift, int amount)
    {
        if (shift == ShiftKind.Rrx)
        {
            text.Append(", rrx");
        }
        else if (amount != 0)
        {
            text.Append(", ").Append(shift switch { ShiftKind.Lsl => "lsl", ShiftKind.Lsr => "lsr", ShiftKind.Asr => "asr", _ => "ror" }).Append(' ');
            Number(text, amount);
        }
    }
}

/// <summary>Which operand of an <see cref="Instruction"/> a register field holds.</summary>
internal enum Slot : byte { Rd, Rn, Rm, Ra }

/// <summary>Access to register operands by slot.</summary>
internal static class Slots
{
    /// <summary>The register in <paramref name="slot"/>.</summary>
    public static Register Get(this in Instruction instruction, Slot slot) => slot switch
    {
        Slot.Rd => instruction.Rd,
        Slot.Rn => instruction.Rn,
        Slot.Rm => instruction.Rm,
        _ => instruction.Ra,
    };

    /// <summary>Puts <paramref name="register"/> into <paramref name="slot"/>.</summary>
    public static void Set(this ref Instruction instruction, Slot slot, Register register) => instruction = slot switch
    {
        Slot.Rd => instruction with { Rd = register },
        Slot.Rn => instruction with { Rn = register },
        Slot.Rm => instruction with { Rm = register },
        _ => instruction with { Ra = register },
    };
}

/// <summary>A register field; several slots when one field names both a source and the destination, several fields when it stands twice.</summary>
internal sealed class RegisterOperand(Slot[] slots, Field[] fields, ushort allowed, bool printed = true) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
    {
        var register = instruction.Get(slots[0]);
        foreach (var slot in slots)
        {
            if (instruction.Get(slot) != register)
            {
                return false;
            }
        }

        var fits = (allowed >> (int)register & 1) != 0;
        foreach (var field in fields)
        {
            fits &= field.TryPut(ref word, (uint)register);
        }

        return fits;
    }

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        var register = fields[0].Get(word);
        foreach (var slot in slots)
        {
            instruction.Set(slot, (Register)register);
        }

        return (allowed >> (int)register & 1) != 0 && Array.TrueForAll(fields, f => f.Get(word) == register);
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        if (printed)
        {
            text.Append(instruction.Get(slots[0]).Name());
        }
    }
}

/// <summary>A register that the encoding implies.</summary>
internal sealed class ImpliedRegister(Slot slot, Register register, bool printed) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word) => instruction.Get(slot) == register;

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        instruction.Set(slot, register);
        return true;
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        if (printed)
        {
            text.Append(register.Name());
        }
    }
}

/// <summary>Rm with the shift of the 32-bit data-processing encodings.</summary>
internal sealed class ShiftedRegister(Field rm, Field type, Field amount, ushort allowed, bool leftOnly) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word)
    {
        var (kind, bits) = instruction switch
        {
            { Shift: ShiftKind.Lsl, Amount: >= 0 and <= 31 } i => (0u, (uint)i.Amount),
            { Shift: ShiftKind.Lsr or ShiftKind.Asr, Amount: >= 1 and <= 32 } i => ((uint)i.Shift, (uint)i.Amount & 31),
            { Shift: ShiftKind.Ror, Amount: >= 1 and <= 31 } i => (3u, (uint)i.Amount),
            { Shift: ShiftKind.Rrx, Amount: 1 } => (3u, 0u),
            _ => (4u, 0u),
        };
        return (allowed >> (int)instruction.Rm & 1) != 0
            && (!leftOnly || (kind == 0 && bits <= 3))
            && rm.TryPut(ref word, (uint)instruction.Rm)
            && type.TryPut(ref word, kind)
            && amount.TryPut(ref word, bits);
    }

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        var (register, kind, bits) = (rm.Get(word), (ShiftKind)type.Get(word), (int)amount.Get(word));
        instruction = instruction with
        {
            Rm = (Register)register,
            Shift = kind == ShiftKind.Ror && bits == 0 ? ShiftKind.Rrx : kind,
            Amount = kind != ShiftKind.Lsl && bits == 0 ? kind == ShiftKind.Ror ? 1 : 32 : bits,
        };
        return (allowed >> (int)register & 1) != 0 && (!leftOnly || (kind == ShiftKind.Lsl && bits <= 3));
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        text.Append(instruction.Rm.Name());
        ShiftText(text, instruction.Shift, instruction.Amount);
    }
}

/// <summary>The rotation of the extensions: 0, 8, 16 or 24.</summary>
internal sealed class RotationOperand(Field field) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word) => instruction switch
    {
        { Shift: ShiftKind.Lsl, Amount: 0 } => true,
        { Shift: ShiftKind.Ror, Amount: 8 or 16 or 24 } => field.TryPut(ref word, (uint)instruction.Amount / 8),
        _ => false,
    };

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        var eighths = (int)field.Get(word);
        instruction = instruction with { Shift = eighths == 0 ? ShiftKind.Lsl : ShiftKind.Ror, Amount = eighths * 8 };
        return true;
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        if (instruction.Amount != 0)
        {
            text.Append("ror ");
            Number(text, instruction.Amount);
        }
    }
}

/// <summary>The shift of SSAT and USAT, applied to Rn: left by 0 to 31 or arithmetic right by 1 to 31.</summary>
internal sealed class SaturateShiftOperand(Field right, Field amount) : Operand
{
    public override bool TryEncode(in Instruction instruction, ref uint word) => instruction switch
    {
        { Shift: ShiftKind.Lsl, Amount: >= 0 } => amount.TryPut(ref word, (uint)instruction.Amount),
        { Shift: ShiftKind.Asr, Amount: >= 1 } => right.TryPut(ref word, 1) && amount.TryPut(ref word, (uint)instruction.Amount),
        _ => false,
    };

    public override bool TryDecode(uint word, ref Instruction instruction)
    {
        var isRight = right.Get(word) != 0;
        instruction = instruction with { Shift = isRight ? ShiftKind.Asr : ShiftKind.Lsl, Amount = (int)amount.Get(word) };
        return !isRight || instruction.Amount != 0;
    }

    public override void Print(in Instruction instruction, StringBuilder text)
    {
        if (instruction.Amount != 0)
        {
            text.Append(instruction.Shift == ShiftKind.Asr ? "asr " : "lsl ");
            Number(text, instruction.Amount);
        }
    }
}
