using System.Globalization;
using System.Text;

namespace Pulse.Build.Engine.Thumb;

/// <summary>UAL text of an instruction in a given encoding, as assemblers read it.</summary>
internal static class InstructionPrinter
{
    /// <summary>Mnemonic, tab, operands.</summary>
    /// <param name="instruction">What to print.</param>
    /// <param name="encoding">The row that encodes it: it decides the mnemonic and which operands are implied.</param>
    /// <param name="insideIt">Whether a 16-bit encoding leaves the flags alone.</param>
    /// <param name="target">Text of the address that a relative displacement leads to, or null to print the displacement.</param>
    public static string Print(in Instruction instruction, Encoding encoding, bool insideIt, string? target = null)
    {
        var text = new StringBuilder();
        AppendMnemonic(text, instruction, encoding, insideIt);
        var separator = "\t";
        foreach (var operand in encoding.Operands)
        {
            var start = text.Length;
            text.Append(separator);
            if (target is not null && operand is BranchOperand or PcOffsetOperand)
            {
                text.Append(target);
            }
            else
            {
                operand.Print(instruction, text);
            }

            if (text.Length == start + separator.Length)
            {
                text.Length = start;
                continue;
            }

            separator = ", ";
        }

        return text.ToString();
    }

    private static void AppendMnemonic(StringBuilder text, in Instruction instruction, Encoding encoding, bool insideIt)
    {
        var name = encoding.Name;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        text.Append(name, 0, dot < 0 ? name.Length : dot);
        if (encoding.Operation == Operation.It)
        {
            AppendThenElse(text, (uint)instruction.Condition, (uint)instruction.Immediate);
            return;
        }

        var sets = encoding.Flags == FlagRule.UnlessIt ? !insideIt : encoding.Flags == FlagRule.Optional && instruction.Flags == FlagEffect.Set;
        if (sets || (encoding.Flags == FlagRule.Always && encoding.Operation == Operation.Mov))
        {
            text.Append('s');
        }

        text.Append(instruction.Condition.Suffix());
        if (dot >= 0)
        {
            text.Append(name, dot, name.Length - dot);
        }
    }

    // The mask's bits above its lowest set bit: equal to the condition's bit 0 for "then".
    private static void AppendThenElse(StringBuilder text, uint condition, uint mask)
    {
        var last = System.Numerics.BitOperations.TrailingZeroCount(mask);
        for (var bit = 3; bit > last; bit--)
        {
            text.Append((mask >> bit & 1) == (condition & 1) ? 't' : 'e');
        }
    }

    /// <summary><c>0x1a</c>.</summary>
    public static string Hex(long value) => value < 0
        ? string.Create(CultureInfo.InvariantCulture, $"-0x{-value:x}")
        : string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
}
