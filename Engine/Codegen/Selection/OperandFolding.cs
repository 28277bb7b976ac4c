using System.Numerics;
using Pulse.Build.Engine.Codegen.Lowering;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Selection;

/// <summary>
/// Covers trees of instructions by single Thumb-2 instructions: from the uses up, an operand that has no other use is folded into the
/// instruction that reads it, as an immediate, a shifted register, an address, a bit field or a multiply-accumulate.
/// </summary>
/// <example><code>%2 = lsl %1 #2; %3 = add %0, %2; load32 %3   =>   load32 %0, %1 lsl #2</code></example>
internal sealed partial class OperandFolding
{
    private readonly MachineFunction _function;
    private readonly EntityMap<VReg, int> _uses;
    private readonly EntityMap<VReg, int> _plainAddressUses = new();
    private readonly EntityMap<VReg, MachineInst?> _definitions = new();
    private readonly EntityMap<VReg, int> _depth = new();
    private int _currentDepth;

    private OperandFolding(MachineFunction function)
    {
        _function = function;
        _uses = Cleanup.UseCounts(function);
        foreach (var block in function.Blocks)
        {
            foreach (var inst in block.Insts)
            {
                foreach (var def in inst.Defs)
                {
                    _definitions[def] = inst;
                    _depth[def] = block.LoopDepth;
                }

                if ((inst.Op.IsLoad() || inst.Op.IsStore()) && inst.Immediate == 0)
                {
                    _plainAddressUses.Reference(BaseOf(inst).Register)++;
                }
            }
        }
    }

    /// <summary>Folds operands in <paramref name="function"/>.</summary>
    public static void Run(MachineFunction function)
    {
        var folding = new OperandFolding(function);
        for (var i = function.Blocks.Count - 1; i >= 0; i--)
        {
            folding._currentDepth = function.Blocks[i].LoopDepth;
            var insts = function.Blocks[i].Insts;
            for (var j = insts.Count - 1; j >= 0; j--)
            {
                if (!insts[j].IsRemovable || insts[j].Defs.Exists(def => folding._uses[def] > 0))
                {
                    folding.Fold(insts[j]);
                }
                else
                {
                    folding.Release(insts[j]);
                    insts.RemoveAt(j);
                }
            }
        }

        Cleanup.RemoveDead(function);
    }

    private static MachineOperand BaseOf(MachineInst inst) => inst.Uses[inst.Op.IsStore() ? 1 : 0];

    private void Fold(MachineInst inst)
    {
        switch (inst.Op)
        {
            case MachineOp.Add or MachineOp.Sub or MachineOp.And or MachineOp.Orr or MachineOp.Eor:
                FoldArithmetic(inst);
                break;
            case MachineOp.Mvn:
                FoldShift(inst, 0);
                break;
            case MachineOp.Lsr or MachineOp.Asr:
                FoldField(inst);
                break;
            case MachineOp.SetIf or MachineOp.Select or MachineOp.Branch or MachineOp.TrapIf:
                FoldCompare(inst);
                break;
            case MachineOp.Add64 or MachineOp.Sub64:
                FoldWide(inst);
                break;
            case MachineOp.AtomicUpdate when inst.Combine != MachineOp.Copy && IsConstant(inst.Uses[1], out var value) && Fits(value):
                SetUse(inst, 1, MachineOperand.Of(value));
                break;
            case >= MachineOp.Load8U and <= MachineOp.Store32:
                FoldAddress(inst);
                break;
        }

        FoldCopies(inst);
    }

    private MachineInst? Definition(MachineOperand operand) =>
        operand.IsImmediate ? null : _definitions[operand.Register] ?? _function.Floating[operand.Register];

    /// <summary>The definition of an operand that has no other use.</summary>
    private MachineInst? Only(MachineOperand operand) =>
        !operand.IsImmediate && _uses[operand.Register] == 1 ? _definitions[operand.Register] : null;

    private bool IsConstant(MachineOperand operand, out int value)
    {
        var definition = Definition(operand);
        value = operand.IsImmediate ? operand.Immediate : definition?.Immediate ?? 0;
        return operand.IsImmediate || definition?.Op == MachineOp.Constant;
    }

    /// <summary>Replaces an operand and keeps the use counts.</summary>
    private void SetUse(MachineInst inst, int index, MachineOperand operand)
    {
        if (!operand.IsImmediate)
        {
            _uses.Reference(operand.Register)++;
        }

        var old = inst.Uses[index];
        inst.Uses[index] = operand;
        Drop(old);
    }

    private void SetUses(MachineInst inst, params ReadOnlySpan<MachineOperand> operands)
    {
        foreach (var operand in operands)
        {
            if (!operand.IsImmediate)
            {
                _uses.Reference(operand.Register)++;
            }
        }

        var old = inst.Uses.ToArray();
        inst.Uses.Clear();
        inst.Uses.AddRange(operands);
        foreach (var operand in old)
        {
            Drop(operand);
        }
    }

    private void Drop(MachineOperand operand)
    {
        if (operand.IsImmediate)
        {
            return;
        }

        ref var count = ref _uses.Reference(operand.Register);
        count--;
        if (count == 0 && _definitions[operand.Register] is { IsRemovable: true } definition && definition.Defs.TrueForAll(def => _uses[def] == 0))
        {
            // It is removed when the walk reaches it; what it reads is released then.
            return;
        }
    }

    private void Release(MachineInst inst)
    {
        foreach (var use in inst.Uses)
        {
            Drop(use);
        }
    }

    private void FoldArithmetic(MachineInst inst)
    {
        if (FoldImmediate(inst) || FoldNegation(inst) || FoldMultiply(inst))
        {
            return;
        }

        if (FoldShift(inst, 1))
        {
            return;
        }

        // The other operand may be the shifted one.
        if (IsShift(Only(inst.Uses[0])))
        {
            (inst.Uses[0], inst.Uses[1]) = (inst.Uses[1], inst.Uses[0]);
            inst.Op = inst.Op == MachineOp.Sub ? MachineOp.Rsb : inst.Op;
            FoldShift(inst, 1);
        }
    }

    private bool FoldImmediate(MachineInst inst)
    {
        if (inst.Op == MachineOp.Sub && IsConstant(inst.Uses[0], out var minuend))
        {
            if (!Fits(minuend))
            {
                return false;
            }

            inst.Op = MachineOp.Rsb;
            SetUses(inst, inst.Uses[1], MachineOperand.Of(minuend));
            return true;
        }

        if (!IsConstant(inst.Uses[1], out var value))
        {
            return false;
        }

        switch (inst.Op)
        {
            case MachineOp.Add when Fits(value) || Fits(unchecked(-value)) || Math.Abs((long)value) <= 4095:
            case MachineOp.Orr or MachineOp.Eor when Fits(value):
                SetUse(inst, 1, MachineOperand.Of(value));
                return true;
            case MachineOp.Orr when Fits(~value):
                inst.Op = MachineOp.Orn;
                SetUse(inst, 1, MachineOperand.Of(~value));
                return true;
            case MachineOp.And:
                return FoldMask(inst, unchecked((uint)value));
            default:
                return false;
        }
    }

    private bool FoldMask(MachineInst inst, uint mask)
    {
        var isLowMask = BitOperations.IsPow2((ulong)mask + 1);
        var width = BitOperations.PopCount(mask);
        if (isLowMask && Only(inst.Uses[0]) is { Op: MachineOp.Lsr, Uses.Count: 1 } shift)
        {
            (inst.Op, inst.Immediate, inst.Width) = (MachineOp.Ubfx, shift.Immediate, Math.Min(width, 32 - shift.Immediate));
            SetUses(inst, shift.Uses[0]);
            return true;
        }

        if (mask is 0xFF or 0xFFFF)
        {
            inst.Op = mask == 0xFF ? MachineOp.Uxtb : MachineOp.Uxth;
            SetUses(inst, inst.Uses[0]);
            return true;
        }

        if (Fits(unchecked((int)mask)) || Fits(unchecked((int)~mask)))
        {
            inst.Op = Fits(unchecked((int)mask)) ? MachineOp.And : MachineOp.Bic;
            SetUse(inst, 1, MachineOperand.Of(unchecked((int)(inst.Op == MachineOp.And ? mask : ~mask))));
            return true;
        }

        if (isLowMask)
        {
            (inst.Op, inst.Immediate, inst.Width) = (MachineOp.Ubfx, 0, width);
            SetUses(inst, inst.Uses[0]);
            return true;
        }

        return false;
    }

    /// <summary>a and not b, a or not b.</summary>
    private bool FoldNegation(MachineInst inst)
    {
        if (inst.Op is not (MachineOp.And or MachineOp.Orr))
        {
            return false;
        }

        var index = Only(inst.Uses[1])?.Op == MachineOp.Mvn ? 1 : Only(inst.Uses[0])?.Op == MachineOp.Mvn ? 0 : -1;
        if (index < 0)
        {
            return false;
        }

        var not = Only(inst.Uses[index])!;
        inst.Op = inst.Op == MachineOp.And ? MachineOp.Bic : MachineOp.Orn;
        SetUses(inst, inst.Uses[1 - index], not.Uses[0]);
        FoldShift(inst, 1);
        return true;
    }

    private bool FoldMultiply(MachineInst inst)
    {
        var index = Only(inst.Uses[1])?.Op == MachineOp.Mul ? 1 : inst.Op == MachineOp.Add && Only(inst.Uses[0])?.Op == MachineOp.Mul ? 0 : -1;
        if (index < 0 || inst.Op is not (MachineOp.Add or MachineOp.Sub) || IsConstant(inst.Uses[1 - index], out _))
        {
            return false;
        }

        var product = Only(inst.Uses[index])!;
        inst.Op = inst.Op == MachineOp.Add ? MachineOp.Mla : MachineOp.Mls;
        SetUses(inst, product.Uses[0], product.Uses[1], inst.Uses[1 - index]);
        return true;
    }

    private static bool IsShift(MachineInst? inst) => inst is { Op: MachineOp.Lsl or MachineOp.Lsr or MachineOp.Asr or MachineOp.Ror, Uses.Count: 1 };

    private bool FoldShift(MachineInst inst, int index)
    {
        if (inst.Amount != 0 || Only(inst.Uses[index]) is not { } shift || !IsShift(shift))
        {
            return false;
        }

        (inst.Shift, inst.Amount) = (KindOf(shift.Op), shift.Immediate);
        SetUse(inst, index, shift.Uses[0]);
        return true;
    }

    private static ShiftKind KindOf(MachineOp op) => op switch
    {
        MachineOp.Lsl => ShiftKind.Lsl,
        MachineOp.Lsr => ShiftKind.Lsr,
        MachineOp.Asr => ShiftKind.Asr,
        _ => ShiftKind.Ror,
    };

    /// <summary>A right shift of a left shift cuts a field out.</summary>
    private void FoldField(MachineInst inst)
    {
        if (inst.Uses.Count == 1 && Only(inst.Uses[0]) is { Op: MachineOp.Lsl, Uses.Count: 1 } shift && inst.Immediate >= shift.Immediate)
        {
            var right = inst.Immediate;
            inst.Op = inst.Op == MachineOp.Asr ? MachineOp.Sbfx : MachineOp.Ubfx;
            (inst.Immediate, inst.Width) = (right - shift.Immediate, 32 - right);
            SetUses(inst, shift.Uses[0]);
        }
    }

    private static bool Fits(int value) => ModifiedImmediate.CanEncode(unchecked((uint)value));
}
