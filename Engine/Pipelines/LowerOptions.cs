using System.Collections.Immutable;
using Pulse.Build.Engine.Firmware;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>What <see cref="ThumbCompiler"/> is asked to do.</summary>
public sealed record LowerOptions
{
    /// <summary>The optimised module.</summary>
    public required InputFile Module { get; init; }

    /// <summary>The provenance beside it, or null.</summary>
    public string? ProvenanceJson { get; init; }

    /// <summary>Processor, <c>cortex-m3</c>.</summary>
    public string Target { get; init; } = "cortex-m3";

    /// <summary>Board with its memory map and vector names; needed for firmware.</summary>
    public string Board { get; init; } = "";

    /// <summary>How accesses stay inside linear memory.</summary>
    public BoundsChecks Bounds { get; init; } = BoundsChecks.Software;

    /// <summary>What the cost model aims at.</summary>
    public OptimizeMode Mode { get; init; } = OptimizeMode.Balanced;

    /// <summary>Image or object.</summary>
    public OutputKind Output { get; init; } = OutputKind.Firmware;

    /// <summary>Vectors bound to exports.</summary>
    public ImmutableArray<InterruptHandler> InterruptHandlers { get; init; } = [];

    /// <summary>The export that the reset code calls.</summary>
    public string Entry { get; init; } = "run";

    /// <summary>Bytes of flash before the image: a boot loader's.</summary>
    public uint FlashOffset { get; init; }

    /// <summary>Bytes at the end of RAM that start-up leaves as they are.</summary>
    public uint NoInitBytes { get; init; }

    /// <summary>RAM besides the board's, for what does not fit there.</summary>
    public ImmutableArray<RamRange> ExtraRam { get; init; } = [];

    /// <summary>Whether a CRC stands behind the image.</summary>
    public bool ImageCrc { get; init; }

    /// <summary>Bytes of RAM for the machine stack; null for what the calls can take.</summary>
    public uint? StackSize { get; init; }

    /// <summary>Whether guards share the instruction that traps.</summary>
    public TrapSites Traps { get; init; } = TrapSites.Shared;

    /// <summary>What a fault does.</summary>
    public FaultHandling Faults { get; init; } = FaultHandling.Halt;

    /// <summary>Base name of the outputs; it is the guard of the C header and the title of the map.</summary>
    public string Name { get; init; } = "firmware";
}

/// <summary>A range of RAM.</summary>
/// <param name="Origin">Its first address.</param>
/// <param name="Bytes">Its length.</param>
public readonly record struct RamRange(uint Origin, uint Bytes);

/// <summary>The vector <paramref name="Vector"/> (<c>SysTick</c>, <c>USART1</c>) runs the export <paramref name="Export"/>.</summary>
/// <param name="Vector">Name of the vector; empty where only the handler matters.</param>
/// <param name="Export">Name of the export.</param>
public sealed record InterruptHandler(string Vector, string Export)
{
    /// <summary>0 to 255, a lower number interrupts a higher one; null when the project does not say. A board may have fewer.</summary>
    public int? Priority { get; init; }

    /// <summary>Whether firmware enables the interrupt before it runs the entry.</summary>
    public bool Enabled { get; init; }

    /// <summary>The same for the linker.</summary>
    internal InterruptBinding Binding => new(Vector, Export) { Priority = Priority, Enabled = Enabled };
}
