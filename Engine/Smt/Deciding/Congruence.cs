using Pulse.Build.Engine.Smt.Refuting;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Smt.Deciding;

/// <summary>
/// Equal parts make equal wholes: two terms that are built alike are equal if the parts in which they differ are. What is left to show is
/// mostly an argument or two, without the memories and calls around them. Which parts those are is found first; the steps are taken if all of them agree.
/// </summary>
/// <example><code>f(m, x + 1) = f(m, y)   follows from   x + 1 = y</code></example>
internal sealed class Congruence(TermFactory factory, Refutation.Way way)
{
    private const int MostParts = 12;
    private readonly Dictionary<(int Where, int A, int B), Refutation?> _seen = [];
    private readonly List<Term> _parts = [];

    /// <summary>
    /// Refutes <paramref name="goal"/> by the parts of the first two memories, histories or results of calls of which it says that they differ; null where there
    /// are no such two, or where they differ in too much.
    /// </summary>
    public static Refutation? Refute(TermFactory factory, Term goal, Refutation.Way way)
    {
        var conjuncts = TermFactory.Conjuncts(goal).ToArray();
        var difference = Array.Find(conjuncts, c => c.Op == TermOp.Not && c.Args[0].Op == TermOp.Equal && (c.Args[0].Args[0].Width < 0 || c.Args[0].Args[0].Op == TermOp.Result));
        if (difference is null)
        {
            return null;
        }

        var (congruence, where, a, b) = (new Congruence(factory, way), factory.All(conjuncts.Where(c => c != difference)), difference.Args[0].Args[0], difference.Args[0].Args[1]);
        return congruence.Split(where, a, b) && !congruence._parts.Contains(goal) && congruence._parts.TrueForAll(part => Refutation.Refutes(way, part))
            ? congruence.Equal(where, a, b) : null;
    }

    /// <summary>Walks two terms side by side; each pair of parts once. False where they differ in too much.</summary>
    private bool Split(Term where, Term a, Term b)
    {
        if (ReferenceEquals(a, b) || where.IsFalse || !_seen.TryAdd((where.Id, a.Id, b.Id), null))
        {
            return true;
        }

        if (Choice(a, b) is { } choice)
        {
            return Refutation.Arms(factory, where, choice, ReferenceEquals(choice, a) ? b : a).All(arm => Split(arm.Where, arm.A, arm.B));
        }

        if (IsWhole(a, b))
        {
            return a.Args.Zip(b.Args).All(pair => Split(where, pair.First, pair.Second));
        }

        if (a.Width < 0 || a.Width != b.Width || _parts.Count == MostParts)
        {
            return false;
        }

        _parts.Add(Refutation.Difference(factory, where, a, b));
        return true;
    }

    /// <summary>The one of the two that is looked at arm by arm, if any.</summary>
    private static Term? Choice(Term a, Term b)
        => a.Op == TermOp.IfThenElse && (a.Width < 0 || b.Op == TermOp.IfThenElse && ReferenceEquals(a.Args[0], b.Args[0])) ? a
            : b.Op == TermOp.IfThenElse && b.Width < 0 ? b : null;

    private static bool IsWhole(Term a, Term b) => a.Op is TermOp.Store or TermOp.Load or TermOp.Fill or TermOp.Copy or TermOp.Apply or TermOp.Result && a.IsLike(b);

    /// <summary>Takes the steps along the same walk, each once.</summary>
    private Refutation? Equal(Term where, Term a, Term b)
    {
        if (_seen.TryGetValue((where.Id, a.Id, b.Id), out var known) && known is null)
        {
            _seen[(where.Id, a.Id, b.Id)] = known = Choice(a, b) is { } choice ? Refutation.ByArms(factory, where, choice, ReferenceEquals(choice, a) ? b : a, Equal)
                : IsWhole(a, b) ? Refutation.ByParts(factory, where, a, b, Equal)
                : way(Refutation.Difference(factory, where, a, b));
        }

        return known ?? Refutation.Plainly(Refutation.Difference(factory, where, a, b));
    }
}
