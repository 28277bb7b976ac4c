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
    private const uint EarlyLook = 50_000;

    /// <summary>Work for each of several formulas of which one is enough: a little for all before much for one.</summary>
    private static readonly uint[] _looks = [150_000, uint.MaxValue];

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

    /// <summary>Refutes <paramref name="goal"/> if shape or a first look of the solver does; what is left open has other ways to be shown.</summary>
    public Refutation? RefuteEarly(string what, Term goal)
    {
        // Products and quotients take long to look at, twice as long on both sides at once.
        var refutation = Refutation.Plainly(goal) ?? (SatSweeping.Pays(goal) ? null : decider.Glance(what, goal, EarlyLook) ?? decider.Decide(what, goal, EarlyLook).Refutation);
        (Obligations, Syntactic) = (Obligations + (refutation is null ? 0 : 1), Syntactic + (goal.IsFalse ? 1 : 0));
        return refutation;
    }

    /// <summary>
    /// Refutes one of the <paramref name="goals"/>. What is cheap to see is looked for in all of them first, the last before the others since it says most:
    /// the solver takes longest over a formula that has a model.
    /// </summary>
    public Refutation? RefuteOne(string what, IReadOnlyList<Term> goals)
    {
        Obligations++;
        if (goals.FirstOrDefault(goal => goal.IsFalse) is { } plain)
        {
            Syntactic++;
            return Refutation.Plainly(plain);
        }

        if (goals.Reverse().Select(goal => decider.Glance(what, goal)).FirstOrDefault(seen => seen is not null) is { } atOnce)
        {
            return atOnce;
        }

        // What merging settles it settles at once, and mostly of the formula that says most.
        var order = SatSweeping.Pays(goals[^1]) ? [.. goals.Reverse()] : goals;
        Decision? last = null;
        foreach (var limit in _looks)
        {
            foreach (var goal in order)
            {
                last = decider.Decide(what, goal, limit);
                if (last.Refutation is { } refutation)
                {
                    return refutation;
                }
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
