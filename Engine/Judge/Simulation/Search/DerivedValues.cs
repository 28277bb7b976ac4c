using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>
/// Values at a cutpoint that are a function of another position's: its low byte or half extended, or its multiple plus what the loop does not
/// change. A value is derived when every way in brings it so, from the moment when it ceases to be an invariant; once that fails it never is again.
/// </summary>
/// <example><code>before: c = sign-extended byte   after: b = zero-extended byte   =>   c = sext(b[7:0])
/// before: i   after: p = base + 4·i   =>   p = 4·i + base</code></example>
internal sealed class DerivedValues(TermFactory factory, Func<Term, bool> isOwn)
{
    private static readonly ulong[] Factors = [1, 2, 4, 8];
    private static readonly int[] Fields = [8, 16, 1, 32];
    private readonly SortedDictionary<int, Derivation> _known = [];
    private readonly HashSet<int> _failed = [];

    /// <summary>How a value comes from position <paramref name="From"/>; of a multiple, what is added.</summary>
    private sealed record Derivation(int From, Func<Term, Term> Of, Func<Term, Term>? Rest, Term? Added);

    /// <summary>Positions that are derived.</summary>
    public IEnumerable<int> Positions => _known.Keys;

    public bool Contains(int position) => _known.ContainsKey(position);

    /// <summary>Forgets what the ways in no longer bring.</summary>
    public void Check(Term?[][] vectors, Func<int, bool> isBack)
    {
        foreach (var (i, derivation) in _known.ToList())
        {
            if (Holds(derivation, vectors[i], vectors[derivation.From], isBack) is { } still)
            {
                _known[i] = still;
            }
            else
            {
                _known.Remove(i);
                _failed.Add(i);
            }
        }
    }

    /// <summary>Derives position <paramref name="i"/> from <paramref name="from"/> if every way in brings it so; whether it did.</summary>
    public bool Derive(int i, int from, Term?[][] vectors, Func<int, bool> isBack)
    {
        if (_failed.Contains(i) || Contains(from) || vectors[i][0] is not { Width: > 1 } value || vectors[from][0] is not { Width: > 1 } source)
        {
            return false;
        }

        foreach (var candidate in Candidates(from, value.Width, source.Width))
        {
            if (Holds(candidate, vectors[i], vectors[from], isBack) is { } derivation)
            {
                _known[i] = derivation;
                return true;
            }
        }

        return false;
    }

    /// <summary>The value of a derived position, from the value of the one that it comes from.</summary>
    public Term? ValueOf(int position, Term?[] values)
        => values[_known[position].From] is { } from ? _known[position].Added is { } added ? factory.Add(_known[position].Of(from), added) : _known[position].Of(from) : null;

    private IEnumerable<Derivation> Candidates(int from, int width, int sourceWidth)
    {
        foreach (var bits in Fields.Where(bits => bits < sourceWidth && bits < width || bits == sourceWidth && bits < width || bits == width && bits < sourceWidth))
        {
            yield return new Derivation(from, x => factory.SignExtend(factory.Extract(x, bits - 1, 0), width), null, null);
            yield return new Derivation(from, x => factory.ZeroExtend(factory.Extract(x, bits - 1, 0), width), null, null);
        }

        foreach (var factor in width == sourceWidth ? Factors : [])
        {
            Term Multiple(Term x) => factory.Multiply(factory.Constant(factor, width), x);
            yield return new Derivation(from, Multiple, Multiple, null);
        }
    }

    private Derivation? Holds(Derivation d, Term?[] value, Term?[] source, Func<int, bool> isBack)
    {
        Term? added = null;
        for (var e = 0; e < value.Length; e++)
        {
            if (value[e] is not { } v || source[e] is not { } s || v.Width != value[0]!.Width || s.Width != source[0]!.Width || !Brings(d, v, s, isBack(e), ref added))
            {
                return null;
            }
        }

        added ??= d.Added;
        return d.Rest is null ? d : added is null || isOwn(added) ? null : d with { Added = added };
    }

    /// <summary>Whether a way brings a value and the one that it is derived from; where both were chosen by one condition, by each arm.</summary>
    private bool Brings(Derivation d, Term value, Term source, bool isBack, ref Term? added)
    {
        if (value.Op == TermOp.IfThenElse && source.Op == TermOp.IfThenElse && ReferenceEquals(value.Args[0], source.Args[0]))
        {
            return Brings(d, value.Args[1], source.Args[1], isBack, ref added) && Brings(d, value.Args[2], source.Args[2], isBack, ref added);
        }

        if (d.Rest is null)
        {
            return ReferenceEquals(value, d.Of(source));
        }

        // A way back that brings the old difference only says that the loop leaves it alone.
        var rest = factory.Subtract(value, d.Rest(source));
        return isBack && ReferenceEquals(rest, d.Added) || ReferenceEquals(rest, added ??= rest);
    }
}
