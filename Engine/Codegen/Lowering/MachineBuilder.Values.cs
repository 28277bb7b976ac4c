using System.Numerics;
using Pulse.Build.Engine.Codegen.Machine;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Arithmetic, with the folding that each operation allows.</summary>
internal sealed partial class MachineBuilder
{
    /// <summary>Sum.</summary>
    public VReg Add(VReg a, VReg b)
    {
        if (IsConstant(a, out var left))
        {
            (a, b) = (b, a);
            if (IsConstant(a, out var other))
            {
                return Constant(unchecked(left + other));
            }
        }

        if (IsConstant(b, out var right))
        {
            return AddConstant(a, right);
        }

        var (rootA, addA) = Split(a);
        var (rootB, addB) = Split(b);
        if (addA != 0 && addB != 0)
        {
            // Two constants become one.
            return AddConstant(Add(rootA, rootB), unchecked(addA + addB));
        }

        if (b.Index < a.Index)
        {
            (a, b) = (b, a);
        }

        return Value(Make(MachineOp.Add, a, b), ValueFacts.Add(FactsOf(a), FactsOf(b)));
    }

    /// <summary>The value as another value plus a constant.</summary>
    public (VReg Root, int Addend) Split(VReg value) =>
        DefinitionOf(value) is { Op: MachineOp.Add } add && IsConstant(add.Uses[1].Register, out var addend) ? (add.Uses[0].Register, addend) : (value, 0);

    private VReg AddConstant(VReg a, int addend)
    {
        if (addend == 0)
        {
            return a;
        }

        if (DefinitionOf(a) is { Op: MachineOp.Address } address)
        {
            return Address(address.Symbol!, unchecked(address.Immediate + addend));
        }

        var (root, inner) = Split(a);
        if (inner != 0)
        {
            return AddConstant(root, unchecked(inner + addend));
        }

        return IsConstant(a, out var value)
            ? Constant(unchecked(value + addend))
            : Value(Make(MachineOp.Add, a, Constant(addend)), ValueFacts.Add(FactsOf(a), ValueFacts.Of(addend)));
    }

    /// <summary>Difference.</summary>
    public VReg Sub(VReg a, VReg b)
    {
        if (IsConstant(b, out var right))
        {
            return right == int.MinValue ? Value(Make(MachineOp.Add, a, b), ValueFacts.Unknown) : Add(a, Constant(-right));
        }

        if (a == b)
        {
            return Constant(0);
        }

        return Value(Make(MachineOp.Sub, a, b), ValueFacts.Sub(FactsOf(a), FactsOf(b)));
    }

    /// <summary>Bitwise and.</summary>
    public VReg And(VReg a, VReg b)
    {
        (a, b) = ConstantLast(a, b);
        if (IsConstant(b, out var mask))
        {
            if (IsConstant(a, out var value))
            {
                return Constant(value & mask);
            }

            if ((~FactsOf(a).KnownZero & ~unchecked((uint)mask)) == 0)
            {
                return a;
            }

            if (mask == 0)
            {
                return b;
            }

            if (DefinitionOf(a) is { Op: MachineOp.And } inner && IsConstant(inner.Uses[1].Register, out var innerMask))
            {
                return And(inner.Uses[0].Register, Constant(mask & innerMask));
            }
        }

        return a == b ? a : Value(Make(MachineOp.And, a, b), ValueFacts.Zeros(FactsOf(a).KnownZero | FactsOf(b).KnownZero));
    }

    /// <summary>Bitwise or.</summary>
    public VReg Or(VReg a, VReg b)
    {
        (a, b) = ConstantLast(a, b);
        if (IsConstant(b, out var right))
        {
            if (IsConstant(a, out var left))
            {
                return Constant(left | right);
            }

            if (right is 0 or -1)
            {
                return right == 0 ? a : b;
            }
        }

        return a == b ? a : Rotation(a, b) ?? Value(Make(MachineOp.Orr, a, b), ValueFacts.Zeros(FactsOf(a).KnownZero & FactsOf(b).KnownZero));
    }

    /// <summary>Bitwise exclusive or.</summary>
    public VReg Xor(VReg a, VReg b)
    {
        (a, b) = ConstantLast(a, b);
        if (IsConstant(b, out var right))
        {
            if (IsConstant(a, out var left))
            {
                return Constant(left ^ right);
            }

            if (right == 0)
            {
                return a;
            }

            if (right == -1)
            {
                return Value(Make(MachineOp.Mvn, a), ValueFacts.Unknown);
            }

            if (right == 1 && DefinitionOf(a) is { Op: MachineOp.SetIf })
            {
                return Not(a);
            }
        }

        return a == b ? Constant(0) : Value(Make(MachineOp.Eor, a, b), ValueFacts.Zeros(FactsOf(a).KnownZero & FactsOf(b).KnownZero));
    }

    /// <summary>Product.</summary>
    public VReg Mul(VReg a, VReg b)
    {
        (a, b) = ConstantLast(a, b);
        if (IsConstant(b, out var factor))
        {
            if (IsConstant(a, out var value))
            {
                return Constant(unchecked(value * factor));
            }

            if (factor == 0)
            {
                return b;
            }

            if (factor == -1)
            {
                return Sub(Constant(0), a);
            }

            var bits = unchecked((uint)factor);
            if (BitOperations.IsPow2(bits))
            {
                return Lsl(a, BitOperations.TrailingZeroCount(bits));
            }

            if (BitOperations.IsPow2(bits - 1))
            {
                return Add(a, Lsl(a, BitOperations.TrailingZeroCount(bits - 1)));
            }

            if (bits != uint.MaxValue && BitOperations.IsPow2(bits + 1))
            {
                return Sub(Lsl(a, BitOperations.TrailingZeroCount(bits + 1)), a);
            }
        }

        var (x, y) = (FactsOf(a), FactsOf(b));
        var facts = x.Min >= 0 && y.Min >= 0 ? ValueFacts.Range((long)x.Min * y.Min, (long)x.Max * y.Max) : ValueFacts.Unknown;
        return Value(Make(MachineOp.Mul, a, b), facts);
    }

    /// <summary>The full product of two words, low word first.</summary>
    public (VReg Low, VReg High) MulWide(VReg a, VReg b, bool signed)
    {
        var inst = Make(signed ? MachineOp.Smull : MachineOp.Umull, a, b);
        var pair = Values(inst, 2, ValueFacts.Unknown);
        return (pair[0], pair[1]);
    }

    /// <summary>A quotient whose divisor is known not to trap.</summary>
    public VReg Divide(VReg a, VReg b, bool signed) =>
        Value(Make(signed ? MachineOp.Sdiv : MachineOp.Udiv, a, b), signed ? ValueFacts.Unknown : ValueFacts.UpTo(FactsOf(a).UnsignedMax));

    /// <summary>An operation of one operand: clz, rbit, extensions.</summary>
    public VReg Unary(MachineOp op, VReg a)
    {
        if (IsConstant(a, out var value))
        {
            return Constant(EvaluateUnary(op, value));
        }

        var facts = FactsOf(a);
        var (keep, result) = op switch
        {
            MachineOp.Clz => (false, ValueFacts.UpTo(32)),
            MachineOp.Sxtb => (facts.Min >= sbyte.MinValue && facts.Max <= sbyte.MaxValue, ValueFacts.Range(sbyte.MinValue, sbyte.MaxValue)),
            MachineOp.Sxth => (facts.Min >= short.MinValue && facts.Max <= short.MaxValue, ValueFacts.Range(short.MinValue, short.MaxValue)),
            _ => (false, ValueFacts.Unknown),
        };
        return keep ? a : Value(Make(op, a), result);
    }

    private static int EvaluateUnary(MachineOp op, int value) => unchecked(op switch
    {
        MachineOp.Clz => BitOperations.LeadingZeroCount((uint)value),
        MachineOp.Rbit => (int)Reverse((uint)value),
        MachineOp.Rev => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value),
        MachineOp.Sxtb => (sbyte)value,
        MachineOp.Sxth => (short)value,
        _ => throw new Support.InvariantException($"{op} has one operand"),
    });

    private static uint Reverse(uint value)
    {
        var result = 0u;
        for (var i = 0; i < 32; i++)
        {
            result = result << 1 | value >> i & 1;
        }

        return result;
    }

    private static MachineInst Make(MachineOp op, params ReadOnlySpan<VReg> uses)
    {
        var inst = new MachineInst(op);
        foreach (var use in uses)
        {
            inst.Uses.Add(use);
        }

        return inst;
    }

    private (VReg First, VReg Last) ConstantLast(VReg a, VReg b) =>
        IsConstant(a, out _) || (b.Index < a.Index && !IsConstant(b, out _)) ? (b, a) : (a, b);
}
