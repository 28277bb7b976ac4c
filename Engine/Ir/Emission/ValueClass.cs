using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>Values that share a local.</summary>
internal sealed class ValueClass(Value first, SegmentSet segments)
{
    public Value First => first;

    /// <summary>Where the local holds one of the values.</summary>
    public SegmentSet Segments { get; set; } = segments;

    /// <summary>Where the local already holds a constant that an edge is to pass on.</summary>
    public SegmentSet Constant { get; } = new();

    /// <summary>The class that this one has become part of.</summary>
    public ValueClass? Into { get; set; }

    public Local? Local { get; set; }
}

/// <summary>A local and where something is in it.</summary>
internal sealed class Local(ValType type)
{
    public ValType Type => type;

    public int Index { get; set; }

    public int Uses { get; set; }

    public SegmentSet Segments { get; set; } = new();
}
