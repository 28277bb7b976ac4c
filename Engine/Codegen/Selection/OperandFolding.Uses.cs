using System.Numerics;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Selection;

/// <summary>Folding into comparisons, addresses, 64-bit sums and copies.</summary>
internal sealed partial class OperandFolding
{
    private void FoldCompare(MachineInst inst)
    {
        if (inst.Compare == CompareKind.Cmp)
        {
            FoldTest(inst);
            FoldCompareOperand(inst);
        }
        else if (inst.CompareCount == 4)
        {
            foreach (var index in (int[])[1, 3])
            {
                if (IsConstant(inst.Uses[index], out var value) && Fits(value))
                {
                    SetUse(inst, index, MachineOperand.Of(value));
                }
            }
        }

        if (inst.Op == MachineOp.Select)
        {
            for (var i = inst.CompareCount; i < inst.Uses.Count; i++)
            {
                if (IsConstant(inst.Uses[i], out var value) && Encoder.CanMove(unchecked((uint)value)))
                {
                    SetUse(inst, i, MachineOperand.Of(value));
                }
            }
        }
    }

    /// <summary>Whether a result is zero is a question that the flags of a test, or of a comparison of its operands, answer.</summary>
    private void FoldTest(MachineInst inst)
    {
        if (inst.Condition is not (Condition.EQ or Condition.NE) || !IsConstant(inst.Uses[1], out var zero) || zero != 0
            || Only(inst.Uses[0]) is not { } tested)
        {
            return;
        }

        var kind = tested.Op switch
        {
            MachineOp.And => CompareKind.Tst,
            MachineOp.Eor => CompareKind.Teq,
            MachineOp.Sub => CompareKind.Cmp,
            _ => CompareKind.None,
        };
        if (kind != CompareKind.None)
        {
            if (IsConstant(tested.Uses[1], out var value) && !Fits(value))
            {
                return;
            }

            inst.Compare = kind;
            SetUse(inst, 0, tested.Uses[0]);
            SetUse(inst, 1, tested.Uses[1]);
            if (IsConstant(inst.Uses[1], out value) && Fits(value))
            {
                SetUse(inst, 1, MachineOperand.Of(value));
            }
        }
        else if (tested.Op == MachineOp.Add && IsConstant(tested.Uses[1], out var addend) && addend != int.MinValue && (Fits(addend) || Fits(-addend)))
        {
            SetUse(inst, 0, tested.Uses[0]);
            inst.Compare = Fits(-addend) ? CompareKind.Cmp : CompareKind.Cmn;
            SetUse(inst, 1, MachineOperand.Of(Fits(-addend) ? -addend : addend));
        }
    }

    private void FoldCompareOperand(MachineInst inst)
    {
        if (inst.Compare == CompareKind.Cmp && IsConstant(inst.Uses[1], out var value))
        {
            if (Fits(value))
            {
                SetUse(inst, 1, MachineOperand.Of(value));
            }
            else if (value != int.MinValue && Fits(-value))
            {
                inst.Compare = CompareKind.Cmn;
                SetUse(inst, 1, MachineOperand.Of(-value));
            }
            else
            {
                FoldNeighbour(inst, value);
            }

            return;
        }

        if (inst.Uses[1].IsImmediate || FoldShift(inst, 1))
        {
            return;
        }

        if (IsShift(Only(inst.Uses[0])) && inst.Compare == CompareKind.Cmp)
        {
            (inst.Uses[0], inst.Uses[1]) = (inst.Uses[1], inst.Uses[0]);
            inst.Condition = Lowering.MachineBuilder.Swap(inst.Condition);
            FoldShift(inst, 1);
        }
    }

    /// <summary>x > c is x >= c + 1: one of the two constants may be encodable.</summary>
    private void FoldNeighbour(MachineInst inst, int value)
    {
        var (condition, step) = inst.Condition switch
        {
            Condition.HI when value != -1 => (Condition.HS, 1),
            Condition.LS when value != -1 => (Condition.LO, 1),
            Condition.GT when value != int.MaxValue => (Condition.GE, 1),
            Condition.LE when value != int.MaxValue => (Condition.LT, 1),
            Condition.HS when value != 0 => (Condition.HI, -1),
            Condition.LO when value != 0 => (Condition.LS, -1),
            Condition.GE when value != int.MinValue => (Condition.GT, -1),
            Condition.LT when value != int.MinValue => (Condition.LE, -1),
            _ => (inst.Condition, 0),
        };
        if (step != 0 && Fits(unchecked(value + step)))
        {
            inst.Condition = condition;
            SetUse(inst, 1, MachineOperand.Of(unchecked(value + step)));
        }
    }

    private void FoldWide(MachineInst inst)
    {
        if (inst.Op == MachineOp.Add64
            && IsConstant(inst.Uses[1], out var low) && low != 0 && (Fits(low) || (low != int.MinValue && Fits(-low)))
            && IsConstant(inst.Uses[3], out var high) && (Fits(high) || Fits(~high)))
        {
            SetUse(inst, 1, MachineOperand.Of(low));
            SetUse(inst, 3, MachineOperand.Of(high));
        }
        else if (inst.Op == MachineOp.Add64 && IsConstant(inst.Uses[3], out high) && (Fits(high) || Fits(~high)))
        {
            SetUse(inst, 3, MachineOperand.Of(high));
        }
        else if (inst.Op == MachineOp.Sub64)
        {
            if (IsConstant(inst.Uses[3], out high) && Fits(high))
            {
                SetUse(inst, 3, MachineOperand.Of(high));
            }

            if (IsConstant(inst.Uses[0], out low) && low == 0 && IsConstant(inst.Uses[2], out high) && high == 0 && !inst.Uses[3].IsImmediate)
            {
                // Negation: rsbs low; then high - 2 high - borrow.
                SetUse(inst, 0, MachineOperand.Of(0));
                SetUse(inst, 2, MachineOperand.Of(0));
            }
        }
    }

    private void FoldAddress(MachineInst inst)
    {
        var at = inst.Op.IsStore() ? 1 : 0;
        if (inst.Uses.Count > at + 1 || Definition(inst.Uses[at]) is not { Op: MachineOp.Add } sum || sum.Amount != 0 || sum.Uses[1].IsImmediate)
        {
            return;
        }

        if (IsConstant(sum.Uses[1], out var addend))
        {
            var offset = (long)inst.Immediate + addend;
            if (offset is >= -255 and <= 4095 && (_uses[inst.Uses[at].Register] == 1 || offset <= 124))
            {
                inst.Immediate = (int)offset;
                SetUse(inst, at, sum.Uses[0]);
                FoldAddress(inst);
            }

            return;
        }

        var register = inst.Uses[at].Register;
        if (inst.Immediate != 0 || _plainAddressUses[register] != _uses[register] || _depth[register] < _currentDepth)
        {
            return;
        }

        _plainAddressUses.Reference(register)--;
        var (first, index) = (sum.Uses[0], sum.Uses[1]);
        if (IsIndexShift(first))
        {
            (first, index) = (index, first);
        }

        inst.Uses.Add(index);
        _uses.Reference(index.Register)++;
        SetUse(inst, at, first);
        if (IsIndexShift(index))
        {
            inst.Amount = Definition(index)!.Immediate;
            SetUse(inst, at + 1, Definition(index)!.Uses[0]);
        }
    }

    private bool IsIndexShift(MachineOperand operand) =>
        Definition(operand) is { Op: MachineOp.Lsl, Uses.Count: 1, Immediate: <= 3 } && _depth[operand.Register] >= _currentDepth;

    /// <summary>Constants that a call, a return or an edge passes are made where they go.</summary>
    private void FoldCopies(MachineInst inst)
    {
        for (var i = 0; i < inst.UseRegisters.Length; i++)
        {
            if (IsConstant(inst.Uses[i], out var value))
            {
                SetUse(inst, i, MachineOperand.Of(value));
            }
        }

        foreach (var edge in inst.Targets)
        {
            for (var i = 0; i < edge.Arguments.Count; i++)
            {
                if (!edge.Arguments[i].IsImmediate && IsConstant(edge.Arguments[i], out var value))
                {
                    var old = edge.Arguments[i];
                    edge.Arguments[i] = MachineOperand.Of(value);
                    Drop(old);
                }
            }
        }
    }
}
