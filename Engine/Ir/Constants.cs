using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Constants as values: reading one, and making one.</summary>
internal static class Constants
{
    /// <summary>The bits of <paramref name="value"/>, zero-extended to 64, when a constant instruction defines it.</summary>
    public static bool TryGet(Function function, Value value, out ulong bits)
    {
        var inst = function.DefiningInst(value);
        if (inst.Exists && IsConstant(function.OpcodeOf(inst)))
        {
            bits = function.ImmediatesOf(inst).Wide;
            return true;
        }

        bits = 0;
        return false;
    }

    /// <summary>Whether <paramref name="opcode"/> makes a numeric constant.</summary>
    public static bool IsConstant(Opcode opcode) => opcode is Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const;

    /// <summary>The instruction that makes a constant of <paramref name="type"/>.</summary>
    public static Opcode OpcodeFor(ValType type) => type switch
    {
        ValType.I32 => Opcode.I32Const,
        ValType.I64 => Opcode.I64Const,
        ValType.F32 => Opcode.F32Const,
        ValType.F64 => Opcode.F64Const,
        _ => throw new InvariantException($"type {type} has no constants"),
    };

    /// <summary>Adds a constant where <paramref name="builder"/> stands.</summary>
    public static Value Add(IrBuilder builder, ValType type, ulong bits) =>
        builder.Function.Result(builder.Add(OpcodeFor(type), new Immediates(Wide: bits)));
}
