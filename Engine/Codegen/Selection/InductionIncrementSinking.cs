using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.RegisterAllocator;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Selection;

/// <summary>
/// Moves the step of a loop's variable down to where the variable has no more uses, so that both can have one register and the step can set
/// the flags; a comparison that alone keeps the variable alive asks the next value instead.
/// </summary>
/// <example><code>
/// %n = sub %i, #1; … %i …; branch cmp %n, #0 -> (%n)    =>   … %i …; %n = sub %i, #1; branch cmp %n, #0 -> (%n)
/// %n = add %i, #1; branch cmp %i, #255 -> (%n)          =>   %n = add %i, #1; branch cmp %n, #256 -> (%n)
/// </code></example>
internal sealed class InductionIncrementSinking
{
    private readonly MachineFunction _function;
    private MachineLiveness? _liveness;

    private InductionIncrementSinking(MachineFunction function) => _function = function;

    /// <summary>Sinks the steps of <paramref name="function"/>.</summary>
    public static void Run(MachineFunction function)
    {
        var sinking = new InductionIncrementSinking(function);
        foreach (var block in function.Blocks)
        {
            sinking.CompareNext(block);
            sinking.Sink(block);
        }
    }

    /// <summary>A variable plus or minus a constant.</summary>
    private static bool IsStep(MachineInst inst) =>
        inst.Op is MachineOp.Add or MachineOp.Sub && inst.Uses.Count == 2 && !inst.Uses[0].IsImmediate && inst.Uses[1].IsImmediate;

    private void CompareNext(MachineBlock block)
    {
        var branch = block.Terminator;
        if (branch.Op != MachineOp.Branch || branch.Compare is not (CompareKind.Cmp or CompareKind.Cmn) || branch.Condition is not (Condition.EQ or Condition.NE)
            || !branch.Uses[1].IsImmediate || branch.Uses[0].IsImmediate)
        {
            return;
        }

        var variable = branch.Uses[0].Register;
        var step = block.Insts.FindLast(inst => IsStep(inst) && inst.Uses[0].Register == variable);
        if (step is null || !IsPassed(branch, step.Def) || IsPassed(branch, variable) || LiveOut(block, variable))
        {
            return;
        }

        var wanted = branch.Compare == CompareKind.Cmp ? branch.Uses[1].Immediate : unchecked(-branch.Uses[1].Immediate);
        var distance = step.Uses[1].Immediate;
        wanted = unchecked(step.Op == MachineOp.Add ? wanted + distance : wanted - distance);
        if (ModifiedImmediate.CanEncode(unchecked((uint)wanted)))
        {
            (branch.Compare, branch.Uses[0], branch.Uses[1]) = (CompareKind.Cmp, step.Def, MachineOperand.Of(wanted));
        }
        else if (ModifiedImmediate.CanEncode(unchecked((uint)-wanted)))
        {
            (branch.Compare, branch.Uses[0], branch.Uses[1]) = (CompareKind.Cmn, step.Def, MachineOperand.Of(unchecked(-wanted)));
        }
    }

    /// <summary>Upwards, so that a step that is moved does not move past one that comes later.</summary>
    private void Sink(MachineBlock block)
    {
        var insts = block.Insts;
        for (var i = insts.Count - 2; i >= 0; i--)
        {
            if (!IsStep(insts[i]))
            {
                continue;
            }

            var (step, to, isUsed) = (insts[i], i + 1, false);
            for (; to < insts.Count - 1 && !Uses(insts[to], step.Def); to++)
            {
                isUsed |= Uses(insts[to], step.Uses[0].Register);
            }

            isUsed |= Uses(insts[to], step.Uses[0].Register) || IsPassed(insts[to], step.Uses[0].Register) || LiveOut(block, step.Uses[0].Register);
            var decides = to == insts.Count - 1 && insts[to].Uses.Count > 0 && insts[to].Uses[0] == step.Def;
            if (to == i + 1 || !(isUsed || decides))
            {
                continue;
            }

            // What the branch compares stands directly before it, where it can set the flags.
            if (!decides && to == insts.Count - 1 && insts[to - 1].Defs.Count > 0 && Uses(insts[to], insts[to - 1].Defs[^1]) && to - 1 > i)
            {
                to--;
            }

            insts.RemoveAt(i);
            insts.Insert(to - 1, step);
        }
    }

    private static bool Uses(MachineInst inst, VReg register) => inst.Uses.Exists(use => !use.IsImmediate && use.Register == register);

    private static bool IsPassed(MachineInst inst, VReg register) =>
        inst.Targets.Exists(edge => edge.Arguments.Exists(argument => !argument.IsImmediate && argument.Register == register));

    private bool LiveOut(MachineBlock block, VReg register)
    {
        _liveness ??= new MachineLiveness(_function);
        return _liveness.LiveOut(block)[register.Index];
    }
}
