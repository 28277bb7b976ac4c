using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Smt.Budgets;
using Pulse.Build.Engine.Smt.Locating;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Tests.Smt;

/// <summary>Terms that are built alike are equal where their parts are, and nowhere else.</summary>
[TestClass]
public sealed class CongruenceTests
{
    private readonly TermFactory _f = new();

    private Term X => _f.Variable("x", 32);

    private Term Y => _f.Variable("y", 32);

    private Term Memory => _f.Variable("m", Sort.Memory);

    private Term Token(string name, params Term[] args) => _f.Result(_f.Apply(name, args), 0, Sort.Token);

    private DecisionOutcome Differ(Term where, Term a, Term b)
        => new Decider(_f, Z3Locator.Find(""), new DecisionBudget()).Decide("test", _f.Both(where, _f.Not(_f.Equal(a, b)))).Outcome;

    [TestMethod]
    public void Calls_with_equal_arguments_are_equal()
        => Assert.AreEqual(DecisionOutcome.Unsatisfiable, Differ(_f.Equal(_f.Xor(X, Y), _f.Constant(0, 32)), Token("f", X, Memory), Token("f", Y, Memory)));

    [TestMethod]
    public void Calls_with_other_arguments_are_not()
        => Assert.AreNotEqual(DecisionOutcome.Unsatisfiable, Differ(_f.LessUnsigned(X, Y), Token("f", X, Memory), Token("f", Y, Memory)));

    [TestMethod]
    public void Calls_of_two_functions_are_not()
        => Assert.AreNotEqual(DecisionOutcome.Unsatisfiable, Differ(_f.Equal(X, Y), Token("f", X), Token("g", Y)));

    [TestMethod]
    public void Two_results_of_one_call_are_not()
    {
        var call = _f.Apply("f", X);
        Assert.AreNotEqual(DecisionOutcome.Unsatisfiable, Differ(_f.Equal(X, Y), _f.Result(call, 0, 32), _f.Result(_f.Apply("f", Y), 1, 32)));
    }

    [TestMethod]
    public void Arms_are_compared_under_their_condition()
    {
        var positive = _f.LessUnsigned(_f.Constant(0, 32), X);
        var chosen = _f.IfThenElse(positive, Token("f", _f.Constant(1, 32), Y), Token("f", _f.Constant(2, 32), Y));
        Assert.AreEqual(DecisionOutcome.Unsatisfiable, Differ(_f.Equal(_f.And(X, _f.Constant(3, 32)), _f.Constant(1, 32)), chosen, Token("f", _f.Constant(1, 32), Y)));
        Assert.AreNotEqual(DecisionOutcome.Unsatisfiable, Differ(_f.True, chosen, Token("f", _f.Constant(1, 32), Y)));
    }

    [TestMethod]
    public void Stores_of_equal_values_leave_equal_memories()
    {
        var (sum, same) = (_f.Or(X, Y), _f.Add(_f.Xor(X, Y), _f.And(X, Y)));
        Assert.AreEqual(DecisionOutcome.Unsatisfiable, Differ(_f.True, _f.Store(Memory, Y, 4, sum), _f.Store(Memory, Y, 4, same)));
        Assert.AreNotEqual(DecisionOutcome.Unsatisfiable, Differ(_f.True, _f.Store(Memory, Y, 4, sum), _f.Store(Memory, X, 4, sum)));
    }

    [TestMethod]
    public void Stores_in_another_order_are_still_compared_exactly()
    {
        var (p, q) = (_f.ShiftLeft(X, _f.Constant(4, 32)), _f.ShiftLeft(Y, _f.Constant(4, 32)));
        var (a, b) = (_f.Store(_f.Store(Memory, p, 4, Y), q, 4, X), _f.Store(_f.Store(Memory, q, 4, X), p, 4, Y));
        Assert.AreEqual(DecisionOutcome.Unsatisfiable, Differ(_f.Not(_f.Equal(p, q)), a, b));
        Assert.AreNotEqual(DecisionOutcome.Unsatisfiable, Differ(_f.Not(_f.Equal(X, Y)), a, b));
    }

    [TestMethod]
    public void Choices_between_the_same_two_are_equal_where_their_conditions_or_the_two_are()
    {
        var (even, odd) = (_f.Equal(_f.And(X, _f.Constant(1, 32)), _f.Constant(0, 32)), _f.LessUnsigned(_f.And(X, _f.Constant(1, 32)), _f.And(X, _f.Constant(3, 32))));
        var (one, other) = (_f.Store(Memory, X, 4, Y), _f.Store(Memory, Y, 4, X));
        Term Choice(Term condition) => _f.IfThenElse(condition, one, other);
        Assert.AreEqual(DecisionOutcome.Unsatisfiable, Differ(_f.True, Choice(even), Choice(_f.Not(_f.Equal(_f.ShiftLeft(X, _f.Constant(31, 32)), _f.Constant(0x8000_0000, 32))))));
        Assert.AreNotEqual(DecisionOutcome.Unsatisfiable, Differ(_f.True, Choice(even), Choice(odd)));
        Assert.AreEqual(DecisionOutcome.Unsatisfiable, Differ(_f.Equal(_f.Xor(X, Y), _f.Constant(0, 32)), Choice(even), Choice(odd)));
        Assert.AreNotEqual(DecisionOutcome.Unsatisfiable, Differ(_f.True, Choice(even), _f.IfThenElse(even, other, one)));
    }
}
