using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Wasm;

/// <summary>One row of the instruction table.</summary>
/// <param name="Opcode">The code.</param>
/// <param name="Mnemonic">Name in the text format and in the IR.</param>
/// <param name="Immediate">Which immediates follow the opcode.</param>
/// <param name="Pops">Operand types, deepest first; default for a custom row.</param>
/// <param name="Pushes">Result types; default for a custom row.</param>
/// <param name="Effects">What it can do beyond its results.</param>
/// <param name="Anchor">Anchor of the validation rule in the core specification 3.0.</param>
/// <param name="AccessBytes">Bytes an access to memory touches, else 0.</param>
/// <param name="Lanes">Where lanes are immediates: the number of lanes that they choose from.</param>
internal sealed record OpcodeInfo(
    Opcode Opcode,
    string Mnemonic,
    ImmediateKind Immediate,
    ImmutableArray<ValType> Pops,
    ImmutableArray<ValType> Pushes,
    Effects Effects,
    string Anchor,
    int AccessBytes = 0,
    int Lanes = 0)
{
    /// <summary>The proposal that the instruction needs, or none when every module may use it.</summary>
    public WasmFeatures Feature { get; } = FeatureOf(Opcode);

    /// <summary>Whether the operands depend on more than the opcode.</summary>
    public bool IsCustom => Pops.IsDefault;

    /// <summary>Whether it reads memory at an address and pushes what it read.</summary>
    public bool IsLoad => Immediate == ImmediateKind.MemArg && (Effects & Effects.WritesMemory) == 0;

    /// <summary>Whether it writes one operand to memory at an address.</summary>
    public bool IsStore => Immediate == ImmediateKind.MemArg && (Effects & Effects.WritesMemory) != 0;

    /// <summary>Whether it has no effect and cannot trap.</summary>
    public bool IsPure => Effects == Effects.Pure;

    /// <summary>Proposals have code spaces of their own; tail calls alone stand among the first instructions.</summary>
    private static WasmFeatures FeatureOf(Opcode opcode) => (int)opcode switch
    {
        0x12 or 0x13 => WasmFeatures.TailCall,
        >= 0xFD0000 and < 0xFD0100 => WasmFeatures.Simd,
        >= 0xFD0100 and < 0xFE0000 => WasmFeatures.RelaxedSimd,
        >= 0xFE0000 => WasmFeatures.Threads,
        _ => WasmFeatures.None,
    };
}
