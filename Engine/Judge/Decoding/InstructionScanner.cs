using Pulse.Build.Engine.Judge.Instructions;

namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>One immediate.</summary>
internal readonly record struct RawOperand(OperandKind Kind, ulong Value);

/// <summary>An instruction as it is encoded: opcode (a prefix byte in the third byte) and immediates.</summary>
internal readonly record struct RawInstruction(int Offset, int Opcode, RawOperand[] Operands)
{
    public ulong this[int index] => Operands[index].Value;

    public int Index(int operand) => checked((int)Operands[operand].Value);
}

/// <summary>Cuts a body into instructions. It knows the shape of more instructions than the judge has a meaning for.</summary>
internal static class InstructionScanner
{
    /// <summary>All instructions of a body, the final <c>end</c> included.</summary>
    /// <exception cref="UnmodelledException">The length of one is not known, so that nothing behind it can be read.</exception>
    public static List<RawInstruction> Scan(DecodedModule module, BodyRange body)
    {
        var cursor = new ByteCursor(module.Bytes, body.Start, body.End, module.File);
        var result = new List<RawInstruction>();
        while (!cursor.AtEnd)
        {
            result.Add(Next(ref cursor));
        }

        return result;
    }

    private static RawInstruction Next(ref ByteCursor c)
    {
        var offset = c.Position;
        int opcode = c.U8();
        if (opcode is >= 0xFB and <= 0xFE)
        {
            opcode = opcode << 16 | (int)Math.Min(c.U32(), 0xFFFF);
        }

        return new RawInstruction(offset, opcode, Operands(opcode, ref c));
    }

    /// <summary>Reserved vector codes have no immediates.</summary>
    private static RawOperand[] Operands(int opcode, ref ByteCursor c)
    {
        if (InstructionTable.Find(opcode) is not { } row)
        {
            return opcode >> 16 == 0xFD ? [] : throw new UnmodelledException(InstructionTable.NameOf(opcode));
        }

        var operands = new List<RawOperand>();
        foreach (var kind in row.Immediates)
        {
            Read(kind, ref c, operands);
        }

        return [.. operands];
    }

    private static void Read(OperandKind kind, ref ByteCursor c, List<RawOperand> operands)
    {
        void Literal(ulong value) => operands.Add(new RawOperand(OperandKind.Literal, value));
        switch (kind)
        {
            case OperandKind.BlockType: operands.Add(new RawOperand(kind, unchecked((ulong)c.S64(33)))); break;
            case OperandKind.I32: Literal(unchecked((uint)c.S64(32))); break;
            case OperandKind.I64: Literal(unchecked((ulong)c.S64(64))); break;
            case OperandKind.F32: Literal(c.Fixed(4)); break;
            case OperandKind.F64: Literal(c.Fixed(8)); break;
            case OperandKind.Byte or OperandKind.Lane: Literal(c.U8()); break;
            case OperandKind.Bytes:
                Literal(c.Fixed(8));
                Literal(c.Fixed(8));
                break;
            case OperandKind.Types:
                for (var count = c.Count(); count > 0; count--)
                {
                    Literal(c.U8());
                }

                break;
            case OperandKind.Labels:
                for (var count = c.Count() + 1; count > 0; count--)
                {
                    operands.Add(new RawOperand(OperandKind.Label, c.U32()));
                }

                break;
            case OperandKind.Access: // the alignment is a hint without meaning
                var memory = (c.U32() & 0x40) != 0 ? c.U32() : 0;
                Literal(c.U64());
                operands.Add(new RawOperand(OperandKind.Memory, memory));
                break;
            default: operands.Add(new RawOperand(kind, c.U32())); break;
        }
    }
}
