using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Smt.Elimination;

/// <summary>
/// Equal parts make equal wholes: two terms that are built alike are equal if the parts in which they differ are. What is left to show is
/// mostly an argument or two, without the memories and calls around them.
/// </summary>
/// <example><code>f(m, x + 1) = f(m, y)   follows from   x + 1 = y</code></example>
internal static class Congruence
{
    private const int MostParts = 12;

    /// <summary>
    /// Formulas that, if none of them can hold, show that <paramref name="goal"/> cannot: one for each pair of parts. Null where the goal says of no
    /// two memories, histories or results of calls that they differ, or where they differ in too much.
    /// </summary>
    public static List<Term>? Split(TermFactory factory, Term goal)
    {
        var conjuncts = TermFactory.Conjuncts(goal).ToArray();
        var difference = Array.Find(conjuncts, c => c.Op == TermOp.Not && c.Args[0].Op == TermOp.Equal && (c.Args[0].Args[0].Width < 0 || c.Args[0].Args[0].Op == TermOp.Result));
        if (difference is null)
        {
            return null;
        }

        var pairs = new Pairs(factory);
        return pairs.Differ(factory.All(conjuncts.Where(c => c != difference)), difference.Args[0].Args[0], difference.Args[0].Args[1]) && !pairs.Parts.Contains(goal)
            ? pairs.Parts : null;
    }

    /// <summary>Walks two terms side by side; each pair of parts once.</summary>
    private sealed class Pairs(TermFactory factory)
    {
        private readonly HashSet<(int, int, int)> _seen = [];

        public List<Term> Parts { get; } = [];

        public bool Differ(Term where, Term a, Term b)
        {
            if (ReferenceEquals(a, b) || where.IsFalse || !_seen.Add((where.Id, a.Id, b.Id)))
            {
                return true;
            }

            if (a.Op == TermOp.IfThenElse && (a.Width < 0 || b.Op == TermOp.IfThenElse && ReferenceEquals(a.Args[0], b.Args[0])))
            {
                return Arms(where, a.Args[0], a.Args[1], a.Args[2], b);
            }

            if (b.Op == TermOp.IfThenElse && b.Width < 0)
            {
                return Arms(where, b.Args[0], b.Args[1], b.Args[2], a);
            }

            if (a.Op is TermOp.Store or TermOp.Load or TermOp.Fill or TermOp.Copy or TermOp.Apply or TermOp.Result
                && a.Op == b.Op && a.Width == b.Width && a.Value == b.Value && a.Name == b.Name && a.Bounds == b.Bounds && a.Args.Length == b.Args.Length)
            {
                return a.Args.Zip(b.Args).All(pair => Differ(where, pair.First, pair.Second));
            }

            if (a.Width < 0 || a.Width != b.Width || Parts.Count == MostParts)
            {
                return false;
            }

            Parts.Add(factory.Both(where, factory.Not(factory.Equal(a, b))));
            return true;
        }

        private bool Arms(Term where, Term condition, Term yes, Term no, Term other)
        {
            var same = other.Op == TermOp.IfThenElse && ReferenceEquals(other.Args[0], condition);
            return Differ(factory.Both(where, condition), yes, same ? other.Args[1] : other)
                && Differ(factory.Both(where, factory.Not(condition)), no, same ? other.Args[2] : other);
        }
    }
}
