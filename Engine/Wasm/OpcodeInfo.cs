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
/// <param name="AccessBytes">Bytes a load or store touches, else 0.</param>
internal sealed record OpcodeInfo(
    Opcode Opcode,
    string Mnemonic,
    ImmediateKind Immediate,
    ImmutableArray<ValType> Pops,
    ImmutableArray<ValType> Pushes,
    Effects Effects,
    string Anchor,
    int AccessBytes = 0)
{
    /// <summary>Whether the operands depend on more than the opcode.</summary>
    public bool IsCustom => Pops.IsDefault;

    /// <summary>Whether it reads memory at an address and pushes what it read.</summary>
    public bool IsLoad => AccessBytes > 0 && (Effects & Effects.WritesMemory) == 0;

    /// <summary>Whether it writes one operand to memory at an address.</summary>
    public bool IsStore => AccessBytes > 0 && (Effects & Effects.WritesMemory) != 0;

    /// <summary>Whether it has no effect and cannot trap.</summary>
    public bool IsPure => Effects == Effects.Pure;
}
