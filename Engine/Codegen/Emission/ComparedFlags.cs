using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Emission;

/// <summary>The comparison whose flags stand: a second one of the same operands need not be made.</summary>
/// <param name="Kind">How the operands are compared.</param>
/// <param name="Comparison">Of words, or of the low words.</param>
/// <param name="High">The operands of the high words.</param>
internal readonly record struct ComparedFlags(CompareKind Kind, Instruction Comparison, Instruction? High = null)
{
    /// <summary>Whether the comparison read <paramref name="register"/>, so that a new value in it makes the flags stale.</summary>
    public bool Reads(Register register) => Reads(Comparison, register) || (High is { } high && Reads(high, register));

    private static bool Reads(in Instruction comparison, Register register) =>
        comparison.Rn == register || (comparison.Form == Form.Registers && comparison.Rm == register);
}
