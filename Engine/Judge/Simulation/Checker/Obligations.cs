using Pulse.Build.Engine.Judge.Simulation.Discharging;
using Pulse.Build.Engine.Smt.Refuting;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>Which obligations hold: those for which there is a refutation of the very formula that must not.</summary>
internal sealed class Obligations(TermFactory factory, ObligationLog log)
{
    /// <summary>Requires that <paramref name="a"/> and <paramref name="b"/> agree whenever <paramref name="guard"/> and <paramref name="assumption"/> hold.</summary>
    public bool Equal(string what, Term guard, Term a, Term b, Term assumption)
        => Unsatisfiable(what, ReferenceEquals(a, b) ? factory.False : factory.Both(guard, factory.Not(factory.Equal(a, b))), assumption);

    /// <summary>Requires that <paramref name="goal"/> and <paramref name="assumption"/> never hold together.</summary>
    public bool Unsatisfiable(string what, Term goal, Term assumption)
        => log.Refute(what, goal, assumption)?.Goal is { } refuted && (ReferenceEquals(refuted, goal) || ReferenceEquals(refuted, factory.Both(goal, assumption)));

    /// <summary>Requires that one of the <paramref name="goals"/> never holds.</summary>
    public bool Any(string what, IReadOnlyList<Term> goals) => log.RefuteOne(what, goals)?.Goal is { } refuted && goals.Contains(refuted);

    /// <summary>Notes what is wrong with the certificate itself; never holds.</summary>
    public bool Reject(string what, string reason)
    {
        log.Reject(what, reason);
        return false;
    }
}
