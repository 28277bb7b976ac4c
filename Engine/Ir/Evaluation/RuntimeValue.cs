using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>A value while code runs: the bits of a number, zero-extended, those of a vector, or a reference.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Bits">The bits of a number, or the lower half of a vector.</param>
/// <param name="Reference">A <see cref="FunctionInstance"/> or an object of the host; null for the null reference and for numbers.</param>
/// <param name="High">The upper half of a vector.</param>
internal readonly record struct RuntimeValue(ValType Type, ulong Bits, object? Reference = null, ulong High = 0)
{
    /// <summary>An i32.</summary>
    public static RuntimeValue I32(int value) => new(ValType.I32, unchecked((uint)value));

    /// <summary>An i64.</summary>
    public static RuntimeValue I64(long value) => new(ValType.I64, unchecked((ulong)value));

    /// <summary>An f32.</summary>
    public static RuntimeValue F32(float value) => new(ValType.F32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>An f64.</summary>
    public static RuntimeValue F64(double value) => new(ValType.F64, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A v128, byte 0 lowest.</summary>
    public static RuntimeValue V128(UInt128 value) => OfBits(ValType.V128, value);

    /// <summary>A number or vector by its bits.</summary>
    public static RuntimeValue OfBits(ValType type, UInt128 bits) => new(type, unchecked((ulong)bits), null, (ulong)(bits >> 64));

    /// <summary>A null reference, or the zero of a numeric type.</summary>
    public static RuntimeValue Zero(ValType type) => new(type, 0);

    /// <summary>As i32.</summary>
    public int AsI32 => unchecked((int)Bits);

    /// <summary>As i64.</summary>
    public long AsI64 => unchecked((long)Bits);

    /// <summary>As v128, byte 0 lowest; of a number the bits, zero-extended.</summary>
    public UInt128 AsV128 => new(High, Bits);
}
