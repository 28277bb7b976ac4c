using System.Diagnostics.CodeAnalysis;

namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>
/// Makes terms in normal form. Each public method builds one operation and simplifies while it builds; the rules are the small methods of
/// the other parts of this class, and every one of them is proved by Z3 at all widths in the tests. Ids follow construction order.
/// </summary>
internal sealed partial class TermFactory
{
    private readonly HashSet<Term> _terms = new(ByShape.Instance);

    /// <summary>Allows at most <paramref name="limit"/> different terms.</summary>
    public TermFactory(int limit = int.MaxValue)
    {
        Limit = limit;
        True = Raw(TermOp.Constant, Sort.Bool, 1, null);
        False = Raw(TermOp.Constant, Sort.Bool, 0, null);
    }

    /// <summary>How many terms may be made before <see cref="TermLimitException"/>.</summary>
    public int Limit { get; }

    /// <summary>Terms made so far.</summary>
    public int Count { get; private set; }

    public Term True { get; }

    public Term False { get; }

    /// <summary>The node as it is spelled, without simplification; the tests compare it with the simplified one.</summary>
    internal Term Raw(TermOp op, int width, ulong value, string? name, params Term[] args) => Intern(new Term(op, width, value, name, args));

    private Term Intern(Term candidate)
    {
        if (_terms.TryGetValue(candidate, out var known))
        {
            return known;
        }

        if (Count >= Limit)
        {
            throw new TermLimitException($"more than {Limit} terms");
        }

        candidate.Id = Count++;
        _terms.Add(candidate);
        return candidate;
    }

    public static ulong Mask(int width) => width >= 64 ? ulong.MaxValue : (1UL << width) - 1;

    /// <summary>The two's-complement reading of a constant.</summary>
    public static long Signed(ulong value, int width) => unchecked(width >= 64 ? (long)value : (long)(value << (64 - width)) >> (64 - width));

    public Term Constant(ulong value, int width) => width == Sort.Vector ? Vector(Constant(value, 64), Constant(0, 64)) : Raw(TermOp.Constant, width, value & Mask(width), null);

    public Term Boolean(bool value) => value ? True : False;

    /// <summary>A free variable; of a memory, a token or a bit-vector. A bit-vector may be declared within bounds, which the solver text asserts.</summary>
    public Term Variable(string name, int width, int owner = -1, (ulong Low, ulong High)? bounds = null)
    {
        if (width == Sort.Vector)
        {
            return Vector(Variable(name + ".low", 64, owner), Variable(name + ".high", 64, owner));
        }

        var term = Intern(new Term(TermOp.Variable, width, 0, name, [], bounds));
        if (owner >= 0)
        {
            term.Owners = 1UL << Math.Min(owner, 63);
        }

        return term;
    }

    /// <summary>An application of an uninterpreted function.</summary>
    public Term Apply(string name, params Term[] args)
        => Raw(TermOp.Apply, Sort.Tuple, 0, name, Array.Exists(args, a => a.Width == Sort.Vector) ? [.. args.SelectMany(a => a.Width == Sort.Vector ? a.Args : [a])] : args);

    /// <summary>Result <paramref name="index"/> of an application; the high half of a vector is a result further on.</summary>
    public Term Result(Term application, int index, int width, (ulong Low, ulong High)? bounds = null) => width == Sort.Vector
        ? Vector(Result(application, index, 64), Result(application, index + HighHalf, 64))
        : Intern(new Term(TermOp.Result, width, (ulong)index, null, [application], bounds));

    private const int HighHalf = 1 << 20;

    /// <summary>
    /// A vector of two halves. There are no other terms of this sort: variables, results and choices are made half by half, and so is equality.
    /// </summary>
    public Term Vector(Term low, Term high) => Raw(TermOp.Vector, Sort.Vector, 0, null, low, high);

    /// <summary>An uninterpreted function with one result.</summary>
    public Term Function(string name, int width, params Term[] args) => Result(Apply(name, args), 0, width);

    private sealed class ByShape : IEqualityComparer<Term>
    {
        public static readonly ByShape Instance = new();

        public bool Equals(Term? x, Term? y) => ReferenceEquals(x, y) || x is not null && y is not null && x.IsLike(y) && x.Args.AsSpan().SequenceEqual(y.Args);

        public int GetHashCode([DisallowNull] Term obj) => obj.Hash;
    }
}

/// <summary>A proof needs more terms than it may make. Ends as an unknown verdict, never as a hang.</summary>
internal sealed class TermLimitException(string message) : Exception(message);
