using System.Buffers.Binary;

namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>What an immediate refers to; the two sides number these spaces differently.</summary>
internal enum OperandKind : byte { Literal, BlockType, Function, Type, Table, Memory, Global, Local, Label, Data, Element, Tag }

/// <summary>One immediate.</summary>
internal readonly record struct RawOperand(OperandKind Kind, ulong Value);

/// <summary>An instruction as it is encoded: opcode (a prefix byte in the third byte) and immediates.</summary>
internal readonly record struct RawInstruction(int Offset, int Opcode, RawOperand[] Operands)
{
    public ulong this[int index] => Operands[index].Value;

    public int Index(int operand) => checked((int)Operands[operand].Value);
}

/// <summary>An instruction whose length is not known, so that nothing behind it can be read.</summary>
internal sealed class UnknownInstructionException(int opcode) : Exception(InstructionTable.NameOf(opcode));

/// <summary>Cuts a body into instructions. It knows the shape of more instructions than the judge has a meaning for.</summary>
internal static class InstructionScanner
{
    /// <summary>All instructions of a body, the final <c>end</c> included.</summary>
    public static List<RawInstruction> Scan(DecodedModule module, BodyRange body)
    {
        var cursor = new ByteCursor(module.Bytes, body.Start, body.End, module.File);
        var result = new List<RawInstruction>();
        while (!cursor.AtEnd)
        {
            result.Add(Next(module, ref cursor));
        }

        return result;
    }

    private static RawInstruction Next(DecodedModule module, ref ByteCursor c)
    {
        var offset = c.Position;
        int opcode = c.U8();
        if (opcode is >= 0xFB and <= 0xFE)
        {
            opcode = opcode << 16 | (int)Math.Min(c.U32(), 0xFFFF);
        }

        return new RawInstruction(offset, opcode, Operands(module, opcode, ref c));
    }

    private static RawOperand[] Operands(DecodedModule module, int opcode, ref ByteCursor c) => opcode switch
    {
        0x02 or 0x03 or 0x04 or 0x06 => [BlockType(ref c)],
        0x07 or 0x08 => [One(OperandKind.Tag, ref c)],
        0x09 or 0x0C or 0x0D or 0x18 => [One(OperandKind.Label, ref c)],
        0x0E => Labels(ref c),
        0x10 or 0x12 => [One(OperandKind.Function, ref c)],
        0x11 or 0x13 => [One(OperandKind.Type, ref c), One(OperandKind.Table, ref c)],
        0x14 or 0x15 => [One(OperandKind.Type, ref c)],
        0x1C => SelectTypes(ref c),
        >= 0x20 and <= 0x22 => [One(OperandKind.Local, ref c)],
        0x23 or 0x24 => [One(OperandKind.Global, ref c)],
        0x25 or 0x26 => [One(OperandKind.Table, ref c)],
        >= 0x28 and <= 0x3E => MemoryArgument(ref c),
        0x3F or 0x40 => [One(OperandKind.Memory, ref c)],
        0x41 => [Literal(unchecked((uint)c.S64(32)))],
        0x42 => [Literal(unchecked((ulong)c.S64(64)))],
        0x43 => [Literal(c.Fixed(4))],
        0x44 => [Literal(c.Fixed(8))],
        0xD0 => [Literal(c.U8())],
        0xD2 => [One(OperandKind.Function, ref c)],
        0x00 or 0x01 or 0x05 or 0x0A or 0x0B or 0x0F or 0x19 or 0x1A or 0x1B or 0xD1 => [],
        >= 0x45 and <= 0xC4 => [],
        >= 0xFC0000 and <= 0xFC0007 => [],
        0xFC0008 => [One(OperandKind.Data, ref c), One(OperandKind.Memory, ref c)],
        0xFC0009 => [One(OperandKind.Data, ref c)],
        0xFC000A => [One(OperandKind.Memory, ref c), One(OperandKind.Memory, ref c)],
        0xFC000B => [One(OperandKind.Memory, ref c)],
        0xFC000C => [One(OperandKind.Element, ref c), One(OperandKind.Table, ref c)],
        0xFC000D => [One(OperandKind.Element, ref c)],
        0xFC000E => [One(OperandKind.Table, ref c), One(OperandKind.Table, ref c)],
        >= 0xFC000F and <= 0xFC0011 => [One(OperandKind.Table, ref c)],
        _ when opcode >> 16 == 0xFD => Vector(module, opcode & 0xFFFF, ref c),
        0xFE0003 => [Literal(c.U8())],
        _ when opcode >> 16 == 0xFE && (opcode & 0xFFFF) <= 0x4E => MemoryArgument(ref c),
        _ => throw new UnknownInstructionException(opcode),
    };

    private static RawOperand One(OperandKind kind, ref ByteCursor c) => new(kind, c.U32());

    private static RawOperand Literal(ulong value) => new(OperandKind.Literal, value);

    private static RawOperand BlockType(ref ByteCursor c) => new(OperandKind.BlockType, unchecked((ulong)c.S64(33)));

    private static RawOperand[] Labels(ref ByteCursor c)
    {
        var labels = new RawOperand[c.Count() + 1];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = One(OperandKind.Label, ref c);
        }

        return labels;
    }

    private static RawOperand[] SelectTypes(ref ByteCursor c)
    {
        var types = new RawOperand[c.Count()];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = Literal(c.U8());
        }

        return types;
    }

    /// <summary>(offset, memory); the alignment is a hint without meaning.</summary>
    private static RawOperand[] MemoryArgument(ref ByteCursor c)
    {
        var flags = c.U32();
        var memory = (flags & 0x40) != 0 ? c.U32() : 0;
        return [Literal(c.U64()), new RawOperand(OperandKind.Memory, memory)];
    }

    private static RawOperand[] Vector(DecodedModule module, int code, ref ByteCursor c)
    {
        if (code <= 11 || code is 92 or 93)
        {
            return MemoryArgument(ref c);
        }

        if (code is 12 or 13)
        {
            var at = c.Skip(16);
            var span = module.Bytes.AsSpan(at, 16);
            return [Literal(BinaryPrimitives.ReadUInt64LittleEndian(span)), Literal(BinaryPrimitives.ReadUInt64LittleEndian(span[8..]))];
        }

        return code is >= 84 and <= 91 ? [.. MemoryArgument(ref c), Literal(c.U8())] : code is >= 21 and <= 34 ? [Literal(c.U8())] : [];
    }
}
