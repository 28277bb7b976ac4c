using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>Guesses of the search: each decided within a small budget, all of them together within a larger one. A guess that fails costs nothing else.</summary>
internal sealed class Guesses(TermFactory factory, Decider decider)
{
    private const uint Each = 50_000;
    private const uint Decisive = 100_000;
    private const long Together = 400_000;
    private long _work;

    /// <summary>Whether <paramref name="goal"/> is known never to hold; where all depends on it, more work is spent.</summary>
    public bool Never(string what, Term goal, bool isDecisive = false)
    {
        if (goal.IsFalse || _work > Together)
        {
            return goal.IsFalse;
        }

        var before = decider.Work;
        try
        {
            return decider.Decide(what, goal, isDecisive ? Decisive : Each).Outcome == DecisionOutcome.Unsatisfiable;
        }
        catch (TermLimitException) when (factory.Count < factory.Limit)
        {
            return false; // too many pairs of reads for this formula; the search itself has room left
        }
        finally
        {
            _work += decider.Work - before;
        }
    }
}
