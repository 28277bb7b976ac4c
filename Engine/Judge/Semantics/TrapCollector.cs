using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Keeps the places where a fragment may trap, without those that an earlier check already covers: if the later one fired, the earlier one
/// would have fired first, whatever its kind. A bounds check also covers one that reaches less far from the same base.
/// </summary>
internal sealed class TrapCollector
{
    private readonly TermFactory _factory;
    private readonly List<TrapPoint> _traps;
    private readonly Dictionary<(int, int), List<TrapPoint>> _byKey = [];

    /// <summary>A collector into <paramref name="traps"/>, after checks that have <paramref name="passed"/>: none of their conditions held.</summary>
    public TrapCollector(TermFactory factory, List<TrapPoint> traps, IEnumerable<Term> passed)
    {
        (_factory, _traps) = (factory, traps);
        foreach (var condition in passed)
        {
            Earlier(condition).Add(new TrapPoint(factory.True, default, condition, []));
        }
    }

    public void Add(Term guard, TrapKind kind, Term condition, Term[] parts)
    {
        if (condition.IsFalse || guard.IsFalse || _factory.Both(guard, condition).IsFalse)
        {
            return;
        }

        var earlier = Earlier(condition);
        if (earlier.Exists(e => Covers(_factory, e.Condition, condition) && TermFactory.Implies(guard, e.Guard)))
        {
            return;
        }

        var point = new TrapPoint(guard, kind, condition, parts);
        earlier.Add(point);
        _traps.Add(point);
    }

    private List<TrapPoint> Earlier(Term condition)
        => Key(_factory, condition) is var key && _byKey.TryGetValue(key, out var earlier) ? earlier : _byKey[key] = [];

    /// <summary>Whether <paramref name="weak"/> holds whenever <paramref name="strong"/> does, as far as shape shows.</summary>
    public static bool Covers(TermFactory factory, Term weak, Term strong)
        => ReferenceEquals(weak, strong) || weak.IsTrue
            || IsBoundsCheck(weak) && IsBoundsCheck(strong) && ReferenceEquals(weak.Args[0], strong.Args[0])
                && factory.Distance(weak.Args[1], strong.Args[1], out _)
                && factory.Split(weak.Args[1]).Offset >= factory.Split(strong.Args[1]).Offset;

    /// <summary>limit &lt; base + reach in 64 bits, which cannot wrap: a 32-bit base and a reach of at most 2³² + 7.</summary>
    private static bool IsBoundsCheck(Term condition)
        => condition.Op == TermOp.LessUnsigned && condition.Args[0].Width == 64 && TermFactory.RangeOf(condition.Args[1]).High <= 1UL << 34;

    private static (int, int) Key(TermFactory factory, Term condition)
        => IsBoundsCheck(condition) ? (condition.Args[0].Id, factory.Split(condition.Args[1]).Base?.Id ?? -1) : (-1, condition.Id);
}
