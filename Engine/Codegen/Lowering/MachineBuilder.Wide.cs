using System.Numerics;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>64-bit arithmetic on pairs of registers.</summary>
internal sealed partial class MachineBuilder
{
    /// <summary>A 64-bit constant.</summary>
    public RegisterPair Wide(long value) => new(Constant(unchecked((int)value)), Constant((int)(value >> 32)));

    /// <summary>Zero extension.</summary>
    public RegisterPair ZeroExtend(VReg low) => new(low, Constant(0));

    /// <summary>Sign extension.</summary>
    public RegisterPair SignExtend(VReg low) => new(low, FactsOf(low).Min >= 0 ? Constant(0) : Asr(low, 31));

    /// <summary>Sum or difference.</summary>
    public RegisterPair AddWide(RegisterPair a, RegisterPair b, bool subtract)
    {
        if (IsZero(b.Low))
        {
            return new(a.Low, subtract ? Sub(a.High, b.High) : Add(a.High, b.High));
        }

        if (IsZero(a.Low) && !subtract)
        {
            return new(b.Low, Add(a.High, b.High));
        }

        if (IsConstant(a.Low, out _) && IsConstant(a.High, out _) && !subtract)
        {
            (a, b) = (b, a);
        }

        var values = Values(Make(subtract ? MachineOp.Sub64 : MachineOp.Add64, a.Low, b.Low, a.High, b.High), 2, ValueFacts.Unknown);
        return new(values[0], values[1]);
    }

    /// <summary>The low 64 bits of the product.</summary>
    public RegisterPair MulWide(RegisterPair a, RegisterPair b)
    {
        if (IsSignExtension(a) && IsSignExtension(b) && !(IsZero(a.High) && IsZero(b.High)))
        {
            var signed = MulWide(a.Low, b.Low, signed: true);
            return new(signed.Low, signed.High);
        }

        var (low, high) = MulWide(a.Low, b.Low, signed: false);
        if (!IsZero(b.High))
        {
            high = Add(high, Mul(a.Low, b.High));
        }

        if (!IsZero(a.High))
        {
            high = Add(high, Mul(a.High, b.Low));
        }

        return new(low, high);
    }

    /// <summary>Shift by a constant from 0 to 63.</summary>
    public RegisterPair ShiftWide(MachineOp op, RegisterPair a, int amount)
    {
        if (amount == 0)
        {
            return a;
        }

        if (op == MachineOp.Lsl)
        {
            return amount >= 32
                ? new(Constant(0), Lsl(a.Low, amount - 32))
                : new(Lsl(a.Low, amount), Or(Lsl(a.High, amount), Lsr(a.Low, 32 - amount)));
        }

        VReg High(int by) => op == MachineOp.Asr ? Asr(a.High, Math.Min(by, 31)) : by == 32 ? Constant(0) : Lsr(a.High, by);
        return amount >= 32
            ? new(High(amount - 32), High(op == MachineOp.Asr ? 31 : 32))
            : new(Or(Lsr(a.Low, amount), Lsl(a.High, 32 - amount)), High(amount));
    }

    /// <summary>Shift by a register; the amount counts modulo 64.</summary>
    /// <remarks>The machine shifts by the low byte, so that 32 - n and n - 32 select by themselves: out of range they give zero.</remarks>
    public RegisterPair ShiftWide(MachineOp op, RegisterPair a, VReg amount)
    {
        var n = And(amount, Constant(63));
        var rest = Sub(Constant(32), n);
        var beyond = Add(n, Constant(-32));
        if (op == MachineOp.Lsl)
        {
            var carried = Or(ShiftByRegister(MachineOp.Lsl, a.High, n), ShiftByRegister(MachineOp.Lsr, a.Low, rest));
            return new(ShiftByRegister(MachineOp.Lsl, a.Low, n), Or(carried, ShiftByRegister(MachineOp.Lsl, a.Low, beyond)));
        }

        var low = Or(ShiftByRegister(MachineOp.Lsr, a.Low, n), ShiftByRegister(MachineOp.Lsl, a.High, rest));
        var far = ShiftByRegister(op, a.High, beyond);
        low = op == MachineOp.Lsr ? Or(low, far) : Select(SetIf(Condition.HS, n, Constant(32)), far, low);
        return new(low, ShiftByRegister(op, a.High, n));
    }

    /// <summary>Right rotation by a constant from 0 to 63.</summary>
    public RegisterPair RotateWide(RegisterPair a, int amount)
    {
        if (amount >= 32)
        {
            (a, amount) = (new(a.High, a.Low), amount - 32);
        }

        return amount == 0
            ? a
            : new(Or(Lsr(a.Low, amount), Lsl(a.High, 32 - amount)), Or(Lsr(a.High, amount), Lsl(a.Low, 32 - amount)));
    }

    /// <summary>Right rotation by a register.</summary>
    public RegisterPair RotateWide(RegisterPair a, VReg amount)
    {
        var n = And(amount, Constant(31));
        var rest = Sub(Constant(32), n);
        var swapped = And(amount, Constant(32));
        var low = Select(swapped, a.High, a.Low);
        var high = Select(swapped, a.Low, a.High);
        return new(
            Or(ShiftByRegister(MachineOp.Lsr, low, n), ShiftByRegister(MachineOp.Lsl, high, rest)),
            Or(ShiftByRegister(MachineOp.Lsr, high, n), ShiftByRegister(MachineOp.Lsl, low, rest)));
    }

    /// <summary>Number of one bits of a word.</summary>
    public VReg PopCount(VReg a)
    {
        if (IsConstant(a, out var value))
        {
            return Constant(BitOperations.PopCount(unchecked((uint)value)));
        }

        var pairs = Sub(a, And(Lsr(a, 1), Constant(0x5555_5555)));
        var fours = Add(And(pairs, Constant(0x3333_3333)), And(Lsr(pairs, 2), Constant(0x3333_3333)));
        var bytes = And(Add(fours, Lsr(fours, 4)), Constant(0x0F0F_0F0F));
        var count = Lsr(Mul(bytes, Constant(0x0101_0101)), 24);
        Refine(count, ValueFacts.UpTo(32));
        return count;
    }

    private bool IsSignExtension(RegisterPair a) =>
        IsShift(a.High, MachineOp.Asr, out var inner, out var amount) ? amount == 31 && inner == a.Low
        : IsConstant(a.High, out var high) && ((high == 0 && FactsOf(a.Low).Min >= 0) || (high == -1 && FactsOf(a.Low).Max < 0));
}
