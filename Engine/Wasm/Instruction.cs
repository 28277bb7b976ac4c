namespace Pulse.Build.Engine.Wasm;

/// <summary>One decoded instruction. Which of the immediates are set, <see cref="ImmediateKind"/> says.</summary>
/// <param name="Info">Row of the instruction table.</param>
/// <param name="Offset">Byte offset of the opcode in the file.</param>
internal readonly record struct Instruction(OpcodeInfo Info, int Offset)
{
    /// <summary>The code.</summary>
    public Opcode Opcode => Info.Opcode;

    /// <summary>First index immediate.</summary>
    public int A { get; init; }

    /// <summary>Second index immediate.</summary>
    public int B { get; init; }

    /// <summary>Constant bits, or a memory offset.</summary>
    public ulong Wide { get; init; }

    /// <summary>The upper half of a 128-bit constant, or the lane of a memory access.</summary>
    public ulong High { get; init; }

    /// <summary>Label depths of <c>br_table</c>, types of a typed <c>select</c>.</summary>
    public int[]? Labels { get; init; }
}
