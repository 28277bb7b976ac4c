using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Ordering;

/// <summary>
/// The order in which conditions that exclude each other are asked: the heaviest last, where it becomes the last else, so that both sides nest their
/// choices alike.
/// </summary>
internal sealed class ChoiceOrder : IComparer<Term>
{
    private const int WeightCap = 1 << 20;
    private readonly Dictionary<int, int> _weights = [];

    public int Compare(Term? x, Term? y) => Weight(x!) != Weight(y!) ? Weight(x!).CompareTo(Weight(y!)) : x!.Id.CompareTo(y!.Id);

    private int Weight(Term condition) => condition.Op is not (TermOp.Not or TermOp.Conjunction) ? 1
        : _weights.TryGetValue(condition.Id, out var known) ? known
        : _weights[condition.Id] = condition.Args.Aggregate(condition.Op == TermOp.Not ? 1 : 0, (weight, arg) => Math.Min(WeightCap, weight + Weight(arg)));
}
