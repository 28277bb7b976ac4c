using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Constants and locals that edges pass to parameters, where the parameter's local can hold them before: a zero since the function was
/// entered, what stands in another local since it was made, anything else since a block that dominates several such edges.
/// </summary>
/// <example><code>
/// set v1; …; p = v1; br b9   =>   tee p; set v1; …; br b9
/// if c { p = 1; br b9 }; …; p = 2; br b9; …; p = 1; br b9   =>   p = 1; if c { br b9 }; …; p = 2; br b9; …; br b9
/// </code></example>
internal sealed class HoistedCopies
{
    /// <summary>Edges with the same content for one local that are looked at together.</summary>
    private const int MaximumGroup = 64;

    /// <summary>Locals that hold something early: each is one that nothing else can share for long.</summary>
    private const int MaximumOwners = 64;

    /// <summary>Steps of liveness to spend on one function: a walk for each of many edges through many blocks would never end.</summary>
    private const long MaximumSteps = 1_000_000;

    private readonly DominatorTree _dominators;
    private readonly Function _function;
    private readonly Stackifier _code;
    private readonly LiveRanges _ranges;
    private readonly Func<Value, ValueClass?> _find;
    private readonly HashSet<EdgeMove> _done = new(ReferenceEqualityComparer.Instance);
    private readonly EntityMap<Block, List<EdgeMove>?> _early = new();
    private readonly EntityMap<Value, List<Value>?> _copies = new();
    private readonly long _maximumSteps;
    private int _owners;

    public HoistedCopies(DominatorTree dominators, Stackifier code, LiveRanges ranges, Func<Value, ValueClass?> find)
    {
        (_dominators, _function, _code, _ranges, _find) = (dominators, dominators.Flow.Function, code, ranges, find);
        _maximumSteps = ranges.Steps + MaximumSteps;
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

        groups.ForEach(group =>
        {
            if (!Copy(group))
            {
                SetEarly(group);
            }
        });
    }

    private readonly record struct Passed(Block From, EdgeMove Move, ValueClass Owner);

    /// <summary>Whether <paramref name="move"/> has nothing left to do.</summary>
    public bool IsDone(EdgeMove move) => _done.Contains(move);

    /// <summary>What is set at the end of <paramref name="block"/>, before its branch.</summary>
    public IReadOnlyList<EdgeMove> Early(Block block) => _early[block] ?? (IReadOnlyList<EdgeMove>)[];

    /// <summary>Parameters whose locals are set where <paramref name="value"/> is.</summary>
    public IReadOnlyList<Value> Copies(Value value) => _copies[value] ?? (IReadOnlyList<Value>)[];

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
        move.Source is not null || (move.Ops is [{ Kind: EmitKind.Instruction } only] && _code.IsRematerialized(only.Inst));

    private (ValueClass Owner, Opcode Opcode, Immediates Content) Key(Passed passed) => passed.Move.Source is { } source
        ? (passed.Owner, Opcode.LocalGet, new Immediates(source.Index))
        : (passed.Owner, _function.OpcodeOf(passed.Move.Ops[0].Inst), _function.ImmediatesOf(passed.Move.Ops[0].Inst));

    private bool MayOwn(ValueClass owner) => _owners < MaximumOwners || !owner.Constant.IsEmpty;

    private bool HasTime => _ranges.Steps < _maximumSteps;

    private bool KeepZero(Passed passed)
    {
        if (passed.Owner.Local is not null || !IsZero(passed.Move) || !HasTime || !MayOwn(passed.Owner))
        {
            return false;
        }

        // Several edges may keep the zero at the same place.
        var range = _ranges.FromEntry(passed.From);
        if (passed.Owner.Segments.Overlaps(range))
        {
            return false;
        }

        Claim([passed], range);
        return true;
    }

    private bool IsZero(EdgeMove move) => move.IsZero(_function) || (move.Source is { } source && _code.IsFirstContent(source));

    /// <summary>Sets the local where the value that all edges pass is made.</summary>
    private bool Copy(List<Passed> group)
    {
        var owner = group[0].Owner;
        if (group[0].Move.Source is not { } source || source.Index >= _function.ValueCount || !_function.DefiningInst(source).Exists || !HasTime || !MayOwn(owner)
            || _ranges.FromDefinition(source, group.Select(passed => passed.From)) is not { } range || IsNeeded(owner, range))
        {
            return false;
        }

        Claim(group, range);
        (_copies.Reference(source) ??= []).Add(group[0].Move.Parameter);
        return true;
    }

    /// <summary>Takes as many of the edges as can have the local set in a block that dominates them, then those that are left.</summary>
    private void SetEarly(List<Passed> group)
    {
        var owner = group[0].Owner;
        while (group.Count > 1 && HasTime && MayOwn(owner))
        {
            var (at, count) = (group[0].From, 1);
            for (; count < group.Count; count++)
            {
                var next = _dominators.CommonDominator(at, group[count].From);
                if (IsNeeded(owner, Range(next, group[..(count + 1)])))
                {
                    break;
                }

                at = next;
            }

            if (count > 1 && Range(at, group[..count]) is var range && !IsNeeded(owner, range))
            {
                Claim(group[..count], range);
                (_early.Reference(at) ??= []).Add(group[0].Move);
            }

            group = group[count..];
        }
    }

    private static bool IsNeeded(ValueClass owner, SegmentSet range) => owner.Segments.Overlaps(range) || owner.Constant.Overlaps(range);

    private SegmentSet Range(Block at, List<Passed> group) => _ranges.FromEnd(at, group.Select(passed => passed.From));

    /// <summary>Marks the moves as done: the local holds what they move in <paramref name="range"/>.</summary>
    private void Claim(List<Passed> group, SegmentSet range)
    {
        var owner = group[0].Owner;
        _owners += owner.Constant.IsEmpty ? 1 : 0;
        owner.Constant.Add(range);
        group.ForEach(passed => _done.Add(passed.Move));
    }
}
