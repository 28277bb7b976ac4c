using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Inlines calls bottom-up over the call graph: a callee is optimised before it is judged, and a caller after it has grown.</summary>
/// <example><code>
/// func @poll: …; v3 = call @mix(v1)      =>   the body of mix in the place of the call
/// </code></example>
/// <remarks>
/// A callee with one call site goes in whatever its size, a small one always, a marked one and one on a hot path up to larger limits. Never: an
/// import, a function of the same cycle of calls, a body that the IR does not model. Every decision is recorded with its reason.
/// </remarks>
internal sealed class Inlining(Pipeline cleanup) : ProgramPass
{
    public override PassInfo Info { get; } = new("inline");

    public override bool Run(PassContext context)
    {
        var graph = new CallGraph(context.Program);
        var policy = new InlinePolicy(context, graph);
        var changed = false;
        foreach (var component in graph.BottomUp)
        {
            foreach (var caller in component)
            {
                if (context.Program.Body(caller) is not { } body || context.LevelOf(caller).Level == OptimizationLevel.Original)
                {
                    continue;
                }

                changed |= cleanup.Run(body, caller, context);
                if (InlineCalls(caller, body, policy, context))
                {
                    context.Program.MarkChanged(caller);
                    cleanup.Run(body, caller, context);
                    changed = true;
                }
            }
        }

        return changed;
    }

    private bool InlineCalls(FuncIndex caller, Function body, InlinePolicy policy, PassContext context)
    {
        var changed = false;
        foreach (var call in Calls(body))
        {
            var callee = new FuncIndex(body.ImmediatesOf(call).A);
            var decision = policy.Decide(caller, call, body);
            context.InlineDecisions.Add(decision);
            if (decision.Inlined && context.ConsumeFuel())
            {
                CallInlining.Inline(body, call, context.Program.Body(callee)!);
                ControlFlowSimplification.RemoveUnreachable(body);
                context.Origins.RecordInlined(caller, callee);
                context.AfterChange?.Invoke(caller, Info.Name);
                changed = true;
            }
        }

        return changed;
    }

    /// <summary>The direct calls that stand in the body now: those that inlining brings in were decided when their function was visited.</summary>
    private static List<Inst> Calls(Function body)
    {
        var calls = new List<Inst>();
        foreach (var block in body.Blocks)
        {
            for (var inst = body.First(block); inst.Exists; inst = body.Next(inst))
            {
                if (body.OpcodeOf(inst) is Opcode.Call or Opcode.ReturnCall)
                {
                    calls.Add(inst);
                }
            }
        }

        return calls;
    }
}
