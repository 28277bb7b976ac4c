using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Gives values locals. Values that an edge passes to a parameter share its local where they are never needed at once, so that the edge
/// moves nothing; then classes of such values share locals first fit, the function's parameters being locals like any other.
/// </summary>
internal sealed class LocalAllocation
{
    private readonly Function _function;
    private readonly LoopCopies _carriers;
    private readonly Stackifier _code;
    private readonly LiveRanges _ranges;
    private readonly EntityMap<Value, ValueClass?> _classes = new();
    private readonly HoistedCopies _early;
    private readonly List<Local> _locals = [];
    private Local[] _byIndex;

    public LocalAllocation(DominatorTree dominators, LoopForest loops, Stackifier code, LiveRanges ranges, LoopCopies carriers)
    {
        var flow = dominators.Flow;
        (_function, _carriers, _code, _ranges) = (flow.Function, carriers, code, ranges);
        MakeClasses();
        foreach (var (parameter, argument) in Affinities(flow, loops))
        {
            Coalesce(parameter, argument);
        }

        _early = new HoistedCopies(dominators, code, ranges, Find);
        Colour();
        NumberLocals();
        _byIndex = [.. _locals.OrderBy(local => local.Index)];
    }

    /// <summary>The locals to declare, parameters not included.</summary>
    public List<LocalGroup> Declared { get; } = [];

    /// <summary>Declares and numbers only the locals with an index in <paramref name="used"/>, besides parameters.</summary>
    public void Keep(IReadOnlySet<int> used)
    {
        _locals.RemoveAll(local => local.Index >= _function.Type.Parameters.Length && !used.Contains(local.Index));
        Declared.Clear();
        NumberLocals();
        _byIndex = [.. _locals.OrderBy(local => local.Index)];
    }

    /// <summary>The index of the local that holds <paramref name="value"/>.</summary>
    public int LocalOf(Value value) => Find(value)!.Local!.Index;

    /// <summary>Whether the local with <paramref name="index"/> holds something at <paramref name="position"/>.</summary>
    public bool IsOccupied(int index, int position) => _byIndex[index].Segments.Contains(position);

    /// <summary>Whether <paramref name="move"/> has nothing to do, since the local has the value.</summary>
    public bool IsDone(EdgeMove move) =>
        _early.IsDone(move) || (move.Source is { } source && LocalOf(source) == LocalOf(move.Parameter));

    /// <summary>Locals that are set at the end of <paramref name="block"/>, on top of the operands of its terminator.</summary>
    public IReadOnlyList<EdgeMove> Early(Block block) => _early.Early(block);

    /// <summary>Parameters whose locals are set where <paramref name="value"/> is.</summary>
    public IReadOnlyList<Value> Copies(Value value) => _early.Copies(value);

    private void MakeClasses()
    {
        var parameters = _function.Parameters(_function.Entry);
        for (var i = 0; i < parameters.Length; i++)
        {
            var local = new Local(_carriers.TypeOf(parameters[i])) { Index = i };
            _locals.Add(local);

            // The argument is there at first, though nothing may need it: the local is not zero.
            var segments = _ranges.Of(parameters[i]);
            segments.Add(new Segment(0, 1));
            _classes[parameters[i]] = new ValueClass(parameters[i], segments) { Local = local };
        }

        for (var i = 0; i < _carriers.ValueCount; i++)
        {
            var value = new Value(i);
            if (_code.IsInLocal(value) && _classes[value] is null)
            {
                _classes[value] = new ValueClass(value, _ranges.Of(value));
            }
        }
    }

    /// <summary>Pairs that would like to share a local, the most valuable first.</summary>
    private IEnumerable<(Value Parameter, Value Argument)> Affinities(ControlFlow flow, LoopForest loops)
    {
        var pairs = new List<(int Weight, Value Parameter, Value Argument)>();
        foreach (var block in flow.ReversePostOrder)
        {
            var terminator = _function.Last(block);
            for (var i = 0; i < _function.TargetCount(terminator); i++)
            {
                // A move on one of several edges needs a place of its own, so it costs more.
                var weight = (_function.TargetCount(terminator) > 1 ? 3 : 1) * (1 + loops.Depth(block));
                foreach (var move in _code.Moves(terminator, i))
                {
                    if (move.Source is { } source)
                    {
                        pairs.Add((weight, move.Parameter, source));
                    }
                }
            }
        }

        return pairs.OrderByDescending(pair => pair.Weight).Select(pair => (pair.Parameter, pair.Argument));
    }

    private ValueClass? Find(Value value)
    {
        var found = _classes[value];
        while (found?.Into is { } next)
        {
            // The next call has half the way.
            found.Into = next.Into ?? next;
            found = next;
        }

        return found;
    }

    private void Coalesce(Value first, Value second)
    {
        if (Find(first) is not { } a || Find(second) is not { } b || a == b || (a.Local is not null && b.Local is not null)
            || _carriers.TypeOf(first) != _carriers.TypeOf(second) || a.Segments.Overlaps(b.Segments))
        {
            return;
        }

        var (into, from) = b.Local is not null ? (b, a) : (a, b);
        from.Into = into;
        into.Segments = SegmentSet.Join(into.Segments, from.Segments);
    }

    /// <summary>First fit in the order of the code.</summary>
    private void Colour()
    {
        var classes = new List<ValueClass>();
        for (var i = 0; i < _carriers.ValueCount; i++)
        {
            if (_classes[new Value(i)] is { Into: null } root)
            {
                root.Segments.Add(root.Constant);
                classes.Add(root);
            }
        }

        foreach (var fixedClass in classes.Where(c => c.Local is not null))
        {
            fixedClass.Local!.Segments = fixedClass.Segments;
        }

        var byType = _locals.GroupBy(local => local.Type).ToDictionary(group => group.Key, group => new LocalsOfType(group));
        foreach (var open in classes.Where(c => c.Local is null).OrderBy(c => c.Segments.Start).ToArray())
        {
            var type = _carriers.TypeOf(open.First);
            if (!byType.TryGetValue(type, out var locals))
            {
                byType.Add(type, locals = new LocalsOfType([]));
            }

            if (locals.FirstFit(open.Segments) is not { } local)
            {
                local = new Local(type);
                _locals.Add(local);
                locals.Add(local);
            }

            local.Segments = SegmentSet.Join(local.Segments, open.Segments);
            open.Local = local;
        }
    }

    /// <summary>Locals of one type stand together; the more an index is used, the lower it is.</summary>
    private void NumberLocals()
    {
        _locals.ForEach(local => local.Uses = 0);
        for (var i = 0; i < _carriers.ValueCount; i++)
        {
            if (Find(new Value(i)) is { Local: { } local })
            {
                local.Uses += _ranges.UseCount(new Value(i)) + 1;
            }
        }

        var next = _function.Type.Parameters.Length;
        var groups = _locals.Skip(next).GroupBy(local => local.Type).OrderByDescending(group => group.Sum(local => local.Uses) / group.Count());
        foreach (var group in groups)
        {
            foreach (var local in group.OrderByDescending(local => local.Uses))
            {
                local.Index = next++;
            }

            Declared.Add(new LocalGroup((uint)group.Count(), group.Key));
        }
    }
}
