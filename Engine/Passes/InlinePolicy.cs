using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Passes;

/// <summary>Decides which calls are inlined.</summary>
internal sealed class InlinePolicy(PassContext context, CallGraph graph)
{
    private readonly EntitySet<FuncIndex> _hot = HotFunctions(context, graph);

    /// <summary>The decision about <paramref name="call"/> in <paramref name="caller"/>, whose body is as it stands.</summary>
    public InlineDecision Decide(FuncIndex caller, Inst call, Function callerBody)
    {
        var module = context.Program.Module;
        var callee = new FuncIndex(callerBody.ImmediatesOf(call).A);
        InlineDecision Because(InlineReason reason, int cost = 0, int limit = 0) =>
            new(context.Origins.Of(caller).Index, context.Origins.Of(callee).Index, reason, cost, limit);

        if (module.Functions[callee.Index].Import is not null)
        {
            return Because(InlineReason.Imported);
        }

        if (!context.Settings.Inline)
        {
            return Because(InlineReason.SwitchedOff);
        }

        if (context.Program.Body(callee) is not { } body)
        {
            return Because(InlineReason.NotModelled);
        }

        if (graph.IsRecursive(callee))
        {
            return Because(InlineReason.Recursive);
        }

        if (context.LevelOf(caller) is { Level: > OptimizationLevel.Full } less && !less.Allows(context.Origins.BroughtBy(callee)))
        {
            return Because(InlineReason.NotProved);
        }

        var mark = context.Marks.Of(callee, callerBody.SourceOf(call));
        if (mark == InlineMark.Never)
        {
            return Because(InlineReason.NoInline);
        }

        if (context.Origins.LengthOf(caller) + context.Origins.LengthOf(callee) is var length and > InlineCost.ProofLimit)
        {
            return Because(InlineReason.TooLarge, (int)Math.Min(length, int.MaxValue), InlineCost.ProofLimit);
        }

        var size = InlineCost.Size(body);
        if (graph.SitesOf(callee).Count == 1 && graph.AllCallsKnown(callee))
        {
            return Because(InlineReason.SingleCallSite);
        }

        if (InlineCost.Size(callerBody) + size > InlineCost.CallerLimit)
        {
            return Because(InlineReason.TooLarge, InlineCost.Size(callerBody) + size, InlineCost.CallerLimit);
        }

        var goal = context.Settings.Goal;
        if (size <= InlineCost.SmallLimit(goal))
        {
            return Because(InlineReason.Small, size, InlineCost.SmallLimit(goal));
        }

        if (mark == InlineMark.Inline || context.Names.IsMeant(callee, context.Settings.InlineFunctions))
        {
            return size <= InlineCost.MarkedLimit
                ? Because(InlineReason.Marked, size, InlineCost.MarkedLimit)
                : Because(InlineReason.TooLarge, size, InlineCost.MarkedLimit);
        }

        var limit = _hot.Contains(caller) ? InlineCost.HotLimit(goal) : InlineCost.SmallLimit(goal);
        return Because(size <= limit ? InlineReason.HotPath : InlineReason.TooLarge, size, limit);
    }

    /// <summary>The functions that the hot exports reach by direct calls.</summary>
    private static EntitySet<FuncIndex> HotFunctions(PassContext context, CallGraph graph)
    {
        var hot = new EntitySet<FuncIndex>();
        var work = new Stack<FuncIndex>();
        foreach (var export in context.Program.Module.Exports)
        {
            if (export.Kind == ExternKind.Function && FunctionNames.IsMeant(export.Name, context.Settings.HotExports))
            {
                work.Push(new FuncIndex(export.Index));
            }
        }

        while (work.TryPop(out var function))
        {
            if (hot.Add(function))
            {
                foreach (var callee in graph.Callees(function))
                {
                    work.Push(callee);
                }
            }
        }

        return hot;
    }
}
