using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Ir.Emission;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Brings a function in SSA form back to a wasm body: stack code in each block, locals for what stays, structured control flow.</summary>
internal static class SsaToWasm
{
    /// <summary>The body of <paramref name="function"/> in <paramref name="module"/>. What nothing needs is left out; the function stays as it is.</summary>
    public static FunctionBody Convert(Function function, Module module)
    {
        var dominators = new DominatorTree(new ControlFlow(function));
        var loops = new LoopForest(dominators);
        var keepZeros = false;
        var none = new Carriers(function, []);
        var body = Emit(dominators, loops, module, none, keepZeros, out var candidates);
        if (FirstContents.HasCandidates(dominators.Flow))
        {
            var kept = Emit(dominators, loops, module, none, keepZeros: true, out var others);
            keepZeros = BodySize.Of(kept) < BodySize.Of(body);
            (body, candidates) = keepZeros ? (kept, others) : (body, candidates);
        }

        if (candidates.Count == 0)
        {
            return body;
        }

        var carried = Emit(dominators, loops, module, new Carriers(function, candidates), keepZeros, out _);
        return BodySize.Of(carried) < BodySize.Of(body) ? carried : body;
    }

    private static FunctionBody Emit(DominatorTree dominators, LoopForest loops, Module module, Carriers carriers, bool keepZeros, out List<Value> candidates)
    {
        var flow = dominators.Flow;
        var function = flow.Function;
        var code = new Stackifier(flow, module, carriers, keepZeros);
        var ranges = new LiveRanges(flow, code, carriers);
        var locals = new LocalAllocation(dominators, loops, code, ranges, carriers);
        var moves = new EdgeMoves(function, code, ranges, locals);
        var conditions = new Conditions(function, code);
        var builder = new StructureBuilder(dominators, loops, moves, conditions);
        var nodes = new StructureSimplifier(function, code, locals, conditions, builder.FunctionEnd).Run(builder.Build());
        candidates = Carriers.Candidates(dominators, moves);
        return BodyEncoder.Encode(function, module, code, locals, conditions, nodes, builder.FunctionEnd);
    }
}
