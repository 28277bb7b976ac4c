using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Smt.Refuting;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Discharging;

/// <summary>An obligation that did not hold.</summary>
/// <param name="What">Where and what, such as <c>entry result 0</c>.</param>
/// <param name="Outcome">Satisfiable: it has a model; or unknown.</param>
/// <param name="Reason">The solver's reason, or empty.</param>
/// <param name="Model">The model, if there is one.</param>
internal sealed record FailedObligation(string What, DecisionOutcome Outcome, string Reason, FormulaModel? Model);

/// <summary>Discharges the obligations of one function, each by the refutation of a formula, and counts them.</summary>
internal sealed class ObligationLog(TermFactory factory, Decider decider)
{
    public int Obligations { get; private set; }

    /// <summary>Those that hold because both sides became the same term.</summary>
    public int Syntactic { get; private set; }

    /// <summary>The first obligation that did not hold.</summary>
    public FailedObligation? Failure { get; private set; }

    /// <summary>Refutes <paramref name="goal"/>, or it together with <paramref name="assumption"/>.</summary>
    public Refutation? Refute(string what, Term goal, Term assumption)
    {
        Obligations++;
        if ((Refutation.Plainly(goal) ?? Refutation.Plainly(factory.Both(goal, assumption))) is { } plainly)
        {
            Syntactic++;
            return plainly;
        }

        // The assumption makes the formula larger and is seldom needed.
        var decision = decider.Decide(what, goal);
        if (decision.Refutation is null && !assumption.IsTrue)
        {
            decision = decider.Decide(what, factory.Both(goal, assumption));
        }

        return decision.Refutation ?? Fail(what, decision);
    }

    /// <summary>Refutes one of the <paramref name="goals"/>.</summary>
    public Refutation? RefuteOne(string what, IEnumerable<Term> goals)
    {
        Obligations++;
        Decision? last = null;
        foreach (var goal in goals)
        {
            last = decider.Decide(what, goal);
            if (last.Refutation is { } refutation)
            {
                Syntactic += goal.IsFalse ? 1 : 0;
                return refutation;
            }
        }

        return Fail(what, last!);
    }

    /// <summary>Notes what is wrong with the certificate itself.</summary>
    public void Reject(string what, string reason)
    {
        Obligations++;
        _ = Fail(what, new Decision(DecisionOutcome.Unknown, reason));
    }

    private Refutation? Fail(string what, Decision decision)
    {
        Failure ??= new FailedObligation(what, decision.Outcome, decision.Reason, decision.Model);
        return null;
    }
}
