using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Which opcodes are what in the IR.</summary>
internal static class IrTerminators
{
    /// <summary>Whether <paramref name="opcode"/> ends a block of the IR.</summary>
    public static bool Is(Opcode opcode) => opcode is Opcode.Br or Opcode.BrIf or Opcode.BrTable or Opcode.Return or Opcode.Unreachable
        or Opcode.ReturnCall or Opcode.ReturnCallIndirect;

    /// <summary>Whether wasm has the opcode for its operand stack and structure only: locals, labels, <c>drop</c>, <c>nop</c>.</summary>
    public static bool IsStructure(Opcode opcode) => opcode is Opcode.Nop or Opcode.Block or Opcode.Loop or Opcode.If or Opcode.Else
        or Opcode.End or Opcode.Drop or Opcode.LocalGet or Opcode.LocalSet or Opcode.LocalTee or Opcode.SelectTyped;
}
