using Pulse.Build.Engine.Smt.Models;
using Pulse.Build.Engine.Smt.Budgets;
using Pulse.Build.Engine.Smt.Elimination;
using Pulse.Build.Engine.Smt.Refuting;
using Pulse.Build.Engine.Smt.Sampling;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Smt.Text;

namespace Pulse.Build.Engine.Smt.Deciding;

/// <summary>
/// Decides whether formulas over memories and functions can be true: first by the parts in which two terms differ, then with products, loads and results unknown, then with equal parts
/// merged where products or quotients hide them, then exactly. Remembers what it has decided.
/// </summary>
internal sealed class Decider(TermFactory factory, ISolver solver, DecisionBudget budget, Action<string, int, SmtQuery, SolverAnswer>? export = null)
{
    private const uint FirstLook = 50_000;
    private const uint PartLook = 200_000;
    private const int Shortest = 10_000;
    private const int Models = 6;

    /// <summary>A product by a factor of so few digits is as easy as bits.</summary>
    private const int SmallFactor = 8;

    /// <summary>What integers settle they settle with a few thousand units; what they do not takes minutes for few more.</summary>
    private const uint Integers = 50_000;
    private readonly Dictionary<int, (Decision Decision, uint Limit)> _known = [];
    private readonly Dictionary<int, (Refutation? Refutation, uint Limit)> _seen = [];
    private SatSweeping? _sweep;
    private Dictionary<Term, ulong> _model = [];
    private readonly List<Dictionary<Term, ulong>> _lately = [];
    private SolverAnswer _last = new("", SolverVerdict.Unknown, 0, ModelParser.Empty, "");

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
        if (Refutation.Plainly(goal) is { } plainly)
        {
            return new Decision(plainly);
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
        if (Congruence.Refute(factory, goal, part => Decide($"{what}: part", part, Math.Min(FirstLook, limit)).Refutation) is { } byParts && ReferenceEquals(byParts.Goal, goal))
        {
            return new Decision(byParts);
        }

        if (Glance(what, goal, limit) is { } atOnce)
        {
            return new Decision(atOnce);
        }

        // What merging does not settle bits seldom do: for a first look it is enough to see that.
        var pays = SatSweeping.Pays(goal);
        limit = pays && limit < budget.Query ? Math.Min(limit, FirstLook) : limit;
        if (pays && Merged(what, goal, limit) is { } byMerging)
        {
            return new Decision(byMerging);
        }

        var elimination = new MemoryElimination(factory);
        Refutation? Exactly(Term formula) => pays ? Sweep(what).Refute(formula, Eliminated) : Eliminated(formula);
        Refutation? Eliminated(Term formula) => Refutation.ByElimination(elimination, formula, flat => Try(what, flat, limit));
        return Exactly(goal) is { } exactly ? new Decision(exactly)
            : _last.Verdict == SolverVerdict.Satisfiable ? new Decision(DecisionOutcome.Satisfiable, "", new FormulaModel(_model, elimination.Unknowns))
            : new Decision(DecisionOutcome.Unknown, _last.Reason);
    }

    /// <summary>The first, cheaper looks at <paramref name="goal"/>.</summary>
    public Refutation? Glance(string what, Term goal, uint limit = uint.MaxValue)
    {
        var pays = SatSweeping.Pays(goal);
        limit = Math.Min(limit, pays ? FirstLook : budget.Query);
        if (!_seen.TryGetValue(goal.Id, out var known) || known.Refutation is null && known.Limit < limit)
        {
            var refutation = !pays ? Coarsely(what, goal, limit)
                : Coarsely(what, goal, limit, SatSweeping.IsHard) ?? Coarsely(what, goal, limit) ?? Merged(what, goal, limit);
            known = (refutation, limit);
            _seen[goal.Id] = known;
        }

        return known.Refutation;
    }

    private Refutation? Merged(string what, Term goal, uint limit) => Sweep(what).Refute(goal, merged => Coarsely(what, merged, limit));

    private SatSweeping Sweep(string what)
        => _sweep ??= new SatSweeping(factory, differ => Coarsely($"{what}: equal parts", differ, Math.Min(PartLook, budget.Query)));

    /// <summary>With every load, every result of a call and what else <paramref name="isUnknown"/> says unknown.</summary>
    private Refutation? Coarsely(string what, Term goal, uint limit, Predicate<Term>? isUnknown = null)
        => Refutation.Coarsely(factory, goal, coarse => HoldsSomewhere(coarse) ? null : Remember(Try(what, coarse, SaysLittle(goal) ? Math.Min(FirstLook, limit) : limit)), isUnknown);

    /// <summary>Whether what made a formula true lately makes this one true: formulas of one trap point, and of neighbours, have much in common.</summary>
    private bool HoldsSomewhere(Term coarse) => _lately.Exists(model => new TermEvaluator(0, model).Evaluate(coarse) == 1);

    private Refutation? Remember(Refutation? refutation)
    {
        if (refutation is null && _last.Verdict == SolverVerdict.Satisfiable)
        {
            _lately.Insert(0, _model);
            _lately.RemoveRange(Math.Min(Models, _lately.Count), Math.Max(0, _lately.Count - Models));
        }

        return refutation;
    }

    /// <summary>Whether it says that memories differ: without them there is mostly nothing to see.</summary>
    private static bool SaysLittle(Term goal) => Array.Exists(TermFactory.Conjuncts(goal).ToArray(), fact => fact.Op == TermOp.Not && fact.Args[0].Op == TermOp.Equal && Sort.IsMemory(fact.Args[0].Args[0].Width));

    private Refutation? Try(string what, Term goal, uint limit)
    {
        var isHard = IsHardAsBits(goal);
        return Refutation.Plainly(goal)
            ?? (isHard && Send(what, goal, Math.Min(limit, Integers), isHard, asIntegers: true) is var (asIntegers, isDecided) && isDecided ? asIntegers
                : Send(what, goal, limit, isHard, asIntegers: false).Refutation);
    }

    /// <summary>The refutation, if there is one, and whether the solver has decided at all.</summary>
    private (Refutation? Refutation, bool IsDecided) Send(string what, Term goal, uint limit, bool isHard, bool asIntegers)
    {
        _last = new SolverAnswer("", SolverVerdict.Unknown, 0, ModelParser.Empty, "");
        var refutation = Refutation.BySolver(goal, asIntegers, query => IsAffordable(query, limit) ? Hear(what, query with { IsHard = isHard }, limit) : null);
        return (refutation, _last.Verdict != SolverVerdict.Unknown);
    }

    /// <summary>Whether the formula multiplies unknowns or divides, which is when integers pay.</summary>
    private static bool IsHardAsBits(Term goal) => TermOrder.Of(goal).Exists(t => SatSweeping.IsHard(t, SmallFactor));

    private bool IsAffordable(SmtQuery query, uint limit)
    {
        // A formula that may take little work may not take long to read either.
        var characters = limit < budget.Query ? Math.Min(budget.Characters, Shortest + (int)(limit / 4)) : budget.Characters;
        var exceeded = query.Text.Length > characters ? $"a solver query of more than {characters} characters"
            : Queries >= budget.Queries ? $"more than {budget.Queries} solver queries"
            : budget.Meter.IsOut ? $"more than {budget.Meter.Limit} units of work" : null;
        _last = _last with { Reason = exceeded ?? "" };
        return exceeded is null;
    }

    private SolverAnswer Hear(string what, SmtQuery query, uint limit)
    {
        var answer = _last = solver.Check(query, limit);
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
