namespace Pulse.Build.Tests.Codegen;

/// <summary>How a run on the emulated machine ended.</summary>
internal enum MachineEndKind
{
    Returned,

    /// <summary>At a <c>udf</c>.</summary>
    Trapped,

    /// <summary>At anything else that the machine cannot execute.</summary>
    Faulted,

    /// <summary>It had not ended when the instructions that it was given were used up.</summary>
    Running,
}

/// <summary>How a run on the emulated machine ended, and with what.</summary>
/// <param name="Kind">How.</param>
/// <param name="Trap">The number of the <c>udf</c>.</param>
/// <param name="Status">The emulator's error.</param>
/// <param name="Pc">Where.</param>
/// <param name="Words">The words of the results.</param>
/// <param name="StackUsedUp">Whether the stack pointer had left the stack, or nearly so.</param>
internal sealed record MachineEnd(MachineEndKind Kind, int Trap, int Status, uint Pc, uint[] Words, bool StackUsedUp);
