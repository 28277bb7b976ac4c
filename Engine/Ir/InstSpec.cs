using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>A target to be: a block and what is passed to its parameters.</summary>
internal readonly record struct Edge(Block Block, Value[] Arguments)
{
    /// <summary>A target without arguments.</summary>
    public Edge(Block block) : this(block, []) { }
}

/// <summary>An instruction to be.</summary>
internal readonly ref struct InstSpec
{
    /// <summary>What it does.</summary>
    public required Opcode Opcode { get; init; }

    /// <summary>Its immediates.</summary>
    public Immediates Immediates { get; init; }

    /// <summary>Its operands.</summary>
    public ReadOnlySpan<Value> Arguments { get; init; }

    /// <summary>The types of its results.</summary>
    public ReadOnlySpan<ValType> Results { get; init; }

    /// <summary>Its targets, for a terminator.</summary>
    public ReadOnlySpan<Edge> Targets { get; init; }

    /// <summary>Byte offset in the source module, or -1.</summary>
    public int Source { get; init; } = -1;

    public InstSpec() { }
}
