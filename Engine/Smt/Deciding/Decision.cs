using Pulse.Build.Engine.Smt.Elimination;
using Pulse.Build.Engine.Smt.Refuting;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Smt.Deciding;

/// <summary>What is known of a formula.</summary>
internal enum DecisionOutcome { Unsatisfiable, Satisfiable, Unknown }

/// <summary>The decision on one formula.</summary>
/// <param name="Outcome">Whether some assignment makes it true.</param>
/// <param name="Reason">Why it is unknown, or empty.</param>
/// <param name="Model">An assignment, if there is one.</param>
internal sealed record Decision(DecisionOutcome Outcome, string Reason = "", FormulaModel? Model = null)
{
    public Decision(Refutation refutation)
        : this(DecisionOutcome.Unsatisfiable) => Refutation = refutation;

    /// <summary>Why none makes it true, if none does.</summary>
    public Refutation? Refutation { get; }
}

/// <summary>An assignment, with what the variables that stand for bytes of memories and for results of functions mean.</summary>
internal sealed record FormulaModel(IReadOnlyDictionary<Term, ulong> Variables, IReadOnlyList<Unknown> Unknowns);
