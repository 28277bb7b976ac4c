using System.Numerics;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation.Scalars;

/// <summary>
/// What every numeric instruction computes, on bits: 32-bit values are zero-extended to 64. A result that is a NaN is the canonical one wherever
/// the specification leaves the choice.
/// </summary>
/// <remarks>Core 3.0 #exec-numeric</remarks>
internal static class NumericSemantics
{
    /// <summary>
    /// Runs <paramref name="opcode"/>. False when it is not a numeric instruction; else <paramref name="trap"/> says whether there is a result.
    /// </summary>
    public static bool TryRun(Opcode opcode, ReadOnlySpan<ulong> x, out ulong result, out TrapKind trap)
    {
        trap = TrapKind.None;
        ulong? value = opcode switch
        {
            >= Opcode.I32Eqz and <= Opcode.I32GeU => Compare32(opcode - Opcode.I32Eqz, x),
            >= Opcode.I64Eqz and <= Opcode.I64GeU => Compare64(opcode - Opcode.I64Eqz, x),
            >= Opcode.F32Eq and <= Opcode.F32Ge => FloatSemantics.Compare(opcode - Opcode.F32Eq, FloatSemantics.F32(x[0]), FloatSemantics.F32(x[1])),
            >= Opcode.F64Eq and <= Opcode.F64Ge => FloatSemantics.Compare(opcode - Opcode.F64Eq, FloatSemantics.F64(x[0]), FloatSemantics.F64(x[1])),
            >= Opcode.I32Clz and <= Opcode.I32Popcnt => Count32(opcode - Opcode.I32Clz, (uint)x[0]),
            >= Opcode.I64Clz and <= Opcode.I64Popcnt => Count64(opcode - Opcode.I64Clz, x[0]),
            >= Opcode.I32DivS and <= Opcode.I32RemU => Divide32(opcode - Opcode.I32DivS, (uint)x[0], (uint)x[1], out trap),
            >= Opcode.I64DivS and <= Opcode.I64RemU => Divide64(opcode - Opcode.I64DivS, x[0], x[1], out trap),
            >= Opcode.I32Add and <= Opcode.I32Rotr => Binary32(opcode - Opcode.I32Add, (uint)x[0], (uint)x[1]),
            >= Opcode.I64Add and <= Opcode.I64Rotr => Binary64(opcode - Opcode.I64Add, x[0], x[1]),
            >= Opcode.F32Abs and <= Opcode.F32Copysign => FloatSemantics.Arithmetic32(opcode - Opcode.F32Abs, x),
            >= Opcode.F64Abs and <= Opcode.F64Copysign => FloatSemantics.Arithmetic64(opcode - Opcode.F64Abs, x),
            _ => Convert(opcode, x, out trap),
        };
        result = value ?? 0;
        return value is not null || trap != TrapKind.None;
    }

    private static ulong Bit(bool holds) => holds ? 1UL : 0UL;

    private static ulong Compare32(int which, ReadOnlySpan<ulong> x)
    {
        var a = (uint)x[0];
        return which == 0 ? Bit(a == 0) : Compare(which, unchecked((int)a), unchecked((int)(uint)x[1]), a, (uint)x[1]);
    }

    private static ulong Compare64(int which, ReadOnlySpan<ulong> x) =>
        which == 0 ? Bit(x[0] == 0) : Compare(which, unchecked((long)x[0]), unchecked((long)x[1]), x[0], x[1]);

    private static ulong Compare(int which, long signedA, long signedB, ulong a, ulong b) => Bit(which switch
    {
        1 => a == b,
        2 => a != b,
        3 => signedA < signedB,
        4 => a < b,
        5 => signedA > signedB,
        6 => a > b,
        7 => signedA <= signedB,
        8 => a <= b,
        9 => signedA >= signedB,
        _ => a >= b,
    });

    private static ulong Count32(int which, uint a) => (ulong)(which switch
    {
        0 => BitOperations.LeadingZeroCount(a),
        1 => BitOperations.TrailingZeroCount(a),
        _ => BitOperations.PopCount(a),
    });

    private static ulong Count64(int which, ulong a) => (ulong)(which switch
    {
        0 => BitOperations.LeadingZeroCount(a),
        1 => BitOperations.TrailingZeroCount(a),
        _ => BitOperations.PopCount(a),
    });

    private static ulong Divide32(int which, uint a, uint b, out TrapKind trap)
    {
        trap = b == 0 ? TrapKind.IntegerDivideByZero
            : which == 0 && a == 0x8000_0000 && b == uint.MaxValue ? TrapKind.IntegerOverflow
            : TrapKind.None;
        if (trap != TrapKind.None)
        {
            return 0;
        }

        return unchecked(which switch
        {
            0 => (uint)((int)a / (int)b),
            1 => a / b,
            2 => b == uint.MaxValue ? 0 : (uint)((int)a % (int)b),
            _ => a % b,
        });
    }

    private static ulong Divide64(int which, ulong a, ulong b, out TrapKind trap)
    {
        trap = b == 0 ? TrapKind.IntegerDivideByZero
            : which == 0 && a == 1UL << 63 && b == ulong.MaxValue ? TrapKind.IntegerOverflow
            : TrapKind.None;
        if (trap != TrapKind.None)
        {
            return 0;
        }

        return unchecked(which switch
        {
            0 => (ulong)((long)a / (long)b),
            1 => a / b,
            2 => b == ulong.MaxValue ? 0 : (ulong)((long)a % (long)b),
            _ => a % b,
        });
    }

    private static ulong Binary32(int which, uint a, uint b) => unchecked(which switch
    {
        0 => a + b,
        1 => a - b,
        2 => a * b,
        7 => a & b,
        8 => a | b,
        9 => a ^ b,
        10 => a << (int)(b & 31),
        11 => (uint)((int)a >> (int)(b & 31)),
        12 => a >> (int)(b & 31),
        13 => BitOperations.RotateLeft(a, (int)(b & 31)),
        _ => BitOperations.RotateRight(a, (int)(b & 31)),
    });

    private static ulong Binary64(int which, ulong a, ulong b) => unchecked(which switch
    {
        0 => a + b,
        1 => a - b,
        2 => a * b,
        7 => a & b,
        8 => a | b,
        9 => a ^ b,
        10 => a << (int)(b & 63),
        11 => (ulong)((long)a >> (int)(b & 63)),
        12 => a >> (int)(b & 63),
        13 => BitOperations.RotateLeft(a, (int)(b & 63)),
        _ => BitOperations.RotateRight(a, (int)(b & 63)),
    });

    private static ulong? Convert(Opcode opcode, ReadOnlySpan<ulong> x, out TrapKind trap)
    {
        trap = TrapKind.None;
        return unchecked(opcode switch
        {
            Opcode.I32WrapI64 => (uint)x[0],
            Opcode.I64ExtendI32S => (ulong)(int)(uint)x[0],
            Opcode.I64ExtendI32U => (uint)x[0],
            Opcode.I32Extend8S => (uint)(sbyte)x[0],
            Opcode.I32Extend16S => (uint)(short)x[0],
            Opcode.I64Extend8S => (ulong)(sbyte)x[0],
            Opcode.I64Extend16S => (ulong)(short)x[0],
            Opcode.I64Extend32S => (ulong)(int)x[0],
            >= Opcode.I32ReinterpretF32 and <= Opcode.F64ReinterpretI64 => x[0],
            >= Opcode.I32TruncSatF32S and <= Opcode.I64TruncSatF64U => FloatConversions.Saturate(opcode, x[0]),
            _ => FloatConversions.TryConvert(opcode, x, out trap),
        });
    }
}
