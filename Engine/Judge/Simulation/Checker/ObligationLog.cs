using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>An obligation that did not hold.</summary>
/// <param name="What">Where and what, such as <c>entry result 0</c>.</param>
/// <param name="Outcome">Satisfiable: it has a model; or unknown.</param>
/// <param name="Reason">The solver's reason, or empty.</param>
/// <param name="Model">The model, if there is one.</param>
internal sealed record FailedObligation(string What, DecisionOutcome Outcome, string Reason, FormulaModel? Model);

/// <summary>Discharges the obligations of one function and counts them.</summary>
internal sealed class ObligationLog(TermFactory factory, Decider decider)
{
    public int Obligations { get; private set; }

    /// <summary>Those that hold because both sides became the same term.</summary>
    public int Syntactic { get; private set; }

    /// <summary>The first obligation that did not hold.</summary>
    public FailedObligation? Failure { get; private set; }

    /// <summary>Requires that <paramref name="a"/> and <paramref name="b"/> agree whenever <paramref name="guard"/> and <paramref name="assumption"/> hold.</summary>
    public bool Equal(string what, Term guard, Term a, Term b, Term assumption)
        => ReferenceEquals(a, b) ? Unsatisfiable(what, factory.False, assumption) : Unsatisfiable(what, factory.Both(guard, factory.Not(factory.Equal(a, b))), assumption);

    /// <summary>Requires that <paramref name="goal"/> and <paramref name="assumption"/> never hold together.</summary>
    public bool Unsatisfiable(string what, Term goal, Term assumption)
    {
        Obligations++;
        if (goal.IsFalse || factory.Both(goal, assumption).IsFalse)
        {
            Syntactic++;
            return true;
        }

        // The assumption makes the formula larger and is seldom needed.
        var decision = decider.Decide(what, goal);
        if (decision.Outcome != DecisionOutcome.Unsatisfiable && !assumption.IsTrue)
        {
            decision = decider.Decide(what, factory.Both(goal, assumption));
        }

        if (decision.Outcome == DecisionOutcome.Unsatisfiable)
        {
            return true;
        }

        Failure ??= new FailedObligation(what, decision.Outcome, decision.Reason, decision.Model);
        return false;
    }

    /// <summary>Requires that one of the <paramref name="goals"/> never holds.</summary>
    public bool Any(string what, IEnumerable<Term> goals)
    {
        Obligations++;
        Decision? last = null;
        foreach (var goal in goals)
        {
            last = decider.Decide(what, goal);
            if (last.Outcome == DecisionOutcome.Unsatisfiable)
            {
                Syntactic += goal.IsFalse ? 1 : 0;
                return true;
            }
        }

        Failure ??= new FailedObligation(what, last!.Outcome, last.Reason, last.Model);
        return false;
    }

    /// <summary>Notes what is wrong with the certificate itself; never holds.</summary>
    public bool Reject(string what, string reason)
    {
        Obligations++;
        Failure ??= new FailedObligation(what, DecisionOutcome.Unknown, reason, null);
        return false;
    }
}
