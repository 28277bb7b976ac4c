namespace Pulse.Build.Engine.Wasm;

/// <summary>A value type, by its code in the binary format.</summary>
/// <remarks>Core 3.0 #syntax-valtype</remarks>
internal enum ValType
{
    I32 = 0x7F,
    I64 = 0x7E,
    F32 = 0x7D,
    F64 = 0x7C,
    V128 = 0x7B,
    FuncRef = 0x70,
    ExternRef = 0x6F,

    /// <summary>Stands in the opcode table for "i32, or i64 where the memory or table is 64-bit"; never a value's type.</summary>
    Address = 1,
}
