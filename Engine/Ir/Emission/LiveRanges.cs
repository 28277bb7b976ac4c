using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>A stretch of code, from its first position up to but not including its last.</summary>
internal readonly record struct Segment(int Start, int End);

/// <summary>
/// Where each value that is kept in a local must keep it, as positions in the stack code of all blocks one after another. Exact, holes
/// included: two values whose segments do not overlap may share a local.
/// </summary>
internal sealed class LiveRanges
{
    private readonly ControlFlow _flow;
    private readonly EntityMap<Block, (int Start, int End)> _blocks = new();
    private readonly EntityMap<Block, int> _codeEnds = new();
    private readonly EntityMap<Value, int> _definition = new(-1);
    private readonly EntityMap<Value, List<(Block Block, int Position)>?> _uses = new();
    private readonly EntityMap<Value, SegmentSet?> _segments = new();
    private readonly EntityMap<Block, int> _liveIn = new();
    private readonly EntityMap<Block, int> _liveOut = new();
    private readonly EntityMap<Block, int> _lastUse = new();
    private readonly List<Block> _order = [];
    private readonly Stack<Block> _work = new();
    private int _stamp;

    public LiveRanges(ControlFlow flow, Stackifier code, LoopCopies carriers)
    {
        _flow = flow;
        var position = 0;
        foreach (var block in flow.ReversePostOrder)
        {
            position = Number(block, code, carriers, position);
        }

        for (var i = 0; i < carriers.ValueCount; i++)
        {
            if (code.IsInLocal(new Value(i)) && _uses[new Value(i)] is { } uses)
            {
                var isZero = code.IsFirstContent(new Value(i));
                var home = isZero ? flow.Function.Entry : carriers.DefiningBlock(new Value(i));
                _segments[new Value(i)] = Compute(home, isZero ? 0 : _definition[new Value(i)], uses);
            }
        }
    }

    /// <summary>Where <paramref name="value"/> is kept, for the caller to change; empty when it is not kept in a local.</summary>
    public SegmentSet Of(Value value) => _segments[value] ?? new SegmentSet();

    /// <summary>Blocks that have been walked through so far: the work that the answers have taken.</summary>
    public long Steps { get; private set; }

    /// <summary>The position at which the parameters of <paramref name="block"/> have arrived.</summary>
    public int StartOf(Block block) => _blocks[block].Start;

    /// <summary>The position after everything in <paramref name="block"/>.</summary>
    public int EndOf(Block block) => _blocks[block].End;

    /// <summary>How often the code pushes <paramref name="value"/> from its local.</summary>
    public int UseCount(Value value) => _uses[value]?.Count ?? 0;

    /// <summary>What a local needs that still has its first content when <paramref name="block"/> ends.</summary>
    public SegmentSet FromEntry(Block block) => Compute(_flow.Function.Entry, 0, [(block, EndOf(block))]);

    /// <summary>What a local needs that is set after the code of <paramref name="block"/>, until each of <paramref name="ends"/> ends.</summary>
    public SegmentSet FromEnd(Block block, IEnumerable<Block> ends) =>
        Compute(block, _codeEnds[block] - 1, [.. ends.Select(end => (end, EndOf(end)))]);

    /// <summary>What a local needs that is set with <paramref name="value"/>, until each of <paramref name="ends"/> ends; null when the code of no block sets it.</summary>
    public SegmentSet? FromDefinition(Value value, IEnumerable<Block> ends)
    {
        var home = _flow.Function.DefiningBlock(value);
        var at = _definition[value];
        return at >= 0 && at < _codeEnds[home] ? Compute(home, at, [.. ends.Select(end => (end, EndOf(end)))]) : null;
    }

    private int Number(Block block, Stackifier code, LoopCopies carriers, int position)
    {
        var start = position++;
        foreach (var parameter in _flow.Function.Parameters(block))
        {
            _definition[carriers.Of(parameter) ?? parameter] = start;
        }

        foreach (var op in code.Code(block))
        {
            Visit(op, block, position++);
        }

        foreach (var op in code.Sunk(block))
        {
            Visit(op, block, position++);
        }

        _codeEnds[block] = position;

        // The moves of several edges exclude one another: they stand at the same positions.
        var terminator = _flow.Function.Last(block);
        var end = position + 1;
        for (var i = 0; i < _flow.Function.TargetCount(terminator); i++)
        {
            var at = position;
            var moves = code.Moves(terminator, i);
            foreach (var op in moves.SelectMany(move => move.Ops))
            {
                Visit(op, block, at++);
            }

            KeepSources(moves, block, at);
            end = Math.Max(end, at + 1);
        }

        _blocks[block] = (start, end);
        return end;
    }

    /// <summary>
    /// A source that shares its parameter's local is not pushed: the local keeps it over whatever else the edge makes.
    /// </summary>
    private void KeepSources(IReadOnlyList<EdgeMove> moves, Block block, int end)
    {
        if (moves.Any(move => move.Ops.Exists(op => op.Kind is EmitKind.Set or EmitKind.Tee)))
        {
            foreach (var move in moves)
            {
                if (move.Source is { } source)
                {
                    (_uses.Reference(source) ??= []).Add((block, end));
                }
            }
        }
    }

    private void Visit(StackInstruction op, Block block, int position)
    {
        if (op.Kind == EmitKind.Get)
        {
            (_uses.Reference(op.Value) ??= []).Add((block, position));
        }
        else if (op.Kind is EmitKind.Set or EmitKind.Tee)
        {
            _definition[op.Value] = position;
        }
    }

    /// <summary>From every use back to the definition.</summary>
    private SegmentSet Compute(Block home, int definition, List<(Block Block, int Position)> uses)
    {
        var stamp = ++_stamp;
        _order.Clear();
        var (touched, work) = (_order, _work);
        foreach (var (block, position) in uses)
        {
            if (Touch(block, stamp, touched) || _lastUse[block] < position)
            {
                _lastUse[block] = position;
            }

            LiveInto(block, home, stamp, work);
        }

        while (work.TryPop(out var block))
        {
            Steps++;
            foreach (var edge in _flow.Predecessors(block))
            {
                if (_liveOut[edge.From] != stamp)
                {
                    if (Touch(edge.From, stamp, touched))
                    {
                        _lastUse[edge.From] = 0;
                    }

                    _liveOut[edge.From] = stamp;
                    LiveInto(edge.From, home, stamp, work);
                }
            }
        }

        return Segments(home, definition, stamp, touched);
    }

    private void LiveInto(Block block, Block home, int stamp, Stack<Block> work)
    {
        if (block != home && _liveIn[block] != stamp)
        {
            _liveIn[block] = stamp;
            work.Push(block);
        }
    }

    private readonly EntityMap<Block, int> _touched = new();

    private bool Touch(Block block, int stamp, List<Block> touched)
    {
        if (_touched[block] == stamp)
        {
            return false;
        }

        _touched[block] = stamp;
        touched.Add(block);
        return true;
    }

    private SegmentSet Segments(Block home, int definition, int stamp, List<Block> touched)
    {
        var segments = new List<Segment>(touched.Count);
        foreach (var block in touched)
        {
            var start = block == home ? definition : _blocks[block].Start;
            segments.Add(new Segment(start, _liveOut[block] == stamp ? _blocks[block].End : _lastUse[block]));
        }

        return new SegmentSet(segments);
    }
}
