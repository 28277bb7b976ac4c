using Pulse.Build.Engine.Fusion.Composition;

namespace Pulse.Build.Engine.Fusion;

/// <summary>What calls must not do.</summary>
/// <param name="Leaving">Which code must stay in its instance.</param>
/// <param name="Entering">Which instances can be entered again.</param>
internal sealed record CallGuards(MayLeaveAnalysis Leaving, MayEnterAnalysis Entering);

/// <summary>
/// An instance that runs must not be entered again. Components call each other in a circle only where a parent gives its children a
/// function of its own and calls them too; where no circle leads back into an instance, nothing has to be noted.
/// </summary>
/// <example><code>
/// P's module -> C1 -> C2 -> P's module: stays inside P       … -> C1: traps, C1 has not been left
/// </code></example>
/// <remarks>CanonicalABI.md <c>may_enter_from</c>, <c>entering_set</c></remarks>
internal sealed class MayEnterAnalysis
{
    private readonly ILookup<int, ComponentInstance> _callees;
    private readonly List<ComponentInstance> _callers;
    private readonly Dictionary<int, bool> _known = [];
    private readonly IReadOnlySet<string> _guarded;

    /// <summary>Looks at the lowered functions of <paramref name="graph"/>; instances called as <paramref name="guarded"/> says are entered again by interrupts.</summary>
    public MayEnterAnalysis(ComponentGraph graph, IReadOnlySet<string> guarded)
    {
        _guarded = guarded;
        var lowered = graph.Lowered.Where(l => l.Target is LiftedFunction);
        if (!lowered.Any(l => IsInside(l.Owner, ((LiftedFunction)l.Target).Owner)))
        {
            // What an instance is given is older than it, but for what its parents give of their own: there is no circle.
            (_callees, _callers) = (Array.Empty<ComponentInstance>().ToLookup(c => c.Number), []);
            return;
        }

        var edges = lowered.Select(l => (From: l.Owner, To: ((LiftedFunction)l.Target).Owner)).DistinctBy(e => (e.From.Number, e.To.Number)).ToList();
        _callees = edges.ToLookup(e => e.From.Number, e => e.To);
        _callers = [.. edges.Select(e => e.From).DistinctBy(c => c.Number)];
    }

    /// <summary>The instances that a call from <paramref name="caller"/>, or from the host, to <paramref name="callee"/> enters and that can be entered again.</summary>
    public List<ComponentInstance> Entered(ComponentInstance? caller, ComponentInstance callee) =>
        _callers.Count == 0 && _guarded.Count == 0 ? _callers : [.. Entering(caller, callee).Where(instance => IsGuarded(instance) || CanBeEnteredAgain(instance))];

    private bool IsGuarded(ComponentInstance instance) => instance.Parent is null && _guarded.Contains(instance.Name);

    private static IEnumerable<ComponentInstance> Entering(ComponentInstance? caller, ComponentInstance callee)
    {
        for (var instance = callee; instance is not null; instance = instance.Parent)
        {
            if (caller is null || !IsInside(caller, instance))
            {
                yield return instance;
            }
        }
    }

    private static bool IsInside(ComponentInstance? instance, ComponentInstance outer)
    {
        while (instance is not null && instance.Number != outer.Number)
        {
            instance = instance.Parent;
        }

        return instance is not null;
    }

    private bool CanBeEnteredAgain(ComponentInstance instance)
    {
        if (_known.TryGetValue(instance.Number, out var known))
        {
            return known;
        }

        var work = new Stack<ComponentInstance>(_callers.Where(c => IsInside(c, instance)));
        var reached = work.Select(c => c.Number).ToHashSet();
        var again = false;
        while (!again && work.TryPop(out var from))
        {
            foreach (var to in _callees[from.Number])
            {
                again |= IsInside(to, instance) && !IsInside(from, instance);
                if (reached.Add(to.Number))
                {
                    work.Push(to);
                }
            }
        }

        return _known[instance.Number] = again;
    }
}
