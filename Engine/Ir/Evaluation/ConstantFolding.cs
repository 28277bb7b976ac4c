using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>Runs numeric instructions at build time.</summary>
internal static class ConstantFolding
{
    /// <summary>The bits of the result; false when <paramref name="opcode"/> is not numeric or traps on these operands.</summary>
    public static bool TryEvaluate(Opcode opcode, ReadOnlySpan<ulong> operands, out ulong bits) =>
        NumericSemantics.TryRun(opcode, operands, out bits, out var trap) && trap == TrapKind.None;
}
