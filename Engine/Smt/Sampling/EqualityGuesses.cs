using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Smt.Sampling;

/// <summary>Guesses which terms are equal: those that have one value on a few random inputs. Who uses a guess proves it first.</summary>
internal sealed class EqualityGuesses
{
    private const int Samples = 6;
    private readonly TermEvaluator[] _samples = [.. Enumerable.Range(1, Samples).Select(seed => new TermEvaluator(1000 + (ulong)seed))];
    private readonly Dictionary<(int Width, UInt128 Values), Term> _first = [];

    /// <summary>The first term that was asked about with the values that <paramref name="original"/> has; from then on <paramref name="t"/>, if there was none.</summary>
    public Term FirstLike(Term original, Term t)
        => ValuesOf(original) is var values && _first.TryGetValue((t.Width, values), out var first) ? first : _first[(t.Width, values)] = t;

    /// <summary>A number that is the same for terms which have the same values on these inputs.</summary>
    public UInt128 ValuesOf(Term t)
        => _samples.Aggregate((UInt128)0, (values, sample) => unchecked(values * 0x9E37_79B9_7F4A_7C15 + sample.Evaluate(t) + 1));
}
