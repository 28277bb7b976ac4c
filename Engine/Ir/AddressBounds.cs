using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>The least and the greatest unsigned value that an integer can have, as far as the few instructions that made it show.</summary>
/// <example><code>
/// v2 = i32.and v0, v1(12)        =>   0 to 12
/// v3 = i32.add v2, v4(4096)      =>   4096 to 4108
/// </code></example>
internal static class AddressBounds
{
    private const int MaximumDepth = 12;

    /// <summary>The bounds of <paramref name="value"/>; those of its type when nothing is known.</summary>
    public static (UInt128 Low, UInt128 High) Of(Function function, Value value) => Of(function, value, 0);

    private static (UInt128 Low, UInt128 High) Of(Function function, Value value, int depth)
    {
        UInt128 most = function.TypeOf(value) == ValType.I32 ? uint.MaxValue : ulong.MaxValue;
        var inst = function.DefiningInst(value);
        if (!inst.Exists || depth >= MaximumDepth)
        {
            return (0, most);
        }

        (UInt128 Low, UInt128 High) Operand(int position) => Of(function, function.Arguments(inst)[position], depth + 1);
        switch (function.OpcodeOf(inst))
        {
            case Opcode.I32Const:
                var word = (UInt128)(uint)function.ImmediatesOf(inst).Wide;
                return (word, word);
            case Opcode.I64Const:
                return (function.ImmediatesOf(inst).Wide, function.ImmediatesOf(inst).Wide);
            case Opcode.I32Add or Opcode.I64Add:
                var (x, y) = (Operand(0), Operand(1));
                return x.High + y.High <= most ? (x.Low + y.Low, x.High + y.High) : (0, most);
            case Opcode.I32And or Opcode.I64And:
                return (0, UInt128.Min(Operand(0).High, Operand(1).High));
            case Opcode.I32Shl or Opcode.I64Shl when Operand(1) is var (count, same) && count == same:
                return Scaled(Operand(0), UInt128.One << (int)(count & (most == uint.MaxValue ? 31u : 63u)), most);
            case Opcode.I32Mul or Opcode.I64Mul when Operand(1) is var (factor, same) && factor == same:
                return Scaled(Operand(0), factor, most);
            case Opcode.I32Load8U or Opcode.I64Load8U:
                return (0, byte.MaxValue);
            case Opcode.I32Load16U or Opcode.I64Load16U:
                return (0, ushort.MaxValue);
            case Opcode.I64ExtendI32U:
                return Operand(0);
            case Opcode.Select:
                var (then, otherwise) = (Operand(0), Operand(1));
                return (UInt128.Min(then.Low, otherwise.Low), UInt128.Max(then.High, otherwise.High));
            default:
                return (0, most);
        }
    }

    private static (UInt128 Low, UInt128 High) Scaled((UInt128 Low, UInt128 High) x, UInt128 factor, UInt128 most)
        => factor == 0 ? (0, 0) : x.High <= most / factor ? (x.Low * factor, x.High * factor) : (0, most);
}
