using System.Buffers.Binary;
using System.Globalization;

namespace Pulse.Build.Engine.Thumb;

/// <summary>One line of disassembly.</summary>
/// <param name="Offset">Offset in the code.</param>
/// <param name="Size">Bytes: 1 to 4.</param>
/// <param name="Instruction">What it is; null for data and for words that no row decodes.</param>
/// <param name="Text">Its text.</param>
internal readonly record struct DisassembledLine(int Offset, int Size, Instruction? Instruction, string Text);

/// <summary>Turns code into UAL text: one line an instruction; data and unknown words as <c>.word</c>, <c>.short</c>, <c>.byte</c>.</summary>
internal static class Disassembler
{
    /// <summary>Disassembles <paramref name="code"/>, which stands at <paramref name="address"/>.</summary>
    /// <param name="code">Code and data.</param>
    /// <param name="address">Address of its first byte.</param>
    /// <param name="regions">Which parts are data; all is code when empty.</param>
    /// <param name="name">Names an address, or gives null; by default an address prints as its number.</param>
    public static IEnumerable<DisassembledLine> Lines(ReadOnlyMemory<byte> code, uint address = 0, IReadOnlyList<MappingRegion>? regions = null, Func<uint, string?>? name = null)
    {
        var it = ItState.Outside;
        for (var offset = 0; offset < code.Length;)
        {
            var (isData, end) = RegionAt(regions, offset, code.Length);
            var line = isData ? Data(code.Span, offset, end) : Code(code.Span[..end], offset, address, it, name);
            it = Advance(it, line);
            yield return line;
            offset += line.Size;
        }
    }

    /// <summary>The text of one instruction in its narrowest encoding, at address 0; for messages.</summary>
    public static string Text(in Instruction instruction)
    {
        var insideIt = Encoder.InsideIt(instruction);
        var row = Encoder.Find(instruction, insideIt, out var word);
        return row is not null && row.TryDecode(word, insideIt, out var decoded)
            ? InstructionPrinter.Print(Encoder.InsideIt(instruction) ? decoded with { Condition = instruction.Condition } : decoded, row, insideIt)
            : string.Create(CultureInfo.InvariantCulture, $"<{instruction.Operation} {instruction.Form} rd={instruction.Rd.Name()} rn={instruction.Rn.Name()} rm={instruction.Rm.Name()} ra={instruction.Ra.Name()} imm={instruction.Immediate} {instruction.Shift} {instruction.Amount} {instruction.Flags} {instruction.Condition}>");
    }

    private static DisassembledLine Code(ReadOnlySpan<byte> code, int offset, uint address, ItState it, Func<uint, string?>? name)
    {
        var (word, size) = Decoder.Fetch(code, offset);
        if (size == 0 || !Decoder.TryDecode(word, size == 4, it.IsInside, out var instruction, out var row))
        {
            return Data(code, offset, Math.Min(code.Length, offset + (size == 0 ? 2 : size)));
        }

        if (it.IsInside)
        {
            instruction = instruction with { Condition = it.Condition };
        }

        string? target = null;
        if (instruction.Form == Form.PcRelative)
        {
            var to = Target(instruction, unchecked(address + (uint)offset));
            target = name?.Invoke(to) ?? InstructionPrinter.Hex(to);
        }

        return new(offset, size, instruction, InstructionPrinter.Print(instruction, row, it.IsInside, target));
    }

    /// <summary>The address that a relative instruction at <paramref name="at"/> refers to.</summary>
    public static uint Target(in Instruction instruction, uint at)
    {
        var aligned = instruction.Operation is not (Operation.B or Operation.Bl or Operation.Cbz or Operation.Cbnz);
        return unchecked((aligned ? at + 4 & ~3u : at + 4) + (uint)instruction.Immediate);
    }

    private static DisassembledLine Data(ReadOnlySpan<byte> code, int offset, int end)
    {
        var left = end - offset;
        var bytes = code[offset..];
        return left switch
        {
            >= 4 when offset % 4 == 0 => new(offset, 4, null, string.Create(CultureInfo.InvariantCulture, $".word\t0x{BinaryPrimitives.ReadUInt32LittleEndian(bytes):x8}")),
            >= 2 when offset % 2 == 0 => new(offset, 2, null, string.Create(CultureInfo.InvariantCulture, $".short\t0x{BinaryPrimitives.ReadUInt16LittleEndian(bytes):x4}")),
            _ => new(offset, 1, null, string.Create(CultureInfo.InvariantCulture, $".byte\t0x{bytes[0]:x2}")),
        };
    }

    private static ItState Advance(ItState it, in DisassembledLine line) => line.Instruction switch
    {
        { Operation: Operation.It } i => ItState.After(i),
        null => ItState.Outside,
        _ => it.Next(),
    };

    private static (bool IsData, int End) RegionAt(IReadOnlyList<MappingRegion>? regions, int offset, int length)
    {
        var isData = false;
        for (var i = 0; i < (regions?.Count ?? 0); i++)
        {
            if (regions![i].Offset > offset)
            {
                return (isData, Math.Min(length, regions[i].Offset));
            }

            isData = regions[i].IsData;
        }

        return (isData, length);
    }
}
