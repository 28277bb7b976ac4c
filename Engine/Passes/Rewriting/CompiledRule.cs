using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes.Rewriting;

/// <summary>A term with its opcodes and literal types settled.</summary>
internal abstract record CompiledTerm;

/// <summary>A variable, by its position among the rule's variables.</summary>
internal sealed record CompiledVariable(int Index, bool IsConstant) : CompiledTerm;

/// <summary>A constant of a type, zero-extended to 64 bits.</summary>
internal sealed record CompiledLiteral(ValType Type, ulong Bits) : CompiledTerm;

/// <summary>An instruction on terms.</summary>
internal sealed record CompiledOperation(Opcode Opcode, ImmutableArray<CompiledTerm> Arguments) : CompiledTerm;

/// <summary>A rule at one width.</summary>
/// <param name="Name">The rule's name with its width, <c>sub-self.i32</c>.</param>
/// <param name="Variables">How many variables it has.</param>
/// <param name="Pattern">What to look for.</param>
/// <param name="Guard">A term on the constants that must not be zero, or null.</param>
/// <param name="Replacement">What to put in its place.</param>
/// <param name="VariableTypes">The type of each variable where the rule settles it, else null.</param>
internal sealed record CompiledRule(
    string Name,
    int Variables,
    CompiledOperation Pattern,
    CompiledTerm? Guard,
    CompiledTerm Replacement,
    ImmutableArray<ValType?> VariableTypes);
