using System.Buffers.Binary;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Firmware;

/// <summary>Writes addresses into instructions and words. Instructions are decoded, changed and encoded by the table, so every range is checked.</summary>
internal static class RelocationPatcher
{
    /// <summary>Applies one relocation of <paramref name="section"/> to <paramref name="content"/>, its bytes in the image.</summary>
    /// <param name="content">Bytes of the section.</param>
    /// <param name="section">The section, at its address.</param>
    /// <param name="relocation">What to apply.</param>
    /// <param name="value">Address of the symbol, with the Thumb bit of functions.</param>
    public static void Apply(Span<byte> content, ElfSection section, in Relocation relocation, uint value)
    {
        var place = content[(int)relocation.Offset..];
        var address = unchecked(section.Address + relocation.Offset);
        switch (relocation.Type)
        {
            case RelocationType.None:
                break;
            case RelocationType.Abs32 or RelocationType.Target1:
                BinaryPrimitives.WriteUInt32LittleEndian(place, unchecked(BinaryPrimitives.ReadUInt32LittleEndian(place) + value));
                break;
            case RelocationType.Rel32:
                BinaryPrimitives.WriteUInt32LittleEndian(place, unchecked(BinaryPrimitives.ReadUInt32LittleEndian(place) + value - address));
                break;
            case RelocationType.ThumbCall or RelocationType.ThumbJump24:
                // The addend, -4 as a rule, takes the program counter's lead into account.
                Patch(content, section, relocation, i => i with { Immediate = unchecked((int)((value & ~1u) - address) + i.Immediate) }, Form.PcRelative);
                break;
            case RelocationType.ThumbMovwAbs:
                Patch(content, section, relocation, i => i with { Immediate = unchecked((int)(value + (uint)(short)i.Immediate) & 0xFFFF) }, Form.Immediate);
                break;
            case RelocationType.ThumbMovtAbs:
                Patch(content, section, relocation, i => i with { Immediate = unchecked((int)(value + (uint)(short)i.Immediate >> 16)) }, Form.Immediate);
                break;
            default:
                throw new DiagnosticException(DiagnosticId.PULSE4049, Location.None, (int)relocation.Type, section.Name);
        }
    }

    private static void Patch(Span<byte> content, ElfSection section, Relocation relocation, Func<Instruction, Instruction> change, Form form)
    {
        var (word, size) = Decoder.Fetch(content, (int)relocation.Offset);
        if (size != 4 || !Decoder.TryDecode(word, wide: true, insideIt: false, out var instruction, out var row) || instruction.Form != form)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4049, Location.None, (int)relocation.Type, section.Name + " (no fitting instruction there)");
        }

        var changed = change(instruction);
        if (!row.TryEncode(changed, insideIt: false, out word))
        {
            throw new DiagnosticException(
                DiagnosticId.PULSE4048, Location.None, section.Name, relocation.Offset, relocation.Symbol.Name, changed.Immediate, row.Name);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(content[(int)relocation.Offset..], (ushort)(word >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(content[((int)relocation.Offset + 2)..], (ushort)(word & 0xFFFF));
    }
}
