using Pulse.Build.Engine.Smt.Elimination;
using Pulse.Build.Engine.Smt.Text;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation;

/// <summary>How an obligation ended.</summary>
internal enum ObligationOutcome { Syntactic, Proved, Refuted, Unknown }

/// <summary>An obligation that did not hold.</summary>
/// <param name="What">Where and what, such as <c>entry result 0</c>.</param>
/// <param name="Outcome">Refuted by a model, or unknown.</param>
/// <param name="Reason">The solver's reason, or empty.</param>
/// <param name="Model">The model, if there is one.</param>
internal sealed record FailedObligation(string What, ObligationOutcome Outcome, string Reason, ObligationModel? Model);

/// <summary>A model of a failed obligation with what is needed to read it as a program state.</summary>
internal sealed record ObligationModel(IReadOnlyDictionary<Term, ulong> Variables, IReadOnlyList<BaseRead> Reads, IReadOnlyList<OpaqueResult> Results);

/// <summary>Discharges the obligations of one function and counts them.</summary>
internal sealed class ObligationLog(TermFactory factory, ISolver solver, uint limit, Action<string, int, SmtQuery, SolverAnswer>? export)
{
    private const int MaximumQueries = 400;
    private const long MaximumGuessWork = 1_000_000;
    private const uint FirstBudget = 50_000;
    private const uint SweepBudget = 200_000;
    private EquivalenceSweep? _sweep;
    private long _guessWork;
    private bool _guessing;
    private readonly Dictionary<int, (ObligationOutcome, string, ObligationModel?)> _known = [];

    public int Obligations { get; private set; }

    public int Syntactic { get; private set; }

    public int Queries { get; private set; }

    public long LargestWork { get; private set; }

    /// <summary>The first obligation that did not hold.</summary>
    public FailedObligation? Failure { get; private set; }

    /// <summary>Requires that <paramref name="a"/> and <paramref name="b"/> agree whenever <paramref name="guard"/> holds.</summary>
    public bool Equal(string what, Term guard, Term a, Term b, Term assumption)
    {
        if (ReferenceEquals(a, b) || guard.IsFalse)
        {
            Obligations++;
            Syntactic++;
            return true;
        }

        return Unsatisfiable(what, factory.Both(guard, factory.Not(factory.Equal(a, b))), assumption);
    }

    /// <summary>Requires that <paramref name="goal"/> never holds. The assumption is used only if it is needed.</summary>
    public bool Unsatisfiable(string what, Term goal, Term assumption)
    {
        Obligations++;
        if (goal.IsFalse)
        {
            Syntactic++;
            return true;
        }

        var (outcome, reason, model) = Decide(what, goal, limit);
        if (outcome is ObligationOutcome.Refuted or ObligationOutcome.Unknown && !assumption.IsTrue)
        {
            var stronger = factory.Both(goal, assumption);
            (outcome, reason, model) = stronger.IsFalse ? (ObligationOutcome.Syntactic, "", null) : Decide(what, stronger, limit);
        }

        Syntactic += outcome == ObligationOutcome.Syntactic ? 1 : 0;
        if (outcome is ObligationOutcome.Syntactic or ObligationOutcome.Proved)
        {
            return true;
        }

        Failure ??= new FailedObligation(what, outcome, reason, model);
        return false;
    }

    /// <summary>A guess: decided within a small budget, and no obligation if it fails.</summary>
    public bool Guess(Term goal, uint budget)
    {
        if (_guessWork > MaximumGuessWork)
        {
            return goal.IsFalse;
        }

        _guessing = true;
        try
        {
            return goal.IsFalse || Decide("guess", goal, Math.Min(budget, limit)).Item1 == ObligationOutcome.Proved;
        }
        catch (TermLimitException) when (factory.Count < factory.Limit)
        {
            return false; // too many pairs of reads for this formula; the proof itself has room left
        }
        finally
        {
            _guessing = false;
        }
    }

    private (ObligationOutcome, string, ObligationModel?) Decide(string what, Term goal, uint budget)
    {
        if (!_known.TryGetValue(goal.Id, out var known))
        {
            known = Ask(what, goal, budget);
            _known[goal.Id] = known;
        }

        return known;
    }

    private (ObligationOutcome, string, ObligationModel?) Ask(string what, Term goal, uint budget)
    {
        if (IsCoarselyProved(what, goal, EquivalenceSweep.Pays(goal) ? Math.Min(FirstBudget, budget) : budget))
        {
            return (ObligationOutcome.Proved, "", null);
        }

        if (EquivalenceSweep.Pays(goal))
        {
            goal = (_sweep ??= new EquivalenceSweep(factory, part => IsCoarselyProved($"{what}: equal parts", part, Math.Min(SweepBudget, limit)))).Reduce(goal);
            if (IsCoarselyProved(what, goal, budget))
            {
                return (ObligationOutcome.Proved, "", null);
            }
        }

        var elimination = new MemoryElimination(factory);
        var exact = elimination.Eliminate(goal);
        var answer = exact.IsFalse ? null : Try(what, exact, budget);
        return answer?.Verdict switch
        {
            null or SolverVerdict.Unsatisfiable => (ObligationOutcome.Proved, "", null),
            SolverVerdict.Unknown => (ObligationOutcome.Unknown, answer.Reason, null),
            _ => (ObligationOutcome.Refuted, "", new ObligationModel(_lastModel, elimination.Reads, elimination.Results)),
        };
    }

    /// <summary>Whether it is unsatisfiable even with every load and every result of a call unknown.</summary>
    private bool IsCoarselyProved(string what, Term goal, uint budget)
    {
        var abstraction = new Abstraction(factory);
        var coarse = abstraction.Rewrite(goal);
        return coarse.IsFalse || !abstraction.ComparesMemories && Try(what, coarse, budget) is { Verdict: SolverVerdict.Unsatisfiable };
    }

    private Dictionary<Term, ulong> _lastModel = [];

    private SolverAnswer? Try(string what, Term goal, uint budget)
    {
        if (goal.IsFalse)
        {
            return new SolverAnswer(SolverVerdict.Unsatisfiable, 0, ModelParser.Empty, "");
        }

        SolverAnswer? integers = null;
        if (IntegerText.Pays(goal) && IntegerText.Print(goal) is { } asIntegers)
        {
            integers = Send(what, asIntegers, budget);
            if (integers.Verdict != SolverVerdict.Unknown)
            {
                return integers;
            }
        }

        return Send(what, SmtText.Print(goal), budget);
    }

    private SolverAnswer Send(string what, SmtQuery query, uint budget)
    {
        if (Queries >= MaximumQueries)
        {
            return new SolverAnswer(SolverVerdict.Unknown, 0, ModelParser.Empty, $"more than {MaximumQueries} solver queries");
        }

        var answer = solver.Check(query, budget);
        LargestWork = Math.Max(LargestWork, answer.Work);
        _guessWork += _guessing ? answer.Work : 0;
        export?.Invoke(what, Queries, query, answer);
        Queries++;
        if (answer.Verdict == SolverVerdict.Satisfiable)
        {
            _lastModel = [];
            foreach (var (name, variable) in query.Variables)
            {
                _lastModel[variable] = answer.Model.GetValueOrDefault(name);
            }
        }

        return answer;
    }
}
