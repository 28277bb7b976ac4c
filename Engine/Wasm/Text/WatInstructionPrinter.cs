using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>Prints the instructions of one body, flat and indented, or of a constant expression; immediates by the kind in the row.</summary>
internal sealed class WatInstructionPrinter(WatNames names, int function)
{
    private const int MaximumIndent = 60;

    private readonly WatLabels _labels = new();
    private int _blocks;

    /// <summary>Appends a line for each instruction of <paramref name="body"/>, without the final <c>end</c>.</summary>
    public void Body(StringBuilder output, FunctionBody body, string path)
    {
        var reader = new InstructionReader(body.Code.Span, body.Offset, path);
        while (reader.TryRead(out var instruction))
        {
            if (instruction.Opcode == Opcode.End && _labels.Count == 0)
            {
                return;
            }

            Line(output, instruction);
        }
    }

    /// <summary>A constant expression, each instruction in parentheses.</summary>
    public string Expression(ConstantExpression expression, string path)
    {
        List<string> parts = [];
        var reader = new InstructionReader(expression.Code.Span, expression.Offset, path);
        while (reader.TryRead(out var instruction) && instruction.Opcode != Opcode.End)
        {
            parts.Add($"({instruction.Info.Mnemonic}{Immediates(instruction)})");
        }

        return string.Join(' ', parts);
    }

    private void Line(StringBuilder output, in Instruction instruction)
    {
        var closes = instruction.Opcode is Opcode.End or Opcode.Else && _labels.Count > 0;
        var indent = 4 + (2 * (_labels.Count - (closes ? 1 : 0)));
        output.Append('\n').Append(' ', Math.Min(indent, MaximumIndent)).Append(instruction.Info.Mnemonic);
        if (instruction.Info.Immediate == ImmediateKind.BlockType)
        {
            var label = names.Label(function, _blocks++);
            _labels.Push(label);
            output.Append(label is null ? "" : " " + WatStrings.Identifier(label));
        }

        output.Append(Immediates(instruction));
        if (instruction.Opcode == Opcode.End)
        {
            _labels.Pop();
        }
    }

    private string Immediates(in Instruction instruction)
    {
        var kind = instruction.Info.Immediate;
        return kind switch
        {
            ImmediateKind.None => "",
            ImmediateKind.BlockType => BlockType(instruction.A),
            ImmediateKind.Label => Label(instruction.A),
            ImmediateKind.LabelTable => string.Concat(instruction.Labels!.Select(Label)),
            ImmediateKind.Local => " " + (names.Local(function, instruction.A) ?? WatPrinter.Number(instruction.A)),
            ImmediateKind.TypeTable => $"{Optional(IndexSpace.Table, instruction.B)} (type {names.Reference(IndexSpace.Type, instruction.A)})",
            ImmediateKind.Memory or ImmediateKind.Table when IsAlwaysIndexed(instruction) => Index(kind, instruction.A),
            ImmediateKind.Memory or ImmediateKind.Table => Optional(IndexImmediates.First(kind)!.Value, instruction.A),
            ImmediateKind.MemoryMemory or ImmediateKind.TableTable => instruction is { A: 0, B: 0 } ? "" : Index(kind, instruction.A) + Index(kind, instruction.B),
            ImmediateKind.DataMemory => Optional(IndexSpace.Memory, instruction.B) + Index(kind, instruction.A),
            ImmediateKind.ElementTable => Optional(IndexSpace.Table, instruction.B) + Index(kind, instruction.A),
            ImmediateKind.Function or ImmediateKind.Global or ImmediateKind.Data or ImmediateKind.Element => Index(kind, instruction.A),
            ImmediateKind.MemArg or ImmediateKind.AtomicMemArg => MemArg(instruction),
            ImmediateKind.MemArgLane => MemArg(instruction) + " " + WatPrinter.Number((int)instruction.High),
            ImmediateKind.Const128 => Vector(instruction),
            ImmediateKind.Shuffle => Lanes(instruction),
            ImmediateKind.Lane => " " + WatPrinter.Number(instruction.A),
            ImmediateKind.Fence => "",
            ImmediateKind.SelectTypes => $" (result{string.Concat(instruction.Labels!.Select(type => " " + ((ValType)type).Name()))})",
            ImmediateKind.HeapType => (ValType)instruction.A == ValType.FuncRef ? " func" : " extern",
            ImmediateKind.Const32 => " " + instruction.Wide.LowSigned().ToString(CultureInfo.InvariantCulture),
            ImmediateKind.Const64 => " " + instruction.Wide.ToSigned().ToString(CultureInfo.InvariantCulture),
            ImmediateKind.Float32 => " " + Float32((uint)instruction.Wide),
            ImmediateKind.Float64 => " " + Float64(instruction.Wide),
            _ => throw new InvariantException($"immediate {kind} cannot be printed"),
        };
    }

    /// <summary>Table instructions are easier to read with their table.</summary>
    private static bool IsAlwaysIndexed(in Instruction instruction) => instruction.Info.Immediate == ImmediateKind.Table;

    private string Index(ImmediateKind kind, int index) => " " + names.Reference(IndexImmediates.First(kind)!.Value, index);

    private string Optional(IndexSpace space, int index) => index == 0 ? "" : " " + names.Reference(space, index);

    private string BlockType(int type) => type switch
    {
        -0x40 => "",
        < 0 => $" (result {((ValType)(type & 0x7F)).Name()})",
        _ => $" (type {names.Reference(IndexSpace.Type, type)})",
    };

    private string Label(int depth) => " " + (_labels.Visible(depth) is { } name ? WatStrings.Identifier(name) : WatPrinter.Number(depth));

    private string MemArg(in Instruction instruction)
    {
        var natural = System.Numerics.BitOperations.Log2((uint)instruction.Info.AccessBytes);
        var offset = instruction.Wide == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" offset={instruction.Wide}");
        var align = instruction.B == natural ? "" : string.Create(CultureInfo.InvariantCulture, $" align={1UL << instruction.B}");
        return Optional(IndexSpace.Memory, instruction.A) + offset + align;
    }

    private static string Vector(in Instruction instruction) => string.Create(
        CultureInfo.InvariantCulture,
        $" i32x4 0x{(uint)(instruction.Wide & uint.MaxValue):x8} 0x{instruction.Wide >> 32:x8} 0x{instruction.High & uint.MaxValue:x8} 0x{instruction.High >> 32:x8}");

    private static string Lanes(Instruction instruction) => string.Concat(Enumerable.Range(0, 16)
        .Select(lane => string.Create(CultureInfo.InvariantCulture, $" {((lane < 8 ? instruction.Wide : instruction.High) >> (8 * (lane % 8))) & 0xFF}")));

    private static string Float32(uint bits)
    {
        var value = BitConverter.UInt32BitsToSingle(bits);
        return float.IsNaN(value)
            ? NaN(bits >> 31 != 0, bits & 0x7FFFFF, 0x400000)
            : float.IsInfinity(value) ? (value < 0 ? "-inf" : "inf") : value.ToString("R", CultureInfo.InvariantCulture);
    }

    private static string Float64(ulong bits)
    {
        var value = BitConverter.UInt64BitsToDouble(bits);
        return double.IsNaN(value)
            ? NaN(bits >> 63 != 0, bits & 0xFFFFFFFFFFFFF, 0x8000000000000)
            : double.IsInfinity(value) ? (value < 0 ? "-inf" : "inf") : value.ToString("R", CultureInfo.InvariantCulture);
    }

    private static string NaN(bool negative, ulong payload, ulong canonical) =>
        (negative ? "-nan" : "nan") + (payload == canonical ? "" : ":0x" + payload.ToString("x", CultureInfo.InvariantCulture));
}
