using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>How a condition is turned around.</summary>
internal sealed class Conditions(Function function, Stackifier code)
{
    /// <summary>The opposite of an integer comparison. Comparisons of floats have none: both may be false.</summary>
    public static Opcode? Opposite(Opcode opcode) => opcode switch
    {
        Opcode.I32Eq => Opcode.I32Ne,
        Opcode.I32Ne => Opcode.I32Eq,
        Opcode.I32LtS => Opcode.I32GeS,
        Opcode.I32GeS => Opcode.I32LtS,
        Opcode.I32LtU => Opcode.I32GeU,
        Opcode.I32GeU => Opcode.I32LtU,
        Opcode.I32GtS => Opcode.I32LeS,
        Opcode.I32LeS => Opcode.I32GtS,
        Opcode.I32GtU => Opcode.I32LeU,
        Opcode.I32LeU => Opcode.I32GtU,
        Opcode.I64Eq => Opcode.I64Ne,
        Opcode.I64Ne => Opcode.I64Eq,
        Opcode.I64LtS => Opcode.I64GeS,
        Opcode.I64GeS => Opcode.I64LtS,
        Opcode.I64LtU => Opcode.I64GeU,
        Opcode.I64GeU => Opcode.I64LtU,
        Opcode.I64GtS => Opcode.I64LeS,
        Opcode.I64LeS => Opcode.I64GtS,
        Opcode.I64GtU => Opcode.I64LeU,
        Opcode.I64LeU => Opcode.I64GtU,
        _ => null,
    };

    /// <summary>Bytes that turning the condition around adds: an <c>eqz</c> goes, a comparison changes, anything else gets an <c>eqz</c>.</summary>
    public int NegationCost(CodeNode condition)
    {
        var cost = LastOpcode(condition.Block) switch
        {
            Opcode.I32Eqz => -1,
            { } opcode when Opposite(opcode) is not null => 0,
            _ => 1,
        };
        return condition.Negate ? -cost : cost;
    }

    /// <summary>The opcode that makes the condition, when it is not also kept in a local.</summary>
    public Opcode? LastOpcode(Block block) =>
        code.Code(block) is [.., { Kind: EmitKind.Instruction } last] ? function.OpcodeOf(last.Inst) : null;
}
