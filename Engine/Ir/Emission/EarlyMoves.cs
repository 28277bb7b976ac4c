using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Constants and locals that edges pass to parameters, where the parameter's local can hold them before: a zero since the function was
/// entered, anything else since a block that dominates several such edges.
/// </summary>
/// <example><code>
/// if c { p = 1; br b9 }; …; p = 2; br b9; …; p = 1; br b9   =>   p = 1; if c { br b9 }; …; p = 2; br b9; …; br b9
/// </code></example>
internal sealed class EarlyMoves
{
    /// <summary>Edges with the same content for one local that are looked at together.</summary>
    private const int MaximumGroup = 64;

    private readonly DominatorTree _dominators;
    private readonly Function _function;
    private readonly Stackifier _code;
    private readonly LiveRanges _ranges;
    private readonly Func<Value, ValueClass?> _find;
    private readonly HashSet<EdgeMove> _done = new(ReferenceEqualityComparer.Instance);
    private readonly EntityMap<Block, List<EdgeMove>?> _early = new();

    public EarlyMoves(DominatorTree dominators, Stackifier code, LiveRanges ranges, Func<Value, ValueClass?> find)
    {
        (_dominators, _function, _code, _ranges, _find) = (dominators, dominators.Flow.Function, code, ranges, find);
        var groups = new List<List<Passed>>();
        var byContent = new Dictionary<(ValueClass, Opcode, Immediates), List<Passed>>();
        foreach (var passed in dominators.Flow.ReversePostOrder.SelectMany(Shareable))
        {
            var key = Key(passed);
            if (!KeepZero(passed))
            {
                if (!byContent.TryGetValue(key, out var group) || group.Count == MaximumGroup)
                {
                    groups.Add(byContent[key] = group = []);
                }

                group.Add(passed);
            }
        }

        groups.ForEach(SetEarly);
    }

    private readonly record struct Passed(Block From, EdgeMove Move, ValueClass Owner);

    /// <summary>Whether <paramref name="move"/> has nothing left to do.</summary>
    public bool IsDone(EdgeMove move) => _done.Contains(move);

    /// <summary>What is set at the end of <paramref name="block"/>, before its branch.</summary>
    public IReadOnlyList<EdgeMove> Early(Block block) => _early[block] ?? (IReadOnlyList<EdgeMove>)[];

    private IEnumerable<Passed> Shareable(Block block)
    {
        var terminator = _function.Last(block);
        for (var i = 0; i < _function.TargetCount(terminator); i++)
        {
            foreach (var move in _code.Moves(terminator, i))
            {
                if (IsShareable(move) && _find(move.Parameter) is { } owner && !(move.Source is { } source && _find(source) == owner))
                {
                    yield return new Passed(block, move, owner);
                }
            }
        }
    }

    /// <summary>A local or a constant: not what is only made once, like the result of a call.</summary>
    private bool IsShareable(EdgeMove move) =>
        move.Source is not null || (move.Ops is [{ Kind: EmitKind.Instruction } only] && _code.IsRemade(only.Inst));

    private (ValueClass Owner, Opcode Opcode, Immediates Content) Key(Passed passed) => passed.Move.Source is { } source
        ? (passed.Owner, Opcode.LocalGet, new Immediates(source.Index))
        : (passed.Owner, _function.OpcodeOf(passed.Move.Ops[0].Inst), _function.ImmediatesOf(passed.Move.Ops[0].Inst));

    private bool KeepZero(Passed passed) => passed.Owner.Local is null && IsZero(passed.Move)
        && Claim([passed], _ranges.FromEntry(passed.From), passed.Owner.Segments);

    private bool IsZero(EdgeMove move) => move.IsZero(_function) || (move.Source is { } source && _code.IsFirstContent(source));

    /// <summary>Takes as many of the edges as can have the local set in a block that dominates them, then those that are left.</summary>
    private void SetEarly(List<Passed> group)
    {
        var owner = group[0].Owner;
        while (group.Count > 1)
        {
            var (at, count) = (group[0].From, 1);
            for (; count < group.Count; count++)
            {
                var next = _dominators.CommonDominator(at, group[count].From);
                if (SegmentLists.Overlap(Needed(owner), Range(next, group[..(count + 1)])))
                {
                    break;
                }

                at = next;
            }

            if (count > 1 && Claim(group[..count], Range(at, group[..count]), Needed(owner)))
            {
                (_early.Reference(at) ??= []).Add(group[0].Move);
            }

            group = group[count..];
        }
    }

    private static List<Segment> Needed(ValueClass owner) => SegmentLists.Union(owner.Segments, owner.Constant);

    private List<Segment> Range(Block at, List<Passed> group) => _ranges.FromEnd(at, group.Select(passed => passed.From));

    /// <summary>Marks the moves as done, unless the local is <paramref name="needed"/> for something else in <paramref name="segments"/>.</summary>
    private bool Claim(List<Passed> group, List<Segment> segments, List<Segment> needed)
    {
        if (SegmentLists.Overlap(needed, segments))
        {
            return false;
        }

        var owner = group[0].Owner;
        owner.Constant = SegmentLists.Union(owner.Constant, segments);
        group.ForEach(passed => _done.Add(passed.Move));
        return true;
    }
}
