using System.Collections.Immutable;

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
    /// <summary>The proposal that brought the instruction, or none when WebAssembly 1.0 has it.</summary>
    public WasmFeatures Feature { get; } = FeatureOf(Opcode);

    /// <summary>Whether the operands depend on more than the opcode.</summary>
    public bool IsCustom => Pops.IsDefault;

    /// <summary>Whether it reads memory at an address and pushes what it read.</summary>
    public bool IsLoad => Immediate == ImmediateKind.MemArg && (Effects & Effects.WritesMemory) == 0;

    /// <summary>Whether it writes one operand to memory at an address.</summary>
    public bool IsStore => Immediate == ImmediateKind.MemArg && (Effects & Effects.WritesMemory) != 0;

    /// <summary>Whether it has no effect and cannot trap.</summary>
    public bool IsPure => Effects == Effects.Pure;

    /// <summary>Proposals have ranges of codes; the newer ones whole code spaces of their own.</summary>
    private static WasmFeatures FeatureOf(Opcode opcode) => (int)opcode switch
    {
        0x12 or 0x13 => WasmFeatures.TailCall,
        0x1C or 0x25 or 0x26 or (>= 0xD0 and <= 0xD2) or (>= 0xFC000F and <= 0xFC0011) => WasmFeatures.ReferenceTypes,
        >= 0xC0 and <= 0xC4 => WasmFeatures.SignExtension,
        >= 0xFC0000 and <= 0xFC0007 => WasmFeatures.SaturatingConversions,
        >= 0xFC0008 and <= 0xFC000E => WasmFeatures.BulkMemory,
        >= 0xFD0000 and < 0xFD0100 => WasmFeatures.Simd,
        >= 0xFD0100 and < 0xFE0000 => WasmFeatures.RelaxedSimd,
        >= 0xFE0000 => WasmFeatures.Threads,
        _ => WasmFeatures.None,
    };
}
