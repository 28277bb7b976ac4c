using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>What one step of straight-line stack code does.</summary>
internal enum EmitKind
{
    /// <summary>The opcode of an instruction, its operands being on the stack.</summary>
    Instruction,

    /// <summary>Pushes a value from its local.</summary>
    Get,

    /// <summary>Pops a value into its local.</summary>
    Set,

    /// <summary>Copies a value into its local and leaves it on the stack.</summary>
    Tee,

    /// <summary>Pops a value that nothing uses.</summary>
    Drop,
}

/// <summary>One step: an instruction, or a value and its local.</summary>
internal readonly record struct StackInstruction(EmitKind Kind, int Index)
{
    public static StackInstruction Of(Inst inst) => new(EmitKind.Instruction, inst.Index);

    /// <summary>The instruction of an <see cref="EmitKind.Instruction"/> step.</summary>
    public Inst Inst => new(Index);

    /// <summary>The value of a step that moves one.</summary>
    public Value Value => new(Index);

    /// <summary>How many values it pops, and how many it pushes then.</summary>
    public (int Pops, int Pushes) Stack(Function function) => Kind switch
    {
        EmitKind.Get => (0, 1),
        EmitKind.Set or EmitKind.Drop => (1, 0),
        EmitKind.Tee => (1, 1),
        _ => (function.Arguments(Inst).Length, function.ResultCount(Inst)),
    };

    /// <summary>The first of the operations that make the last value on the stack, whatever else they do; null when they start before.</summary>
    public static int? StartOfLast(Function function, ReadOnlySpan<StackInstruction> ops)
    {
        var missing = 1;
        for (var i = ops.Length - 1; i >= 0; i--)
        {
            var (pops, pushes) = ops[i].Stack(function);
            missing += pops - pushes;
            if (missing == 0)
            {
                return i;
            }
        }

        return null;
    }
}

/// <summary>What an edge passes to one parameter: <paramref name="Ops"/> push it.</summary>
internal sealed record EdgeMove(Value Parameter, List<StackInstruction> Ops)
{
    /// <summary>The value that is passed when it stands in a local.</summary>
    public Value? Source => Ops is [{ Kind: EmitKind.Get } only] ? only.Value : null;

    /// <summary>Whether what is passed is what locals have at first.</summary>
    public bool IsZero(Function function) =>
        Ops is [{ Kind: EmitKind.Instruction } only] && (function.OpcodeOf(only.Inst) == Opcode.RefNull
            || (function.OpcodeOf(only.Inst) is Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const or Opcode.V128Const
                && function.ImmediatesOf(only.Inst) == default));
}
