namespace Pulse.Build.Engine.Ir.Evaluation.Vectors;

/// <summary>What one instruction computes.</summary>
/// <param name="x">The operands: a v128 with byte 0 lowest, a scalar zero-extended.</param>
/// <param name="immediate">The lane, or sixteen bytes with byte 0 lowest.</param>
internal delegate UInt128 VectorOperation(ReadOnlySpan<UInt128> x, UInt128 immediate);

/// <summary>A row of the tables of this room: the instruction's name in the text format and what it computes.</summary>
internal readonly record struct VectorRow(string Mnemonic, VectorOperation Run);
