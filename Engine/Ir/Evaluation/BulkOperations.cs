using Pulse.Build.Engine.Ir.Evaluation.Scalars;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>Operations on ranges of memories and tables: they check both ranges first, and then do everything or nothing.</summary>
/// <remarks>Core 3.0 #exec-memory.copy and the like</remarks>
internal static class BulkOperations
{
    /// <summary><c>memory.init</c>.</summary>
    public static void MemoryInit(MemoryInstance memory, ulong to, ReadOnlySpan<byte> segment, ulong from, ulong count)
    {
        Require(memory.Holds(to, count) && Holds(segment.Length, from, count), TrapKind.OutOfBoundsMemory);
        memory.WriteBytes(to, segment.Slice((int)from, (int)count));
    }

    /// <summary><c>memory.fill</c>.</summary>
    public static void MemoryFill(MemoryInstance memory, ulong to, byte value, ulong count)
    {
        Require(memory.Holds(to, count), TrapKind.OutOfBoundsMemory);
        memory.Fill(to, value, count);
    }

    /// <summary><c>memory.copy</c>; the ranges may overlap.</summary>
    public static void MemoryCopy(MemoryInstance memory, ulong to, MemoryInstance source, ulong from, ulong count)
    {
        Require(memory.Holds(to, count) && source.Holds(from, count), TrapKind.OutOfBoundsMemory);
        var buffer = new byte[Math.Min(count, 1 << 16)];
        var backwards = to > from;
        for (ulong done = 0; done < count;)
        {
            var part = (int)Math.Min((ulong)buffer.Length, count - done);
            var at = backwards ? count - done - (ulong)part : done;
            source.ReadBytes(from + at, buffer.AsSpan(0, part));
            memory.WriteBytes(to + at, buffer.AsSpan(0, part));
            done += (ulong)part;
        }
    }

    /// <summary><c>table.init</c>.</summary>
    public static void TableInit(TableInstance table, ulong to, ReadOnlySpan<object?> segment, ulong from, ulong count)
    {
        Require(table.Holds(to, count) && Holds(segment.Length, from, count), TrapKind.OutOfBoundsTable);
        for (ulong i = 0; i < count; i++)
        {
            table[to + i] = segment[(int)(from + i)];
        }
    }

    /// <summary><c>table.fill</c>.</summary>
    public static void TableFill(TableInstance table, ulong to, object? entry, ulong count)
    {
        Require(table.Holds(to, count), TrapKind.OutOfBoundsTable);
        for (ulong i = 0; i < count; i++)
        {
            table[to + i] = entry;
        }
    }

    /// <summary><c>table.copy</c>; the ranges may overlap.</summary>
    public static void TableCopy(TableInstance table, ulong to, TableInstance source, ulong from, ulong count)
    {
        Require(table.Holds(to, count) && source.Holds(from, count), TrapKind.OutOfBoundsTable);
        for (ulong i = 0; i < count; i++)
        {
            var at = to > from ? count - 1 - i : i;
            table[to + at] = source[from + at];
        }
    }

    private static bool Holds(int length, ulong from, ulong count) => count <= (ulong)length && from <= (ulong)length - count;

    private static void Require(bool holds, TrapKind trap)
    {
        if (!holds)
        {
            throw new TrapException(trap);
        }
    }
}
