using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Instructions;

/// <summary>Instructions on globals, memories, tables and references.</summary>
internal static class StateRows
{
    private const int Any = InstructionRow.Any;
    private const Effects Changes = Effects.Writes | Effects.Partial;

    public static InstructionRow[] All { get; } =
    [
        InstructionRow.Of(0x1B, "select", [Any, Any, 32], Any, (f, x) => f.IfThenElse(f.Equal(x[2], f.Constant(0, 32)), x[1], x[0])),
        new(0x23, "global.get", [OperandKind.Global], [], Any, Effects.None, (m, i, _) => m.ReadGlobal(i.First)),
        Row(0x24, "global.set", [OperandKind.Global], [Any], Effects.Writes, (m, i, x) => m.WriteGlobal(i.First, x[0])),
        Load(0x28, "i32.load", 4, 32),
        Load(0x29, "i64.load", 8, 64),
        Load(0x2A, "f32.load", 4, 32),
        Load(0x2B, "f64.load", 8, 64),
        Load(0x2C, "i32.load8_s", 1, 32, signed: true),
        Load(0x2D, "i32.load8_u", 1, 32),
        Load(0x2E, "i32.load16_s", 2, 32, signed: true),
        Load(0x2F, "i32.load16_u", 2, 32),
        Load(0x30, "i64.load8_s", 1, 64, signed: true),
        Load(0x31, "i64.load8_u", 1, 64),
        Load(0x32, "i64.load16_s", 2, 64, signed: true),
        Load(0x33, "i64.load16_u", 2, 64),
        Load(0x34, "i64.load32_s", 4, 64, signed: true),
        Load(0x35, "i64.load32_u", 4, 64),
        Store(0x36, "i32.store", 4, 32),
        Store(0x37, "i64.store", 8, 64),
        Store(0x38, "f32.store", 4, 32),
        Store(0x39, "f64.store", 8, 64),
        Store(0x3A, "i32.store8", 1, 32),
        Store(0x3B, "i32.store16", 2, 32),
        Store(0x3C, "i64.store8", 1, 64),
        Store(0x3D, "i64.store16", 2, 64),
        Store(0x3E, "i64.store32", 4, 64),
        new(0x3F, "memory.size", [OperandKind.Memory], [], Any, Effects.None, (m, i, _) => m.Size(i.First)),
        new(0x40, "memory.grow", [OperandKind.Memory], [Any], Any, Effects.Writes | Effects.World, (m, i, x) => m.Grow(i.First, x[0])),
        Row(0xFC0008, "memory.init", [OperandKind.Data, OperandKind.Memory], [Any, 32, 32], Changes, (m, i, x) => m.Initialize(i.First, i.Second, x[0], x[1], x[2])) with { IsUninterpreted = true },
        Row(0xFC0009, "data.drop", [OperandKind.Data], [], Effects.Writes, (m, i, _) => m.DropData(i.First)),
        Row(0xFC000A, "memory.copy", [OperandKind.Memory, OperandKind.Memory], [Any, Any, Any], Changes, (m, i, x) => m.Copy(i.First, i.Second, x[0], x[1], x[2])),
        Row(0xFC000B, "memory.fill", [OperandKind.Memory], [Any, 32, Any], Changes, (m, i, x) => m.Fill(i.First, x[0], x[1], x[2])),
        Table(0x25, "table.get", TableOperation.Get, [OperandKind.Table], [Any], 64, Effects.Partial),
        Table(0x26, "table.set", TableOperation.Set, [OperandKind.Table], [Any, 64], 0, Changes),
        Table(0xFC000C, "table.init", TableOperation.Initialize, [OperandKind.Element, OperandKind.Table], [Any, 32, 32], 0, Changes),
        Table(0xFC000D, "elem.drop", TableOperation.Drop, [OperandKind.Element], [], 0, Effects.Writes),
        Table(0xFC000E, "table.copy", TableOperation.Copy, [OperandKind.Table, OperandKind.Table], [Any, Any, Any], 0, Changes),
        Table(0xFC000F, "table.grow", TableOperation.Grow, [OperandKind.Table], [64, Any], Any, Effects.Writes | Effects.World),
        Table(0xFC0010, "table.size", TableOperation.Size, [OperandKind.Table], [], Any, Effects.None),
        Table(0xFC0011, "table.fill", TableOperation.Fill, [OperandKind.Table], [Any, 64, Any], 0, Changes),
        new(0xD0, "ref.null", [OperandKind.Byte], [], 64, Effects.None, (m, _, _) => m.Terms.Constant(0, 64)),
        InstructionRow.Of(0xD1, "ref.is_null", [64], 32, (f, x) => f.Bit(f.Equal(x[0], f.Constant(0, 64)), 32)),
        new(0xD2, "ref.func", [OperandKind.Function], [], 64, Effects.None, (m, i, _) => m.Reference(i.First)),
    ];

    private static InstructionRow Load(int opcode, string name, int bytes, int width, bool signed = false)
        => new(opcode, name, [OperandKind.Access], [Any], width, Effects.Partial, (m, i, x) =>
        {
            var value = m.Load(i, x[0], 1, bytes)[0];
            return signed ? m.Terms.SignExtend(value, width) : m.Terms.ZeroExtend(value, width);
        })
        { AccessBytes = bytes };

    private static InstructionRow Store(int opcode, string name, int bytes, int width)
        => Row(opcode, name, [OperandKind.Access], [Any, width], Changes, (m, i, x) => m.Store(i, x[0], m.Terms.Extract(x[1], 8 * bytes - 1, 0))) with { AccessBytes = bytes };

    private static InstructionRow Table(int opcode, string name, TableOperation operation, OperandKind[] immediates, int[] operands, int result, Effects effects)
        => new(opcode, name, [.. immediates], [.. operands], result, effects, (m, i, x) => m.OnTable(operation, i, x)) { IsUninterpreted = operation != TableOperation.Drop };

    private static InstructionRow Row(int opcode, string name, OperandKind[] immediates, int[] operands, Effects effects, Action<IMachine, FlowInstruction, Term[]> meaning)
        => new(opcode, name, [.. immediates], [.. operands], InstructionRow.None, effects, (m, i, x) =>
        {
            meaning(m, i, x);
            return null;
        });
}

/// <summary>Atomic instructions. Bounds and alignment are exact; what they do is an event of the world.</summary>
internal static class AtomicRows
{
    private static readonly (string Type, string Suffix, int Bytes, int Width)[] Shapes =
    [
        ("i32", "", 4, 32), ("i64", "", 8, 64), ("i32", "8", 1, 32), ("i32", "16", 2, 32), ("i64", "8", 1, 64), ("i64", "16", 2, 64), ("i64", "32", 4, 64),
    ];

    public static InstructionRow[] All { get; } =
    [
        Row(0xFE0000, "memory.atomic.notify", [InstructionRow.Any, 32], new AtomicAccess(4, 32, Writes: false)),
        Row(0xFE0001, "memory.atomic.wait32", [InstructionRow.Any, 32, 64], new AtomicAccess(4, 32, Writes: true, Waits: true)),
        Row(0xFE0002, "memory.atomic.wait64", [InstructionRow.Any, 64, 64], new AtomicAccess(8, 32, Writes: true, Waits: true)),
        Row(0xFE0003, "atomic.fence", [], new AtomicAccess(0, InstructionRow.None, Writes: false), OperandKind.Byte),
        .. Group(0xFE0010, "load", 0),
        .. Group(0xFE0017, "store", 1),
        .. Group(0xFE001E, "rmw.add", 1),
        .. Group(0xFE0025, "rmw.sub", 1),
        .. Group(0xFE002C, "rmw.and", 1),
        .. Group(0xFE0033, "rmw.or", 1),
        .. Group(0xFE003A, "rmw.xor", 1),
        .. Group(0xFE0041, "rmw.xchg", 1),
        .. Group(0xFE0048, "rmw.cmpxchg", 2),
    ];

    /// <summary>Seven instructions that differ in widths: the narrow ones extend with zeros.</summary>
    private static IEnumerable<InstructionRow> Group(int first, string name, int operands) => Shapes.Select((shape, k) =>
    {
        var isStore = name == "store";
        var parts = name.Split('.');
        var sign = shape.Suffix.Length == 0 || isStore ? "" : "_u";
        var full = parts.Length == 1 ? $"{shape.Type}.atomic.{name}{shape.Suffix}{sign}" : $"{shape.Type}.atomic.rmw{shape.Suffix}.{parts[1]}{sign}";
        return Row(first + k, full, [InstructionRow.Any, .. Enumerable.Repeat(shape.Width, operands)],
            new AtomicAccess(shape.Bytes, isStore ? InstructionRow.None : shape.Width, Writes: operands > 0));
    });

    private static InstructionRow Row(int opcode, string name, int[] operands, AtomicAccess access, OperandKind immediate = OperandKind.Access)
        => new(opcode, name, [immediate], [.. operands], access.Result, Effects.Anything, (m, i, x) => m.Atomic(access, i, x)) { AccessBytes = access.Bytes, IsUninterpreted = true };
}
