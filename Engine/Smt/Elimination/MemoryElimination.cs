using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Smt.Elimination;

/// <summary>A byte of an unknown memory at an address, or an unknown result, and the variable that it became.</summary>
internal sealed record Unknown(Term Source, Term? Address, Term Variable);

/// <summary>
/// Rewrites a formula over memories and uninterpreted functions to one over bit-vectors alone. Loads walk the chain of writes byte by byte;
/// what is left, bytes of unknown memories and results of applications, becomes variables, with the congruence that functions have:
/// equal arguments, equal results. Each is named after the term that it stands for, so that a name means one thing in every query. Two memories are equal when they agree at an address chosen to tell them apart.
/// </summary>
internal sealed class MemoryElimination(TermFactory factory)
{
    private const int MaximumPairs = 20_000;
    private readonly Dictionary<int, Term> _rewritten = [];
    private readonly Dictionary<(int Memory, int Address), Term> _bytes = [];
    private readonly Dictionary<(int, int), Term> _memoryEqual = [];
    private readonly Dictionary<(int, int), Term> _applicationEqual = [];
    private readonly List<Term> _constraints = [];
    private int _pairs;

    /// <summary>What became variables, in the order in which it was met.</summary>
    public List<Unknown> Unknowns { get; } = [];

    /// <summary>The formula, equally satisfiable, and the congruence it needs.</summary>
    public Term Eliminate(Term goal)
    {
        var result = Rewrite(goal);
        for (var i = 0; i < Unknowns.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                Relate(Unknowns[j], Unknowns[i]);
            }
        }

        return factory.All(_constraints.Append(result));
    }

    /// <summary>Bytes at equal addresses of equal memories are equal, and results of equal applications.</summary>
    private void Relate(Unknown a, Unknown b)
    {
        if (a.Address is null != b.Address is null)
        {
            return;
        }

        var same = ReferenceEquals(a.Source, b.Source) ? factory.True : SameResult(a.Source, b.Source);
        if (!same.IsFalse && a.Address is not null)
        {
            same = factory.Both(same, factory.Equal(a.Address, b.Address!));
        }

        if (same.IsFalse)
        {
            return;
        }

        if (++_pairs > MaximumPairs)
        {
            throw new TermLimitException($"more than {MaximumPairs} pairs of memory reads and calls");
        }

        _constraints.Add(factory.Either(factory.Not(same), factory.Equal(a.Variable, b.Variable)));
    }

    /// <summary>When two results are results of the same number of equal applications.</summary>
    private Term SameResult(Term x, Term y)
    {
        if (x.Op != TermOp.Result || y.Op != TermOp.Result || x.Value != y.Value || x.Width != y.Width || x.Bounds != y.Bounds)
        {
            return factory.False;
        }

        var (a, b) = (x.Args[0], y.Args[0]);
        if (a.Name != b.Name || a.Args.Length != b.Args.Length)
        {
            return factory.False;
        }

        var key = (a.Id, b.Id);
        if (!_applicationEqual.TryGetValue(key, out var equal))
        {
            equal = factory.True;
            for (var i = 0; i < a.Args.Length && !equal.IsFalse; i++)
            {
                equal = factory.Both(equal, EqualTerms(a.Args[i], b.Args[i]));
            }

            _applicationEqual[key] = equal;
        }

        return equal;
    }

    private Term EqualTerms(Term a, Term b)
        => ReferenceEquals(a, b) ? factory.True
            : a.Width != b.Width ? factory.False
            : Sort.IsMemory(a.Width) ? EqualMemory(a, b)
            : factory.Equal(Rewrite(a), Rewrite(b));

    private Term EqualMemory(Term a, Term b)
    {
        var key = (Math.Min(a.Id, b.Id), Math.Max(a.Id, b.Id));
        if (!_memoryEqual.TryGetValue(key, out var equal))
        {
            var witness = factory.Variable(FormattableString.Invariant($"!k{key.Item1}.{key.Item2}"), Sort.AddressWidth(a.Width));
            equal = factory.Equal(ReadByte(a, witness), ReadByte(b, witness));
            _memoryEqual[key] = equal;
        }

        return equal;
    }

    private Term Rewrite(Term t) => t.Op == TermOp.Constant ? t : _rewritten.TryGetValue(t.Id, out var known) ? known : _rewritten[t.Id] = RewriteNode(t);

    private Term RewriteNode(Term t)
    {
        switch (t.Op)
        {
            case TermOp.Variable:
                return t.Width == Sort.Token ? factory.Variable("!token:" + t.Name, 32) : t;
            case TermOp.Load:
                var address = Rewrite(t.Args[1]);
                return factory.Concatenate(Enumerable.Range(0, (int)t.Value).Select(k => ReadByte(t.Args[0], factory.AddConstant(address, (ulong)k))), t.Width);
            case TermOp.Result:
                var variable = factory.Variable(FormattableString.Invariant($"!r{t.Id}"), t.Width == Sort.Token ? 32 : t.Width, bounds: t.Bounds);
                Unknowns.Add(new Unknown(t, null, variable));
                return variable;
            case TermOp.Equal when Sort.IsMemory(t.Args[0].Width):
                return EqualMemory(t.Args[0], t.Args[1]);
            default:
                return TermRebuilder.Rebuild(factory, t, Array.ConvertAll(t.Args, Rewrite));
        }
    }

    private Term ReadByte(Term memory, Term address)
        => _bytes.TryGetValue((memory.Id, address.Id), out var known) ? known : _bytes[(memory.Id, address.Id)] = ReadNode(memory, address);

    private Term ReadNode(Term memory, Term address)
    {
        switch (memory.Op)
        {
            case TermOp.Store:
                return ReadStore(memory, address);
            case TermOp.IfThenElse:
                return factory.IfThenElse(Rewrite(memory.Args[0]), ReadByte(memory.Args[1], address), ReadByte(memory.Args[2], address));
            case TermOp.Fill:
                var filled = factory.LessUnsigned(factory.Subtract(address, Rewrite(memory.Args[1])), Rewrite(memory.Args[3]));
                return factory.IfThenElse(filled, Rewrite(memory.Args[2]), ReadByte(memory.Args[0], address));
            case TermOp.Copy:
                var offset = factory.Subtract(address, Rewrite(memory.Args[2]));
                var copied = factory.LessUnsigned(offset, Rewrite(memory.Args[4]));
                var from = Rewrite(memory.Args[3]);
                var step = offset.Width > from.Width ? factory.Extract(offset, from.Width - 1, 0) : factory.ZeroExtend(offset, from.Width);
                var source = ReadByte(memory.Args[1], factory.Add(from, step));
                return factory.IfThenElse(copied, source, ReadByte(memory.Args[0], address));
            default:
                var b = factory.Variable(FormattableString.Invariant($"!b{memory.Id}.{address.Id}"), 8);
                Unknowns.Add(new Unknown(memory, address, b));
                return b;
        }
    }

    private Term ReadStore(Term store, Term address)
    {
        var size = (int)store.Value;
        var distance = factory.Subtract(address, Rewrite(store.Args[1]));
        if (distance.IsConstant && distance.Value >= (ulong)size)
        {
            return ReadByte(store.Args[0], address);
        }

        var value = Rewrite(store.Args[2]);
        var result = factory.Extract(value, 8 * size - 1, 8 * size - 8);
        for (var i = size - 2; i >= 0; i--)
        {
            result = factory.IfThenElse(factory.Equal(distance, factory.Constant((ulong)i, distance.Width)), factory.Extract(value, 8 * i + 7, 8 * i), result);
        }

        var hit = factory.LessUnsigned(distance, factory.Constant((ulong)size, distance.Width));
        return hit.IsTrue ? result : factory.IfThenElse(hit, result, ReadByte(store.Args[0], address));
    }
}

/// <summary>
/// The cheap first look: every load, every unknown result and every comparison of memories becomes a free variable, with no congruence. What is unsatisfiable so is
/// unsatisfiable; anything else is asked again in full.
/// </summary>
/// <param name="factory">Makes the terms.</param>
/// <param name="isUnknown">What becomes a variable besides.</param>
internal sealed class Abstraction(TermFactory factory, Predicate<Term>? isUnknown = null)
{
    private readonly Dictionary<int, Term> _rewritten = [];

    public Term Rewrite(Term t) => t.Op == TermOp.Constant || t.Op == TermOp.Variable && t.Width >= 0 ? t
        : _rewritten.TryGetValue(t.Id, out var known) ? known : _rewritten[t.Id] = RewriteNode(t);

    private Term RewriteNode(Term t)
    {
        if (t.Op is TermOp.Load or TermOp.Result or TermOp.Variable || t.Op == TermOp.Equal && Sort.IsMemory(t.Args[0].Width) || isUnknown?.Invoke(t) == true)
        {
            return Unknown(t, t.Width == Sort.Token ? 32 : t.Width);
        }

        return TermRebuilder.Rebuild(factory, t, Array.ConvertAll(t.Args, Rewrite));
    }

    private Term Unknown(Term t, int width) => factory.Variable(FormattableString.Invariant($"!a{t.Id}"), width, bounds: t.Bounds);
}
