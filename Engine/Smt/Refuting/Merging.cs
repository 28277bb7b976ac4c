using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Smt.Refuting;

/// <summary>
/// Makes equal parts of a formula the same node, operands first: everything above is built again on the one that is kept. What is merged is proved equal
/// first, so the formula keeps its models.
/// </summary>
/// <param name="factory">Makes the terms.</param>
/// <param name="guess">Of a part as it was and as it is built again: what may be equal to it.</param>
/// <param name="way">Refutes that the two differ.</param>
internal sealed class Merging(TermFactory factory, Func<Term, Term, Term> guess, Refutation.Way way)
{
    private readonly Dictionary<int, Term> _merged = [];

    public Term Reduce(Term goal)
    {
        foreach (var t in TermOrder.Of(goal))
        {
            if (!_merged.ContainsKey(t.Id))
            {
                var args = Array.ConvertAll(t.Args, arg => _merged[arg.Id]);
                _merged[t.Id] = Merge(t, args.AsSpan().SequenceEqual(t.Args) ? t : TermRebuilder.Rebuild(factory, t, args));
            }
        }

        return _merged[goal.Id];
    }

    private Term Merge(Term original, Term t) => guess(original, t) is var other && !ReferenceEquals(other, t) && t.Width > 0 && other.Width == t.Width
        && Refutation.Refutes(way, factory.Not(factory.Equal(other, t))) ? other : t;
}
