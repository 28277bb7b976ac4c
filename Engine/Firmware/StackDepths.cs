namespace Pulse.Build.Engine.Firmware;

/// <summary>The deepest stack below each function. Calls inside a cycle count as nothing: how often they repeat is not known here.</summary>
internal sealed class StackDepths
{
    private readonly Dictionary<StackFunction, (int Index, int Low)> _visits = [];
    private readonly Dictionary<StackFunction, int> _component = [];
    private readonly Dictionary<StackFunction, (uint Bytes, StackFunction? Next, bool IsTail)> _depths = [];
    private readonly Stack<StackFunction> _open = new();
    private readonly List<IReadOnlyList<StackFunction>> _cycles = [];
    private int _components;

    /// <summary>Finds the depth of everything that <paramref name="roots"/> lead to.</summary>
    public StackDepths(IEnumerable<StackFunction> roots)
    {
        foreach (var root in roots)
        {
            Visit(root);
        }
    }

    /// <summary>The ways that lead from a function back to it with its frame still there, in the order of discovery; each begins and ends with the same function.</summary>
    public IReadOnlyList<IReadOnlyList<StackFunction>> Cycles => _cycles;

    /// <summary>The functions from which a way leads back to them with more stack.</summary>
    public HashSet<StackFunction> Recursive { get; } = [];

    /// <summary>Bytes from the entry of <paramref name="function"/> to the deepest point below.</summary>
    public uint Of(StackFunction function) => _depths[function].Bytes;

    /// <summary>The calls that lead to the deepest point, with the bytes that each function has there.</summary>
    public IEnumerable<(StackFunction Function, uint Bytes)> Chain(StackFunction function)
    {
        for (StackFunction? at = function; at is not null;)
        {
            var (_, next, isTail) = _depths[at];
            yield return (at, isTail ? 0 : at.Frame);
            at = next;
        }
    }

    /// <summary>Tarjan's strongly connected components with a stack of its own: chains of calls may be long.</summary>
    private void Visit(StackFunction root)
    {
        var work = new Stack<(StackFunction Function, int Next)>();
        Enter(root, work);
        while (work.TryPop(out var frame))
        {
            var (function, next) = frame;
            if (next < function.Calls.Count)
            {
                work.Push((function, next + 1));
                var callee = function.Calls[next].Callee;
                if (!_visits.TryGetValue(callee, out var seen))
                {
                    Enter(callee, work);
                }
                else if (!_component.ContainsKey(callee))
                {
                    Lower(function, seen.Index);
                }

                continue;
            }

            if (work.TryPeek(out var caller))
            {
                Lower(caller.Function, _visits[function].Low);
            }

            if (_visits[function].Low == _visits[function].Index)
            {
                Close(function);
            }
        }
    }

    private void Enter(StackFunction function, Stack<(StackFunction Function, int Next)> work)
    {
        if (_visits.TryAdd(function, (_visits.Count, _visits.Count)))
        {
            _open.Push(function);
            work.Push((function, 0));
        }
    }

    private void Lower(StackFunction function, int low)
    {
        var (index, known) = _visits[function];
        _visits[function] = (index, Math.Min(known, low));
    }

    private void Close(StackFunction first)
    {
        var members = new List<StackFunction>();
        do
        {
            members.Add(_open.Pop());
            _component.Add(members[^1], _components);
        }
        while (members[^1] != first);
        _components++;
        foreach (var member in members)
        {
            var deepest = (Bytes: member.Frame, Next: (StackFunction?)null, IsTail: false);
            foreach (var (callee, isTail) in member.Calls.Where(call => !IsInside(member, call.Callee)))
            {
                var bytes = checked(_depths[callee].Bytes + (isTail ? 0 : member.Frame));
                deepest = bytes > deepest.Bytes ? (bytes, callee, isTail) : deepest;
            }

            _depths.Add(member, deepest);
        }

        // Calls that only tail calls bring back to where they were take no more stack each time round, but all the members may be the last.
        if (members.Find(member => member.Calls.Exists(call => !call.IsTail && IsInside(member, call.Callee))) is { } start)
        {
            Recursive.UnionWith(members);
            _cycles.Add(CycleFrom(start));
        }
        else if (members.Count > 1)
        {
            var most = members.MaxBy(member => _depths[member].Bytes)!;
            foreach (var member in members.Where(member => _depths[member].Bytes < _depths[most].Bytes))
            {
                _depths[member] = (_depths[most].Bytes, most, true);
            }
        }
    }

    private bool IsInside(StackFunction caller, StackFunction callee) => _component.GetValueOrDefault(callee, -1) == _component[caller];

    /// <summary>The shortest way from a function over a call that keeps its frame back to it.</summary>
    private List<StackFunction> CycleFrom(StackFunction start)
    {
        var from = new Dictionary<StackFunction, StackFunction>();
        var work = new Queue<StackFunction>();
        void Reach(StackFunction caller, StackFunction callee)
        {
            if (IsInside(caller, callee) && from.TryAdd(callee, caller))
            {
                work.Enqueue(callee);
            }
        }

        foreach (var (callee, _) in start.Calls.Where(call => !call.IsTail))
        {
            Reach(start, callee);
        }

        while (!from.ContainsKey(start) && work.TryDequeue(out var at))
        {
            foreach (var (callee, _) in at.Calls)
            {
                Reach(at, callee);
            }
        }

        var way = new List<StackFunction> { start };
        do
        {
            way.Add(from[way[^1]]);
        }
        while (way[^1] != start);
        way.Reverse();
        return way;
    }
}
