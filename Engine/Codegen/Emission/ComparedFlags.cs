using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Emission;

/// <summary>The comparison whose flags stand: a second one of the same operands need not be made.</summary>
internal readonly record struct ComparedFlags(Instruction Comparison)
{
    /// <summary>Whether the comparison read <paramref name="register"/>, so that a new value in it makes the flags stale.</summary>
    public bool Reads(Register register) =>
        Comparison.Rn == register || (Comparison.Form == Form.Registers && Comparison.Rm == register);
}
