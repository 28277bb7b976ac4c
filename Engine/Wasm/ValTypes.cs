using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm;

/// <summary>Questions about value types.</summary>
internal static class ValTypes
{
    /// <summary>The name in the text format.</summary>
    public static string Name(this ValType type) => type switch
    {
        ValType.I32 => "i32",
        ValType.I64 => "i64",
        ValType.F32 => "f32",
        ValType.F64 => "f64",
        ValType.V128 => "v128",
        ValType.FuncRef => "funcref",
        ValType.ExternRef => "externref",
        _ => throw new InvariantException($"value type 0x{(int)type:x} has no name"),
    };

    /// <summary>Width in bits of a numeric or vector type; 0 of a reference.</summary>
    public static int Bits(this ValType type) => type switch
    {
        ValType.I32 or ValType.F32 => 32,
        ValType.I64 or ValType.F64 => 64,
        ValType.V128 => 128,
        _ => 0,
    };

    /// <summary>Whether <paramref name="type"/> is a reference type.</summary>
    public static bool IsReference(this ValType type) => type is ValType.FuncRef or ValType.ExternRef;

    /// <summary>The type with binary code <paramref name="code"/>, or null.</summary>
    public static ValType? FromCode(int code) =>
        code is 0x7F or 0x7E or 0x7D or 0x7C or 0x7B or 0x70 or 0x6F ? (ValType)code : null;
}
