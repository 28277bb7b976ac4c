using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Analyses;

/// <summary>
/// How much of the stack in linear memory the functions of a program take: a global is its pointer, functions lower it by constants and put
/// it back. A function has no depth where a frame has a size that the code computes, where calls that take stack lead back to themselves, and
/// where the pointer comes from elsewhere.
/// </summary>
internal sealed class ShadowStack
{
    private readonly Program _program;
    private readonly CallGraph _graph;
    private readonly int _global;
    private readonly bool _framesOnly;
    private readonly Dictionary<FuncIndex, (long Bytes, FuncIndex? Next, long Frame)> _depths = [];
    private readonly Dictionary<FuncIndex, (long Own, List<(FuncIndex Callee, long Frame)> Calls)> _users = [];
    private readonly HashSet<FuncIndex> _unbounded = [];
    private readonly Dictionary<FuncIndex, StackMotion> _motions = [];

    /// <summary>Measures the stack whose pointer is <paramref name="global"/>.</summary>
    /// <param name="program">The program.</param>
    /// <param name="graph">Its calls.</param>
    /// <param name="global">The stack pointer.</param>
    /// <param name="framesOnly">
    /// Whether functions that move the pointer use nothing below it. Compilers' do not, but where a leaf was inlined its red zone is there; on the
    /// other hand our passes may form an address that is lower than all that is used.
    /// </param>
    public ShadowStack(Program program, CallGraph graph, int global, bool framesOnly = false)
    {
        (_program, _graph, _global, _framesOnly) = (program, graph, global, framesOnly);
        FindUsers();
        Settle();
    }

    /// <summary>Bytes from the pointer at the entry of <paramref name="function"/> to the lowest that it and what it calls use; null where there is no bound.</summary>
    public long? Of(FuncIndex function) => _depths.TryGetValue(function, out var depth) ? depth.Bytes : _users.ContainsKey(function) ? null : 0;

    /// <summary>What <paramref name="function"/> may call, through tables too.</summary>
    public IEnumerable<FuncIndex> CalleesOf(FuncIndex function)
        => _motions.TryGetValue(function, out var motion) ? motion.Calls.SelectMany(call => CalleesOf(_program.Body(function)!, call.Call)).Distinct() : _graph.Callees(function);

    /// <summary>The most that a function uses below the pointer without moving it.</summary>
    public long RedZone => _motions.Values.Select(motion => motion.RedZone).DefaultIfEmpty(0).Max();

    /// <summary>The calls that lead to the lowest point, with the bytes that each function takes there.</summary>
    public IEnumerable<(FuncIndex Function, long Bytes)> Chain(FuncIndex function)
    {
        for (FuncIndex? at = function; at is { } here && _depths.TryGetValue(here, out var depth); at = depth.Next)
        {
            yield return (here, depth.Frame);
        }
    }

    /// <summary>The functions that use the stack, with what they do; calls of others take none of it.</summary>
    private void FindUsers()
    {
        var callers = new Dictionary<FuncIndex, List<FuncIndex>>();
        var work = new Queue<FuncIndex>();
        var used = new HashSet<FuncIndex>();
        foreach (var index in _program.Functions)
        {
            if (_program.Body(index) is not { } body)
            {
                if (_program.Module.Functions[index.Index].Body is not null && used.Add(index))
                {
                    _unbounded.Add(index);
                    work.Enqueue(index);
                }

                continue;
            }

            var motion = _motions[index] = new StackMotion(body, _global);
            foreach (var callee in motion.Calls.SelectMany(call => CalleesOf(body, call.Call)).Distinct())
            {
                (callers.TryGetValue(callee, out var known) ? known : callers[callee] = []).Add(index);
            }

            if (!motion.IsBalanced || motion.Lowest is null)
            {
                _unbounded.Add(index);
            }

            if ((motion.Lowest != 0 || motion.LowestFormed != 0) && used.Add(index))
            {
                work.Enqueue(index);
            }
        }

        while (work.TryDequeue(out var index))
        {
            foreach (var caller in callers.GetValueOrDefault(index, []).Where(used.Add))
            {
                work.Enqueue(caller);
            }
        }

        // Who leaves the pointer elsewhere makes all distances behind his calls wrong.
        var broken = _motions.Values.Any(motion => !motion.IsBalanced);
        foreach (var index in used.OrderBy(index => index.Index))
        {
            var calls = _motions.TryGetValue(index, out var motion)
                ? motion.Calls.SelectMany(call => CalleesOf(_program.Body(index)!, call.Call).Where(used.Contains).Select(callee => (callee, Frame: -call.Distance ?? -1))).Distinct().ToList()
                : [];
            _users[index] = (motion is null ? 0 : Own(motion), calls);
            // Without a distance, or above the entry's place: nothing that a compiler makes.
            if (broken || calls.Exists(call => call.Frame < 0))
            {
                _unbounded.Add(index);
            }
        }
    }

    private long Own(StackMotion motion) => -(motion.Lowest is { } lowest && (_framesOnly && lowest < 0) ? lowest : Math.Min(motion.Lowest ?? 0, motion.LowestFormed));

    /// <summary>Callees before callers; what is left over calls itself, or something without a bound.</summary>
    private void Settle()
    {
        var callers = _users.SelectMany(user => user.Value.Calls.Select(call => (call.Callee, Caller: user.Key))).ToLookup(edge => edge.Callee, edge => edge.Caller);
        var open = _users.ToDictionary(user => user.Key, user => user.Value.Calls.Count);
        var ready = new Queue<FuncIndex>(_users.Keys.Where(index => open[index] == 0).OrderBy(index => index.Index));
        while (ready.TryDequeue(out var index))
        {
            if (_unbounded.Contains(index))
            {
                continue;
            }

            var (own, calls) = _users[index];
            var deepest = (Bytes: own, Next: (FuncIndex?)null, Frame: own);
            foreach (var (callee, frame) in calls)
            {
                var bytes = frame + _depths[callee].Bytes;
                deepest = bytes > deepest.Bytes ? (bytes, callee, frame) : deepest;
            }

            _depths.Add(index, deepest);
            foreach (var caller in callers[index].Where(caller => --open[caller] == 0))
            {
                ready.Enqueue(caller);
            }
        }
    }

    /// <summary>What a call may run: through a table, every function of the type whose address is taken.</summary>
    private IEnumerable<FuncIndex> CalleesOf(Function body, Inst call) => body.OpcodeOf(call) switch
    {
        Opcode.Call or Opcode.ReturnCall => [new FuncIndex(body.ImmediatesOf(call).A)],
        Opcode.CallIndirect or Opcode.ReturnCallIndirect => _program.Functions.Where(index => _graph.IsAddressTaken(index)
            && _program.Module.TypeOf(index).Equals(_program.Module.Types[body.ImmediatesOf(call).A])),
        _ => [],
    };
}
