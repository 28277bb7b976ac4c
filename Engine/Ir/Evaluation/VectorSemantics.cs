using System.Collections.Frozen;
using Pulse.Build.Engine.Ir.Evaluation.Vectors;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>
/// What every vector instruction computes that touches no memory. A v128 is a number with byte 0 lowest; a scalar is zero-extended. A result
/// that is a NaN is the canonical one wherever the specification leaves the choice, and the relaxed instructions do what
/// <see cref="RelaxedVectors"/> says.
/// </summary>
/// <remarks>Core 3.0 #exec-instr-vec</remarks>
internal static class VectorSemantics
{
    private static readonly FrozenDictionary<Opcode, VectorOperation> Operations = Index();

    /// <summary>The rows of all tables.</summary>
    public static IEnumerable<VectorRow> Rows => [.. WholeVectors.Rows, .. IntegerVectors.Rows, .. FloatVectors.Rows, .. RelaxedVectors.Rows];

    /// <summary>Runs <paramref name="opcode"/>; false when it is not a vector instruction without memory.</summary>
    /// <param name="opcode">The instruction.</param>
    /// <param name="operands">The operands, deepest first.</param>
    /// <param name="immediate">The lane, or the sixteen bytes of a constant or a shuffle with byte 0 lowest.</param>
    /// <param name="result">The v128, or the scalar zero-extended.</param>
    public static bool TryRun(Opcode opcode, ReadOnlySpan<UInt128> operands, UInt128 immediate, out UInt128 result)
    {
        var found = Operations.TryGetValue(opcode, out var operation);
        result = found ? operation!(operands, immediate) : UInt128.Zero;
        return found;
    }

    /// <summary>Whether <see cref="TryRun"/> runs <paramref name="row"/>.</summary>
    public static bool Covers(OpcodeInfo row) => Operations.ContainsKey(row.Opcode);

    private static FrozenDictionary<Opcode, VectorOperation> Index()
    {
        var opcodes = Opcodes.Rows.Where(row => row.Feature is WasmFeatures.Simd or WasmFeatures.RelaxedSimd)
            .ToDictionary(row => row.Mnemonic, row => row.Opcode);
        var operations = new Dictionary<Opcode, VectorOperation>();
        foreach (var (mnemonic, run) in Rows)
        {
            if (!opcodes.TryGetValue(mnemonic, out var opcode) || !operations.TryAdd(opcode, run))
            {
                throw new InvariantException($"{mnemonic} has two rows of semantics, or no opcode");
            }
        }

        return operations.ToFrozenDictionary();
    }
}
