using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>A value while code runs: the bits of a number, zero-extended, or a reference.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Bits">The bits of a number.</param>
/// <param name="Reference">A <see cref="FunctionInstance"/> or an object of the host; null for the null reference and for numbers.</param>
internal readonly record struct RuntimeValue(ValType Type, ulong Bits, object? Reference = null)
{
    /// <summary>An i32.</summary>
    public static RuntimeValue I32(int value) => new(ValType.I32, unchecked((uint)value));

    /// <summary>An i64.</summary>
    public static RuntimeValue I64(long value) => new(ValType.I64, unchecked((ulong)value));

    /// <summary>An f32.</summary>
    public static RuntimeValue F32(float value) => new(ValType.F32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>An f64.</summary>
    public static RuntimeValue F64(double value) => new(ValType.F64, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A null reference, or the zero of a numeric type.</summary>
    public static RuntimeValue Zero(ValType type) => new(type, 0);

    /// <summary>As i32.</summary>
    public int AsI32 => unchecked((int)Bits);

    /// <summary>As i64.</summary>
    public long AsI64 => unchecked((long)Bits);
}
