using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>What a component of the product state is.</summary>
internal enum PartKind { World, Memory, MemorySize, Global, Table, DataLength, ElementLength }

/// <summary>One component of the state that both modules share.</summary>
/// <param name="Index">Position in <see cref="StateLayout.Parts"/>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Width">Its sort.</param>
/// <param name="Name">A name for SMT text and reports.</param>
/// <param name="Low">Least value, for a size.</param>
/// <param name="High">Greatest value, for a size.</param>
internal sealed record StatePart(int Index, PartKind Kind, int Width, string Name, ulong Low, ulong High)
{
    /// <summary>Bytes of a page are two to the power of this; of a memory and its size.</summary>
    public int PageSizeLog2 { get; init; } = 16;

    /// <summary>What AX-MEM says of it.</summary>
    public (ulong Low, ulong High)? Bounds => Kind == PartKind.MemorySize ? (Low, High) : null;

    /// <summary>Whether other threads can see and change it.</summary>
    public bool Shared { get; init; }
}

/// <summary>The components of the product state, the world's history first. Both sides' instructions refer to them by position.</summary>
internal sealed class StateLayout
{
    private readonly List<StatePart> _parts = [new(0, PartKind.World, Sort.Token, "world", 0, 0)];

    /// <summary>Position of the world's history.</summary>
    public const int World = 0;

    public IReadOnlyList<StatePart> Parts => _parts;

    public int Add(PartKind kind, int width, string name, ulong low = 0, ulong high = ulong.MaxValue)
    {
        _parts.Add(new StatePart(_parts.Count, kind, width, name, low, high));
        return _parts.Count - 1;
    }

    /// <summary>Adds a memory and, behind it, its size; null when it could be larger than the model of its bounds allows.</summary>
    public int? AddMemory(Limits limits, string name)
    {
        // A 32-bit memory has at most 2³² bytes; that one of 64 bits has less than 2⁶³ is an assumption (AX-MEM).
        var most = limits.Is64 ? (1UL << 62) >> limits.PageSizeLog2 : Math.Min((1UL << 32) >> limits.PageSizeLog2, uint.MaxValue);
        if (limits.PageSizeLog2 is not (0 or 16) || limits.Minimum > Math.Min(limits.Maximum ?? most, most))
        {
            return null;
        }

        var width = limits.Is64 ? 64 : 32;
        var part = Add(PartKind.Memory, limits.Is64 ? Sort.Memory64 : Sort.Memory, name);
        Add(PartKind.MemorySize, width, name + ".size", limits.Minimum, Math.Min(limits.Maximum ?? most, most));
        for (var i = part; i <= part + 1; i++)
        {
            _parts[i] = _parts[i] with { PageSizeLog2 = limits.PageSizeLog2, Shared = limits.Shared };
        }

        return part;
    }

    /// <summary>A fresh variable for a component; sizes carry their limits (AX-MEM).</summary>
    public static Term Fresh(TermFactory factory, StatePart part, string name, int owner = -1)
        => factory.Variable(name, part.Width, owner, part.Bounds);

    /// <summary>All components as fresh variables with this prefix.</summary>
    public Term[] Fresh(TermFactory factory, string prefix) => [.. _parts.Select(p => Fresh(factory, p, prefix + p.Name))];
}

/// <summary>Names of the variables that stand for the state at the entry of a function.</summary>
internal static class EntryNames
{
    /// <summary>Prefix of the components of the state.</summary>
    public const string Prefix = "s.";

    /// <summary>Name of a parameter.</summary>
    public static string Parameter(int index) => FormattableString.Invariant($"p{index}");
}
