using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Smt.Sampling;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>How hard to look whether two values agree.</summary>
internal enum Effort { Sample, SampleAndSolve, Solve }

/// <summary>
/// What is equal at a pair of loop headers, found by partition refinement. Every value of either side (slots, then state components) is
/// one of: dead; an invariant, that is a term of what was known before the loop; or a member of a class of values that differ from each
/// other by constants. It starts from the strongest guess and only gets weaker, until every way into the node keeps it: an inductive
/// relation, never a trusted one.
/// </summary>
internal sealed class CutpointRelation(TermFactory factory, StateLayout layout, int node, int beforeSlots, int afterSlots)
{
    private const int Fallen = -1;
    private readonly int _count = beforeSlots + afterSlots + 2 * layout.Parts.Count;
    private readonly DerivedValues _derived = new(factory, t => (t.Owners & 1UL << Math.Min(node, 63)) != 0);
    private readonly ComputedValues _computed = new(
        factory, node, (position, width) => CutVariables.Of(factory, layout, beforeSlots + afterSlots, node, position, width));
    private int[]? _classes;
    private ulong[] _offsets = [];
    private bool[] _fallen = [];
    private readonly EqualityGuesses _likes = new();
    private readonly HashSet<(int, int)> _unlike = [];
    private bool _mayTrust;
    private readonly FewBits _few = new(layout.Parts.Count * 2 + beforeSlots + afterSlots);

    /// <summary>The value of each position: slots before, slots after, components before, components after.</summary>
    public Term?[] Values { get; private set; } = [];

    /// <summary>
    /// Whether the events up to here will not be known to be the same: two invariants may still fall into one class, but nothing that has fallen joins another.
    /// </summary>
    public bool EventsDiffer => Values.Length > 0 && (_fallen[World] || _fallen[World + layout.Parts.Count])
        && !ReferenceEquals(Values[World], Values[World + layout.Parts.Count]);

    /// <summary>Whether the last update took on trust that values which were in one class still are.</summary>
    public bool IsTrusting { get; private set; }

    /// <summary>Proves that two values agree on an edge; asked only where shape does not show it.</summary>
    public delegate bool Prover(ProductEdge edge, Term a, Term b, Effort effort);

    /// <summary>Weakens the relation until <paramref name="incoming"/> establishes it; whether it changed.</summary>
    public bool Update(IReadOnlyList<ProductEdge> incoming, Prover prove, bool mayTrust)
    {
        (IsTrusting, _mayTrust) = (false, mayTrust);
        var vectors = new Term?[_count][];
        for (var i = 0; i < _count; i++)
        {
            vectors[i] = Vector(incoming, i);
        }

        if (_classes is null)
        {
            _classes = new int[_count];
            _offsets = new ulong[_count];
            _fallen = new bool[_count];
            Array.Fill(_classes, Fallen);
        }

        if (Values.Length > 0 && _few.Find(Classes(), vectors, _offsets))
        {
            Values = [.. Values.Select((value, i) => value is not null && _fallen[i] && !IsFunction(i) ? ValueOf(i, _classes[i], value.Width) : value)];
            SetFunctions(Values);
            return true;
        }

        var values = new Term?[_count];
        _derived.Check(vectors, e => incoming[e].IsBack);
        _computed.Check(vectors, i => vectors[i][0] is not null && !IsFunction(i));
        var groups = Partition(incoming, vectors, values);
        Align(vectors, values, incoming, prove);
        Merge(groups, vectors, incoming, prove);
        Derive(groups, vectors, incoming);
        Compute(groups, vectors, incoming);
        _few.Expect(groups.Where(g => g.Count > 0 && g.Max() < beforeSlots + afterSlots && vectors[g[0]][0]!.Width > 0 && g.TrueForAll(i => _classes[i] == Fallen)), vectors, _offsets);
        foreach (var group in groups.Where(g => g.Count > 0))
        {
            var root = group.Min();
            foreach (var i in group)
            {
                _classes[i] = root;
                values[i] = ValueOf(i, root, vectors[i][0]!.Width);
            }
        }

        SetFunctions(values);
        var changed = Values.Length == 0 || !values.AsSpan().SequenceEqual(Values);
        Values = values;
        return changed;
    }

    /// <summary>The classes of slots that have values.</summary>
    private IEnumerable<IReadOnlyList<int>> Classes()
        => Enumerable.Range(0, beforeSlots + afterSlots).Where(i => _fallen[i] && Values[i] is { Width: > 0 } && !IsFunction(i)).GroupBy(i => _classes![i]).Select(g => g.ToList());

    /// <summary>Whether a position's value is a function of others'.</summary>
    private bool IsFunction(int i) => _derived.Contains(i) || _computed.Contains(i);

    private void SetFunctions(Term?[] values)
    {
        foreach (var i in _derived.Positions)
        {
            values[i] = _derived.ValueOf(i, values);
        }

        foreach (var i in _computed.Positions)
        {
            values[i] = _computed.ValueOf(i, values);
        }
    }

    private Term ValueOf(int i, int root, int width)
    {
        if (_few.Of(root) is { } bits)
        {
            return factory.ZeroExtend(CutVariables.Of(factory, layout, beforeSlots + afterSlots, node, root, bits), width);
        }

        var variable = CutVariables.Of(factory, layout, beforeSlots + afterSlots, node, root, width);
        return _offsets[i] == 0 ? variable : factory.AddConstant(variable, _offsets[i]);
    }

    /// <summary>The symbolic state of one side here.</summary>
    public MachineState State(bool before)
    {
        var slots = Values.AsSpan(before ? 0 : beforeSlots, before ? beforeSlots : afterSlots).ToArray();
        var first = beforeSlots + afterSlots + (before ? 0 : layout.Parts.Count);
        return new MachineState(slots, Values.AsSpan(first, layout.Parts.Count).ToArray()!);
    }

    private Term?[] Vector(IReadOnlyList<ProductEdge> incoming, int i)
    {
        var vector = new Term?[incoming.Count];
        var slots = beforeSlots + afterSlots;
        for (var e = 0; e < vector.Length; e++)
        {
            var (before, after) = (incoming[e].Before.State, incoming[e].After.State);
            vector[e] = i < beforeSlots ? before.Slots[i]
                : i < slots ? after.Slots[i - beforeSlots]
                : i < slots + layout.Parts.Count ? before.Parts[i - slots]
                : after.Parts[i - slots - layout.Parts.Count];
        }

        return vector;
    }

    /// <summary>Keeps invariants that still are; groups the rest by old class and by what comes in, less each value's own offset.</summary>
    private List<List<int>> Partition(IReadOnlyList<ProductEdge> incoming, Term?[][] vectors, Term?[] values)
    {
        var groups = new List<List<int>>();
        var byKey = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < _count; i++)
        {
            var vector = vectors[i];
            if (Array.Exists(vector, v => v is null || v.Width != vector[0]!.Width))
            {
                continue;
            }

            if (IsFunction(i))
            {
                continue;
            }

            if (!_fallen[i] && Invariant(incoming, vector, i) is { } invariant && !IsOwn(invariant))
            {
                values[i] = invariant;
                continue;
            }

            if (!_fallen[i])
            {
                _fallen[i] = true;
                _offsets[i] = vector[0]!.Width > 0 && !IsSize(i) ? factory.Split(vector[0]!).Offset : 0;
            }

            var key = new StringBuilder();
            key.Append(CultureInfo.InvariantCulture, $"{vector[0]!.Width}/{_classes![i]}");
            foreach (var v in vector)
            {
                key.Append(CultureInfo.InvariantCulture, $",{Normal(v!, i).Id}");
            }

            if (!byKey.TryGetValue(key.ToString(), out var group))
            {
                byKey[key.ToString()] = group = [];
                groups.Add(group);
            }

            group.Add(i);
        }

        return groups;
    }

    /// <summary>
    /// What every way in brings. A way back that brings what the value was so far only says that the loop leaves it alone: where that was
    /// said in terms that have changed outside, the ways from outside say it in the new ones.
    /// </summary>
    private Term? Invariant(IReadOnlyList<ProductEdge> incoming, Term?[] vector, int i)
    {
        var old = Values.Length > 0 ? Values[i] : null;
        Term? current = null;
        for (var e = 0; e < vector.Length; e++)
        {
            if (!(incoming[e].IsBack && ReferenceEquals(vector[e], old)) && !ReferenceEquals(vector[e], current ??= vector[e]))
            {
                return null;
            }
        }

        return current ?? old;
    }

    /// <summary>Whether a way back brings what the value was so far.</summary>
    private bool LeavesAlone(IReadOnlyList<ProductEdge> incoming, Term?[][] vectors, int e, int i)
        => incoming[e].IsBack && Values.Length > 0 && ReferenceEquals(vectors[i][e], Values[i]);

    /// <summary>
    /// An invariant of the second side that is one of the first in another shape is written in that: what the loop makes of both is then the same term.
    /// </summary>
    private void Align(Term?[][] vectors, Term?[] values, IReadOnlyList<ProductEdge> incoming, Prover prove)
    {
        var shapes = new Dictionary<(int, UInt128), Term>();
        for (var j = 0; j < beforeSlots; j++)
        {
            if (values[j] is { Width: > 0, Args.Length: > 0 } value)
            {
                shapes.TryAdd((value.Width, _likes.ValuesOf(value)), value);
            }
        }

        for (var i = beforeSlots; i < beforeSlots + afterSlots && shapes.Count > 0; i++)
        {
            if (values[i] is not { Width: > 0, Args.Length: > 0 } value || values.AsSpan(0, beforeSlots).Contains(value) || !shapes.TryGetValue((value.Width, _likes.ValuesOf(value)), out var other)
                || _unlike.Contains((value.Id, other.Id)))
            {
                continue;
            }

            IsTrusting |= _mayTrust;
            if (Enumerable.Range(0, incoming.Count).All(e => LeavesAlone(incoming, vectors, e, i)
                || prove(incoming[e], vectors[i][e]!, other, _mayTrust ? Effort.Sample : Effort.SampleAndSolve)))
            {
                values[i] = other;
            }
            else
            {
                _unlike.Add((value.Id, other.Id));
            }
        }
    }

    /// <summary>Joins a group of the after side to one of the before side of the same old class, where the edges can be proved to agree.</summary>
    private void Merge(List<List<int>> groups, Term?[][] vectors, IReadOnlyList<ProductEdge> incoming, Prover prove)
    {
        // Components first, the history before all: where the events differ nothing else matters.
        foreach (var group in groups.OrderBy(g => g.Max() >= beforeSlots + afterSlots ? 0 : 1).ToList())
        {
            if (group.Exists(IsBefore))
            {
                continue;
            }

            foreach (var other in groups)
            {
                if (other.Count > 0 && other.Exists(IsBefore) && Agree(vectors, group[0], other[0], incoming, prove))
                {
                    other.AddRange(group);
                    group.Clear();
                    break;
                }
            }

            if (group.Contains(World + layout.Parts.Count))
            {
                return;
            }
        }
    }

    /// <summary>A slot that has just ceased to be an invariant and has no partner on the other side may be a function of one there.</summary>
    private void Derive(List<List<int>> groups, Term?[][] vectors, IReadOnlyList<ProductEdge> incoming)
    {
        var slots = beforeSlots + afterSlots;
        foreach (var group in groups.Where(g => g.Count > 0 && g.TrueForAll(i => i < slots && _classes![i] == Fallen && IsBefore(i) == IsBefore(g[0]))))
        {
            var side = IsBefore(group[0]);
            foreach (var other in groups.Where(o => o.Count > 0 && o != group && o.Min() < slots && o.Exists(i => IsBefore(i) != side)))
            {
                group.RemoveAll(i => _derived.Derive(i, other.Min(), vectors, e => incoming[e].IsBack));
            }
        }
    }

    /// <summary>
    /// A slot that has just ceased to be an invariant and has no partner may be what the other side is yet to compute; and one that was read from memory may
    /// be what the other side is yet to read, though something there happens to hold the same.
    /// </summary>
    private void Compute(List<List<int>> groups, Term?[][] vectors, IReadOnlyList<ProductEdge> incoming)
    {
        bool IsLeftAlone(int i) => Enumerable.Range(0, incoming.Count).All(e => !incoming[e].IsBack || LeavesAlone(incoming, vectors, e, i));
        var ways = Enumerable.Range(0, incoming.Count).Where(e => !incoming[e].IsBack).ToList();
        foreach (var group in groups.Where(g => g.Count > 0 && g.TrueForAll(i => i < beforeSlots + afterSlots && _classes![i] == Fallen && IsLeftAlone(i))))
        {
            var inputs = groups.Where(o => o != group).SelectMany(o => o).Where(i => vectors[i][0]!.Width != Sort.Vector && IsLeftAlone(i)).Order().ToLookup(IsBefore);
            bool IsComputed(int i) => ways.Exists(way => _computed.Derive(i, way, [.. inputs[!IsBefore(i)]], vectors, e => LeavesAlone(incoming, vectors, e, i)));
            if (group.TrueForAll(i => IsBefore(i) == IsBefore(group[0])))
            {
                group.RemoveAll(IsComputed);
            }
            else if (Array.Exists(vectors[group[0]], v => v is { Op: TermOp.Load } or { Op: TermOp.ZeroExtend or TermOp.SignExtend, Args: [{ Op: TermOp.Load }] }))
            {
                var computed = group.TakeWhile(IsComputed).ToList();
                if (computed.Count == group.Count)
                {
                    group.Clear();
                }
                else
                {
                    computed.ForEach(_computed.Forget);
                }
            }
        }
    }

    /// <summary>Whether it is a size of a memory, whose variable has bounds.</summary>
    private bool IsSize(int i) => i >= beforeSlots + afterSlots && layout.Parts[(i - beforeSlots - afterSlots) % layout.Parts.Count].Bounds is not null;

    private int World => beforeSlots + afterSlots + StateLayout.World;

    private bool Agree(Term?[][] vectors, int i, int j, IReadOnlyList<ProductEdge> incoming, Prover prove)
    {
        if (_classes![i] != _classes[j] || vectors[i][0]!.Width != vectors[j][0]!.Width)
        {
            return false;
        }

        // Components of the state must agree in the end; for a slot one edge must already agree, or every pair would be tried.
        var component = i >= beforeSlots + afterSlots;
        if (component && i - layout.Parts.Count != j)
        {
            return false;
        }

        // Two values that have just ceased to be invariants are joined when the ways in from outside agree; what comes from the node itself
        // speaks of variables that the join makes one, and is looked at in the next round, where nothing is taken on trust.
        var hopeful = _classes[i] == Fallen;
        var (settled, open) = (0, new List<int>());
        for (var e = 0; e < incoming.Count; e++)
        {
            var (a, b) = (Normal(vectors[i][e]!, i), Normal(vectors[j][e]!, j));
            if (ReferenceEquals(a, b))
            {
                settled++;
            }
            else if (!hopeful || !IsOwn(a) || !IsOwn(b))
            {
                open.Add(e);
            }
        }

        if (!component && !hopeful && settled == 0 || settled + open.Count == 0)
        {
            return false;
        }

        // What speaks of loops whose relations are still changing may be large, and is looked at again when nothing else changes.
        var effort = _mayTrust && !hopeful ? Effort.Sample : component ? Effort.Solve : Effort.SampleAndSolve;
        IsTrusting |= open.Count > 0 && effort == Effort.Sample;
        if (!open.TrueForAll(e => prove(incoming[e], Normal(vectors[i][e]!, i), Normal(vectors[j][e]!, j), effort)))
        {
            return false;
        }

        // On a way that what is assumed so far closes, any two values agree.
        return settled > 0 || component || !hopeful || !open.TrueForAll(e => prove(incoming[e], factory.True, factory.False, effort));
    }

    private bool IsBefore(int i)
    {
        var slots = beforeSlots + afterSlots;
        return i < beforeSlots || i >= slots && i < slots + layout.Parts.Count;
    }

    private Term Normal(Term v, int i) => _offsets[i] == 0 ? v : factory.AddConstant(v, unchecked(0 - _offsets[i]));

    /// <summary>Whether a term speaks of this node's own variables, which mean something else at the next visit.</summary>
    private bool IsOwn(Term t) => (t.Owners & 1UL << Math.Min(node, 63)) != 0;
}
