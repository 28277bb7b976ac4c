using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>
/// Walks the calls of the code that ships from one entry. A function is reached along the path with the most loops around its calls; among
/// those, along the shortest.
/// </summary>
internal sealed class HotPathWalk(ICallFacts facts, IndirectTargets indirect, Module module)
{
    /// <summary>Deeper nesting makes no call hotter, and the bound makes the walk end.</summary>
    private const int DeepestLoops = 16;

    private readonly Dictionary<FuncIndex, IReadOnlyList<WasmCall>> _calls = [];

    /// <summary>The functions that <paramref name="entry"/> reaches, each with its path and the loops along it, in the order they are found.</summary>
    public List<(ImmutableArray<FuncIndex> Path, int LoopDepth)> From(FuncIndex entry)
    {
        var order = new List<FuncIndex>();
        var best = new Dictionary<FuncIndex, Step>();
        var work = new Queue<Step>();
        Reach(new Step(entry, null, 0));
        while (work.TryDequeue(out var step))
        {
            if (best[step.Function] != step)
            {
                continue;
            }

            foreach (var call in Calls(step.Function))
            {
                foreach (var target in Targets(call))
                {
                    if (module.Functions[target.Index].Import is null && !step.Contains(target))
                    {
                        Reach(new Step(target, step, Math.Min(step.LoopDepth + call.LoopDepth, DeepestLoops)));
                    }
                }
            }
        }

        return [.. order.Select(function => (best[function].Path(), best[function].LoopDepth))];

        void Reach(Step step)
        {
            if (!best.TryGetValue(step.Function, out var known))
            {
                order.Add(step.Function);
            }
            else if (step.LoopDepth <= known.LoopDepth)
            {
                return;
            }

            best[step.Function] = step;
            work.Enqueue(step);
        }
    }

    /// <summary>The surviving calls of <paramref name="caller"/>.</summary>
    public IReadOnlyList<WasmCall> Calls(FuncIndex caller)
    {
        if (!_calls.TryGetValue(caller, out var calls))
        {
            _calls[caller] = calls = facts.Surviving(caller);
        }

        return calls;
    }

    /// <summary>Where <paramref name="call"/> may lead.</summary>
    public IEnumerable<FuncIndex> Targets(WasmCall call) => call.Callee is { } callee ? [callee] : indirect.Of(call);

    /// <summary>A function on a path; steps are never changed, so paths have no cycles.</summary>
    private sealed record Step(FuncIndex Function, Step? Before, int LoopDepth)
    {
        public bool Contains(FuncIndex function)
        {
            for (var step = this; step is not null; step = step.Before)
            {
                if (step.Function == function)
                {
                    return true;
                }
            }

            return false;
        }

        public ImmutableArray<FuncIndex> Path()
        {
            var path = new List<FuncIndex>();
            for (var step = this; step is not null; step = step.Before)
            {
                path.Add(step.Function);
            }

            path.Reverse();
            return [.. path];
        }
    }
}
