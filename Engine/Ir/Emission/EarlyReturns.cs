using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>Blocks that only return their parameters: what goes there returns the values itself, and the parameters need no locals.</summary>
/// <example><code>br_if c b9(v1) b2; b2: …; br b9(v2); b9(p): return p   =>   c; if; v1; return; end; …; v2</code></example>
internal sealed class EarlyReturns
{
    private readonly EntitySet<Block> _blocks = new();

    /// <summary>The blocks of the function; none when not <paramref name="used"/>.</summary>
    public EarlyReturns(ControlFlow flow, bool used)
    {
        foreach (var block in used ? flow.ReversePostOrder.Where(block => IsCandidate(flow, block)) : [])
        {
            _blocks.Add(block);
        }
    }

    /// <summary>Whether <paramref name="block"/> stands at the edges to it instead of in a place of its own.</summary>
    public bool Contains(Block block) => _blocks.Contains(block);

    /// <summary>Whether there is such a block.</summary>
    public static bool HasCandidates(ControlFlow flow) => flow.ReversePostOrder.Any(block => IsCandidate(flow, block));

    private static bool IsCandidate(ControlFlow flow, Block block)
    {
        var function = flow.Function;
        var only = function.First(block);
        return block != function.Entry && function.OpcodeOf(only) == Opcode.Return && !function.Parameters(block).IsEmpty
            && function.Arguments(only).SequenceEqual(function.Parameters(block))
            && flow.Predecessors(block).Count > 1
            && flow.Predecessors(block).All(edge => function.OpcodeOf(edge.Terminator) != Opcode.BrTable);
    }
}
