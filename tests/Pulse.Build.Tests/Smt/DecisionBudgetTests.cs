using Pulse.Build.Engine.Smt.Models;
using Pulse.Build.Engine.Smt.Budgets;
using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Smt.Text;

namespace Pulse.Build.Tests.Smt;

/// <summary>What is beyond a budget is unknown, with the budget as the reason, and is not sent.</summary>
[TestClass]
public sealed class DecisionBudgetTests
{
    [TestMethod]
    public void Formula_with_a_text_beyond_the_limit_is_not_sent()
    {
        var factory = new TermFactory();
        var goal = Goal(factory);
        var length = SmtText.Print(goal).Text.Length;
        var solver = new CountingSolver();
        var refused = new Decider(factory, solver, new DecisionBudget { Characters = length - 1 }).Decide("goal", goal);
        Assert.AreEqual(DecisionOutcome.Unknown, refused.Outcome);
        Assert.AreEqual($"a solver query of more than {length - 1} characters", refused.Reason);
        Assert.AreEqual(0, solver.Asked);

        Assert.AreEqual(DecisionOutcome.Unsatisfiable, new Decider(factory, solver, new DecisionBudget { Characters = length }).Decide("goal", goal).Outcome);
        Assert.AreEqual(1, solver.Asked);
    }

    [TestMethod]
    public void Formula_after_the_last_that_is_allowed_is_not_sent()
    {
        var factory = new TermFactory();
        var solver = new CountingSolver();
        var decision = new Decider(factory, solver, new DecisionBudget { Queries = 0 }).Decide("goal", Goal(factory));
        Assert.AreEqual("more than 0 solver queries", decision.Reason);
        Assert.AreEqual(0, solver.Asked);
    }

    /// <summary>x &amp; y is above x: never, and nothing that the factory sees.</summary>
    private static Term Goal(TermFactory factory)
    {
        var (x, y) = (factory.Variable("x", 32), factory.Variable("y", 32));
        return factory.LessUnsigned(x, factory.And(x, y));
    }

    private sealed class CountingSolver : ISolver
    {
        public int Asked { get; private set; }

        public string Version => "";

        public string Path => "";

        public SolverAnswer Check(SmtQuery query, uint limit)
        {
            Asked++;
            return new SolverAnswer(query.Key, SolverVerdict.Unsatisfiable, 1, ModelParser.Empty, "");
        }
    }
}
