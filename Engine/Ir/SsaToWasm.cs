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
        var flow = new ControlFlow(function);
        var dominators = new DominatorTree(flow);
        var loops = new LoopForest(dominators);
        var code = new Stackifier(flow, module);
        var ranges = new LiveRanges(flow, code);
        var locals = new LocalAllocation(dominators, loops, code, ranges);
        var conditions = new Conditions(function, code);
        var builder = new StructureBuilder(dominators, loops, new EdgeMoves(function, code, ranges, locals), conditions);
        var nodes = new StructureSimplifier(function, code, locals, conditions, builder.FunctionEnd).Run(builder.Build());
        return BodyEncoder.Encode(function, module, code, locals, conditions, nodes, builder.FunctionEnd);
    }
}
