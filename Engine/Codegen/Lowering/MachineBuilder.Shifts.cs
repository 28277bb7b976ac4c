using System.Numerics;
using Pulse.Build.Engine.Codegen.Machine;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Shifts and rotations. By a constant the amount stands in the instruction; by a register it is its low byte, as on the machine.</summary>
internal sealed partial class MachineBuilder
{
    /// <summary>Left shift by 0 to 31.</summary>
    public VReg Lsl(VReg a, int amount)
    {
        if (amount == 0)
        {
            return a;
        }

        if (IsConstant(a, out var value))
        {
            return Constant(value << amount);
        }

        if (IsShift(a, MachineOp.Lsl, out var inner, out var by))
        {
            return by + amount > 31 ? Constant(0) : Lsl(inner, by + amount);
        }

        if (IsShift(a, MachineOp.Lsr, out inner, out by) && by == amount)
        {
            return And(inner, Constant(-1 << amount));
        }

        return ShiftBy(MachineOp.Lsl, a, amount, ValueFacts.Lsl(FactsOf(a), amount));
    }

    /// <summary>Logical right shift by 0 to 31.</summary>
    public VReg Lsr(VReg a, int amount)
    {
        if (amount == 0)
        {
            return a;
        }

        if (IsConstant(a, out var value))
        {
            return Constant(value >>> amount);
        }

        if (FactsOf(a).UnsignedMax >> amount == 0)
        {
            return Constant(0);
        }

        if (IsShift(a, MachineOp.Lsr, out var inner, out var by))
        {
            return by + amount > 31 ? Constant(0) : Lsr(inner, by + amount);
        }

        if (IsShift(a, MachineOp.Lsl, out inner, out by) && by == amount)
        {
            return And(inner, Constant(-1 >>> amount));
        }

        return ShiftBy(MachineOp.Lsr, a, amount, ValueFacts.Lsr(FactsOf(a), amount));
    }

    /// <summary>Arithmetic right shift by 0 to 31.</summary>
    public VReg Asr(VReg a, int amount)
    {
        if (amount == 0)
        {
            return a;
        }

        if (IsConstant(a, out var value))
        {
            return Constant(value >> amount);
        }

        if (FactsOf(a).Min >= 0)
        {
            return Lsr(a, amount);
        }

        if (Unshifted(a, amount) is { } unshifted)
        {
            return unshifted;
        }

        if (IsShift(a, MachineOp.Asr, out var inner, out var by))
        {
            return Asr(inner, Math.Min(31, by + amount));
        }

        if (IsShift(a, MachineOp.Lsl, out inner, out by) && by == amount && amount is 24 or 16)
        {
            return Unary(amount == 24 ? MachineOp.Sxtb : MachineOp.Sxth, inner);
        }

        return ShiftBy(MachineOp.Asr, a, amount, ValueFacts.Asr(FactsOf(a), amount));
    }

    /// <summary>Right rotation by 0 to 31.</summary>
    public VReg Ror(VReg a, int amount)
    {
        if (amount == 0)
        {
            return a;
        }

        return IsConstant(a, out var value)
            ? Constant(unchecked((int)BitOperations.RotateRight((uint)value, amount)))
            : ShiftBy(MachineOp.Ror, a, amount, ValueFacts.Unknown);
    }

    /// <summary>A shift or rotation by the low byte of <paramref name="amount"/>; shifts by 32 and more give zeros or signs.</summary>
    public VReg ShiftByRegister(MachineOp op, VReg a, VReg amount) => Value(
        Make(op, a, amount),
        op == MachineOp.Lsr ? ValueFacts.UpTo(FactsOf(a).UnsignedMax) : ValueFacts.Unknown);

    /// <summary>Whether <paramref name="value"/> is such a shift by a constant.</summary>
    public bool IsShift(VReg value, MachineOp op, out VReg inner, out int amount)
    {
        var definition = DefinitionOf(value);
        var isShift = definition?.Op == op && definition.Uses.Count == 1;
        (inner, amount) = isShift ? (definition!.Uses[0].Register, definition.Immediate) : (value, 0);
        return isShift;
    }

    /// <summary>The x + (c >> k) of ((x &lt;&lt; k) + c) >> k, when that has the bits to spare.</summary>
    private VReg? Unshifted(VReg a, int amount)
    {
        var (root, addend) = Split(a);
        if (!IsShift(root, MachineOp.Lsl, out var inner, out var by) || by != amount || addend << (32 - amount) != 0)
        {
            return null;
        }

        var facts = FactsOf(inner);
        var (min, max) = ((long)facts.Min + (addend >> amount), (long)facts.Max + (addend >> amount));
        return min >= int.MinValue >> amount && max <= int.MaxValue >> amount ? Add(inner, Constant(addend >> amount)) : null;
    }

    /// <summary>The rotation that (x &lt;&lt; k) | (x >> (32 - k)) is.</summary>
    private VReg? Rotation(VReg a, VReg b)
    {
        if (IsShift(a, MachineOp.Lsr, out _, out _))
        {
            (a, b) = (b, a);
        }

        return IsShift(a, MachineOp.Lsl, out var left, out var up) && IsShift(b, MachineOp.Lsr, out var right, out var down)
            && left == right && up + down == 32
            ? Ror(left, down)
            : null;
    }

    private VReg ShiftBy(MachineOp op, VReg a, int amount, ValueFacts facts)
    {
        var inst = Make(op, a);
        inst.Immediate = amount;
        return Value(inst, facts);
    }
}
