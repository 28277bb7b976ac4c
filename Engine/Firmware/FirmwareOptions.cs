using System.Collections.Immutable;

namespace Pulse.Build.Engine.Firmware;

/// <summary>What a fault does when no handler of the project's own is bound.</summary>
internal enum FaultAction : byte
{
    /// <summary>Stays in a loop with the facts in <see cref="LinkerSymbols.FaultRecord"/>, for a debugger.</summary>
    Halt,

    /// <summary>The same, and starts the processor anew.</summary>
    Reset,

    /// <summary>Calls <see cref="FaultCode.Export"/> with the kind of the trap, the address, the return address and the exception; halts when it returns.</summary>
    OnFault,

    /// <summary>Prints a line and ends the emulation or the debug session through semihosting, with a status of its own.</summary>
    SemihostingExit,
}

/// <summary>A vector and the exported function that it runs.</summary>
internal readonly record struct InterruptBinding(string Vector, string Export)
{
    /// <summary>From 0 to what the board's bits hold, a lower number interrupts a higher one; null when the project does not say.</summary>
    public int? Priority { get; init; }

    /// <summary>Whether start-up enables the interrupt, after the initialisers.</summary>
    public bool Enabled { get; init; }
}

/// <summary>What <see cref="FirmwareLinker"/> is asked for.</summary>
internal sealed record FirmwareOptions
{
    /// <summary>The board.</summary>
    public required Board Board { get; init; }

    /// <summary>Bytes of flash before the image: a boot loader's.</summary>
    public uint FlashOffset { get; init; }

    /// <summary>Bytes at the end of RAM that nothing is laid out in, so that they survive a reset.</summary>
    public uint NoInitBytes { get; init; }

    /// <summary>RAM besides the board's, for what does not fit there.</summary>
    public ImmutableArray<MemoryRange> AddedRam { get; init; } = [];

    /// <summary>Whether a CRC stands behind the image.</summary>
    public bool Checksum { get; init; }

    /// <summary>Exported function that runs after start-up; when it returns the processor sleeps between interrupts.</summary>
    public required string Entry { get; init; }

    /// <summary>Functions that run before the entry, in order (initialisers of modules).</summary>
    public ImmutableArray<string> Initializers { get; init; } = [];

    /// <summary>Vectors with handlers.</summary>
    public ImmutableArray<InterruptBinding> Handlers { get; init; } = [];

    /// <summary>Bytes of RAM for the machine stack; null for what the calls can take.</summary>
    public uint? StackSize { get; init; }

    /// <summary>What a fault does.</summary>
    public FaultAction Faults { get; init; } = FaultAction.Halt;

    /// <summary>Variables of 32 bits and what they are set to before <see cref="FaultAction.OnFault"/> calls: stack pointers of linear memory.</summary>
    public ImmutableArray<(string Symbol, uint Value)> FaultResets { get; init; } = [];
}
