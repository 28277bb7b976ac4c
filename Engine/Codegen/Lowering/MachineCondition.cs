using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>A question that a branch, a select or a guard asks of the flags of a comparison.</summary>
/// <param name="Kind">How the operands are compared.</param>
/// <param name="Condition">What is asked.</param>
/// <param name="Operands">Two operands, or four: a low, b low, a high, b high.</param>
internal sealed record MachineCondition(CompareKind Kind, Condition Condition, VReg[] Operands)
{
    /// <summary>The opposite question.</summary>
    public MachineCondition Invert() => this with { Condition = Condition.Invert() };

    /// <summary>Puts the question into <paramref name="inst"/>, before its other operands.</summary>
    public void ApplyTo(MachineInst inst)
    {
        inst.Compare = Kind;
        inst.Condition = Condition;
        for (var i = 0; i < Operands.Length; i++)
        {
            inst.Uses.Insert(i, Operands[i]);
        }
    }
}
