namespace Pulse.Build.Engine.Judge.Instructions;

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
