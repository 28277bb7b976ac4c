using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>A table of references.</summary>
internal sealed class TableInstance
{
    private const ulong LargestTable = 10_000_000;

    private readonly List<object?> _entries = [];

    public TableInstance(ValType elementType, Limits limits, object? initial = null)
    {
        (ElementType, Limits) = (elementType, limits);
        Grow(limits.Minimum, initial);
    }

    /// <summary>The type of the entries.</summary>
    public ValType ElementType { get; }

    /// <summary>As declared.</summary>
    public Limits Limits { get; }

    /// <summary>Number of entries.</summary>
    public ulong Size => (ulong)_entries.Count;

    /// <summary>An entry; the caller has checked the index with <see cref="Holds"/>.</summary>
    public object? this[ulong index]
    {
        get => _entries[(int)index];
        set => _entries[(int)index] = value;
    }

    /// <summary>Whether <paramref name="count"/> entries start at <paramref name="index"/>.</summary>
    public bool Holds(ulong index, ulong count) => count <= Size && index <= Size - count;

    /// <summary>Adds entries; the old size, or -1 when that is not possible.</summary>
    public long Grow(ulong count, object? entry)
    {
        var old = Size;
        if (count > LargestTable - old || (Limits.Maximum is { } maximum && old + count > maximum))
        {
            return -1;
        }

        _entries.AddRange(Enumerable.Repeat(entry, (int)count));
        return (long)old;
    }
}
