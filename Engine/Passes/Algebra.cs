using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Algebraic facts about operations that more than one pass asks for.</summary>
internal static class Algebra
{
    /// <summary>Whether the two operands may change places. Floating-point operations do not: which NaN comes out may depend on the order.</summary>
    public static bool IsCommutative(Opcode opcode) => opcode is
        Opcode.I32Add or Opcode.I32Mul or Opcode.I32And or Opcode.I32Or or Opcode.I32Xor or Opcode.I32Eq or Opcode.I32Ne or
        Opcode.I64Add or Opcode.I64Mul or Opcode.I64And or Opcode.I64Or or Opcode.I64Xor or Opcode.I64Eq or Opcode.I64Ne;
}
