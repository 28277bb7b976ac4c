using System.Collections.Immutable;

namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>Reads element and data segments in all their encodings.</summary>
internal static class SegmentDecoder
{
    public static ElementSegment ReadElement(DecodedModule module, ref ByteCursor c)
    {
        var flags = c.U32();
        if (flags > 7)
        {
            throw c.Fail("element flags are not understood");
        }

        var passive = (flags & 1) != 0;
        var mode = passive ? (flags & 2) != 0 ? SegmentMode.Declarative : SegmentMode.Passive : SegmentMode.Active;
        var table = !passive && (flags & 2) != 0 ? c.Index() : 0;
        var offset = passive ? null : InitialDecoder.Read(ref c);
        var expressions = (flags & 4) != 0;
        var kind = ValueKind.FunctionReference;
        if ((flags & 3) != 0)
        {
            if (expressions)
            {
                kind = ModuleDecoder.ReadKind(ref c);
            }
            else if (c.U8() != 0)
            {
                throw c.Fail("element kind is not understood");
            }
        }

        var items = ImmutableArray.CreateBuilder<Initial>();
        for (var count = c.Count(); count > 0; count--)
        {
            items.Add(expressions ? InitialDecoder.Read(ref c) : new Initial(InitialKind.Function, c.U32(), "ref.func"));
        }

        return new ElementSegment(module.Elements.Count, mode, table, offset, kind, items.ToImmutable());
    }

    public static DataSegment ReadData(DecodedModule module, ref ByteCursor c)
    {
        var flags = c.U32();
        if (flags > 2)
        {
            throw c.Fail("data flags are not understood");
        }

        var memory = flags == 2 ? c.Index() : 0;
        var offset = flags == 1 ? null : InitialDecoder.Read(ref c);
        var length = c.Count();
        var at = c.Skip(length);
        return new DataSegment(module.Data.Count, flags == 1 ? SegmentMode.Passive : SegmentMode.Active, memory, offset, module.Bytes.AsMemory(at, length));
    }
}

/// <summary>
/// Reads a constant expression. Arithmetic on constants is done here, so that an extended expression is the constant that it gives; one
/// that reads globals besides is kept as text.
/// </summary>
internal static class InitialDecoder
{
    public static Initial Read(ref ByteCursor c)
    {
        var stack = new Stack<Initial>();
        for (var opcode = c.U8(); opcode != 0x0B; opcode = c.U8())
        {
            stack.Push(opcode switch
            {
                0x41 => Constant(unchecked((uint)c.S64(32)), "i32"),
                0x42 => Constant(unchecked((ulong)c.S64(64)), "i64"),
                0x43 => Constant(c.Fixed(4), "f32"),
                0x44 => Constant(c.Fixed(8), "f64"),
                0xFD when c.U32() == 12 => Vector(ref c),
                0x23 => new Initial(InitialKind.ImportedGlobal, (ulong)c.Index(), "global.get"),
                0xD2 => new Initial(InitialKind.Function, c.U32(), "ref.func"),
                0xD0 => new Initial(InitialKind.Null, c.U8(), "ref.null"),
                0x6A or 0x6B or 0x6C or 0x7C or 0x7D or 0x7E when stack.Count >= 2 => Arithmetic(opcode, stack.Pop(), stack.Pop()),
                _ => throw c.Fail($"constant instruction 0x{opcode:x2} is not understood"),
            });
        }

        return stack.Count == 1 ? stack.Pop() : throw c.Fail("a constant expression leaves one value");
    }

    private static Initial Constant(ulong value, string type) => new(InitialKind.Constant, value, type);

    /// <summary>Its text tells a vector from others.</summary>
    private static Initial Vector(ref ByteCursor c)
    {
        var (low, high) = (c.Fixed(8), c.Fixed(8));
        return new Initial(InitialKind.Vector, low, $"v128 {high:x16}{low:x16}", []) { High = high };
    }

    private static Initial Arithmetic(int opcode, Initial right, Initial left)
    {
        if (left.Kind == InitialKind.Constant && right.Kind == InitialKind.Constant)
        {
            var (x, y) = (left.Value, right.Value);
            var value = unchecked(opcode switch { 0x6A or 0x7C => x + y, 0x6B or 0x7D => x - y, _ => x * y });
            return opcode < 0x70 ? Constant(value & uint.MaxValue, "i32") : Constant(value, "i64");
        }

        var text = string.Concat(new[] { left, right }.Select(operand => $"{operand.Text} {(operand.Kind == InitialKind.Constant ? operand.Value : 0)} "));
        return new Initial(InitialKind.Other, 0, $"{text}{opcode:x2}", [.. left.Reads, .. right.Reads]);
    }
}
