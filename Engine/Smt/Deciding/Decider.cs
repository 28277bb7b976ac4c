using Pulse.Build.Engine.Smt.Models;
using Pulse.Build.Engine.Smt.Budgets;
using Pulse.Build.Engine.Smt.Elimination;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Smt.Text;

namespace Pulse.Build.Engine.Smt.Deciding;

/// <summary>
/// Decides whether formulas over memories and functions can be true: first by the parts in which two terms differ, then with every load and every result unknown, then with equal parts
/// merged where products or quotients hide them, then exactly. Remembers what it has decided.
/// </summary>
internal sealed class Decider(TermFactory factory, ISolver solver, DecisionBudget budget, Action<string, int, SmtQuery, SolverAnswer>? export = null)
{
    private const uint FirstLook = 50_000;
    private const uint PartLook = 200_000;
    private const int Shortest = 10_000;

    /// <summary>What integers settle they settle with a few thousand units; what they do not takes minutes for few more.</summary>
    private const uint Integers = 50_000;
    private readonly Dictionary<int, (Decision Decision, uint Limit)> _known = [];
    private EquivalenceSweep? _sweep;
    private Dictionary<Term, ulong> _model = [];

    /// <summary>Formulas sent.</summary>
    public int Queries { get; private set; }

    /// <summary>The solver's count of work for the costliest formula.</summary>
    public long LargestWork { get; private set; }

    /// <summary>The work for all formulas, their lengths included.</summary>
    public long Work { get; private set; }

    /// <summary>Decides <paramref name="goal"/> within <paramref name="limit"/> of the solver's work, or the budget's if that is less.</summary>
    /// <param name="what">A name for the exported text.</param>
    /// <param name="goal">A Boolean.</param>
    /// <param name="limit">Work for each formula sent.</param>
    /// <exception cref="TermLimitException">The formula has too many pairs of reads, or the factory is full.</exception>
    public Decision Decide(string what, Term goal, uint limit = uint.MaxValue)
    {
        if (goal.IsFalse)
        {
            return Decision.Unsatisfiable;
        }

        limit = Math.Min(limit, budget.Query);
        if (!_known.TryGetValue(goal.Id, out var known) || known.Decision.Outcome == DecisionOutcome.Unknown && known.Limit < limit)
        {
            known = (Ask(what, goal, limit), limit);
            _known[goal.Id] = known;
        }

        return known.Decision;
    }

    private Decision Ask(string what, Term goal, uint limit)
    {
        if (Congruence.Split(factory, goal) is { } parts && parts.TrueForAll(part => Decide($"{what}: part", part, Math.Min(FirstLook, limit)).Outcome == DecisionOutcome.Unsatisfiable))
        {
            return Decision.Unsatisfiable;
        }

        var pays = EquivalenceSweep.Pays(goal);
        if (HoldsCoarsely(what, goal, pays ? Math.Min(FirstLook, limit) : limit))
        {
            return Decision.Unsatisfiable;
        }

        if (pays)
        {
            goal = (_sweep ??= new EquivalenceSweep(factory, part => HoldsCoarsely($"{what}: equal parts", part, Math.Min(PartLook, budget.Query)))).Reduce(goal);
            if (HoldsCoarsely(what, goal, limit))
            {
                return Decision.Unsatisfiable;
            }
        }

        var elimination = new MemoryElimination(factory);
        var answer = Try(what, elimination.Eliminate(goal), limit);
        return answer.Verdict switch
        {
            SolverVerdict.Unsatisfiable => Decision.Unsatisfiable,
            SolverVerdict.Unknown => new Decision(DecisionOutcome.Unknown, answer.Reason),
            _ => new Decision(DecisionOutcome.Satisfiable, "", new FormulaModel(_model, elimination.Reads, elimination.Results)),
        };
    }

    /// <summary>Whether it cannot be true even with every load and every result of a call unknown.</summary>
    private bool HoldsCoarsely(string what, Term goal, uint limit)
    {
        var abstraction = new Abstraction(factory);
        var coarse = abstraction.Rewrite(goal);
        return coarse.IsFalse || !abstraction.ComparesMemories && Try(what, coarse, limit).Verdict == SolverVerdict.Unsatisfiable;
    }

    private SolverAnswer Try(string what, Term goal, uint limit)
    {
        if (goal.IsFalse)
        {
            return new SolverAnswer(SolverVerdict.Unsatisfiable, 0, ModelParser.Empty, "");
        }

        if (IntegerText.Pays(goal) && IntegerText.Print(goal) is { } asIntegers && Send(what, asIntegers, Math.Min(limit, Integers)) is { Verdict: not SolverVerdict.Unknown } integers)
        {
            return integers;
        }

        return Send(what, SmtText.Print(goal), limit);
    }

    private SolverAnswer Send(string what, SmtQuery query, uint limit)
    {
        // A formula that may take little work may not take long to read either.
        var characters = limit < budget.Query ? Math.Min(budget.Characters, Shortest + (int)(limit / 4)) : budget.Characters;
        var exceeded = query.Text.Length > characters ? $"a solver query of more than {characters} characters"
            : Queries >= budget.Queries ? $"more than {budget.Queries} solver queries"
            : budget.Meter.IsOut ? $"more than {budget.Meter.Limit} units of work" : null;
        if (exceeded is not null)
        {
            return new SolverAnswer(SolverVerdict.Unknown, 0, ModelParser.Empty, exceeded);
        }

        var answer = solver.Check(query, limit);
        var work = answer.Work + WorkMeter.Preparing(query.Text.Length);
        LargestWork = Math.Max(LargestWork, answer.Work);
        Work += work;
        budget.Meter.Add(work, answer.IsNew);
        export?.Invoke(what, Queries, query, answer);
        Queries++;
        if (answer.Verdict == SolverVerdict.Satisfiable)
        {
            _model = query.Variables.ToDictionary(v => v.Value, v => answer.Model.GetValueOrDefault(v.Key));
        }

        return answer;
    }
}
