using Pulse.Build.Engine.Smt.Models;
using Pulse.Build.Engine.Smt.Refuting;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Smt.Text;

namespace Pulse.Build.Tests.Smt;

/// <summary>What the steps take for a refutation, however wrong those are who decide which to take.</summary>
[TestClass]
public sealed class RefutationTests
{
    private readonly TermFactory _f = new();

    private Term X => _f.Variable("x", 32);

    private Term Y => _f.Variable("y", 32);

    private Term Token(params Term[] args) => _f.Result(_f.Apply("f", args), 0, Sort.Token);

    /// <summary>A true refutation, of something else.</summary>
    private Refutation? Wrong() => Refutation.Plainly(_f.False);

    [TestMethod]
    public void An_answer_counts_for_its_own_text_only()
    {
        var (goal, other) = (_f.Equal(X, Y), _f.LessUnsigned(X, Y));
        var answer = new SolverAnswer(SmtText.Print(other).Key, SolverVerdict.Unsatisfiable, 0, ModelParser.Empty, "");
        Assert.IsNull(Refutation.BySolver(goal, asIntegers: false, _ => answer));
        Assert.IsNotNull(Refutation.BySolver(other, asIntegers: false, _ => answer));
        Assert.IsNull(Refutation.BySolver(other, asIntegers: false, _ => answer with { Verdict = SolverVerdict.Unknown }));
        Assert.IsNull(Refutation.BySolver(other, asIntegers: false, _ => null));
    }

    [TestMethod]
    public void Wholes_are_equal_only_by_each_of_their_very_parts()
    {
        Refutation? All(Term where, Term a, Term b) => ReferenceEquals(a, b) ? Refutation.Plainly(Refutation.Difference(_f, where, a, b)) : Wrong();
        Assert.IsNull(Refutation.ByParts(_f, _f.True, _f.Apply("f", X, X), _f.Apply("f", X, Y), All));
        Assert.IsNull(Refutation.ByParts(_f, _f.True, _f.Apply("f", X), _f.Apply("g", X), All), "two functions");
        Assert.IsNull(Refutation.ByParts(_f, _f.True, _f.Apply("f", X), _f.Apply("f", X, X), All), "other arguments");
        Assert.IsNull(Refutation.ByParts(_f, _f.True, _f.Result(_f.Apply("f", X), 0, 32), _f.Result(_f.Apply("f", X), 1, 32), All), "two results of one call");
        Assert.IsNull(Refutation.ByParts(_f, _f.True, _f.Variable("x", 32), _f.Variable("y", 32), All), "two variables");
        var where = _f.Equal(_f.Add(X, Y), _f.Constant(0, 32));
        var (a, b) = (_f.Apply("f", X), _f.Apply("f", Y));
        var refutation = Refutation.ByParts(_f, where, a, b, (_, x, y) => Refutation.BySolver(Refutation.Difference(_f, where, x, y), false, Believed));
        Assert.AreSame(Refutation.Difference(_f, where, a, b), refutation!.Goal);
        Assert.IsNull(Refutation.ByParts(_f, where, a, b, (_, x, y) => Refutation.BySolver(Refutation.Difference(_f, _f.Not(where), x, y), false, Believed)), "of another case");
    }

    [TestMethod]
    public void A_choice_is_equal_to_something_only_by_both_arms()
    {
        var (condition, a, b) = (_f.LessUnsigned(X, Y), Token(X), Token(Y));
        var choice = _f.IfThenElse(condition, a, b);
        Assert.IsNull(Refutation.ByArms(_f, _f.True, choice, a, (_, _, _) => Wrong()));
        Assert.IsNull(Refutation.ByArms(_f, _f.True, choice, a, (where, x, y) => Refutation.Plainly(Refutation.Difference(_f, where, x, y))), "one arm differs");
        Assert.IsNull(Refutation.ByArms(_f, _f.True, a, b, (_, _, _) => Wrong()), "no choice");
        var (first, second) = (Refutation.Arms(_f, _f.True, choice, a)[0], Refutation.Arms(_f, _f.True, choice, a)[1]);
        Assert.AreEqual((condition, a, a), first);
        Assert.AreEqual((_f.Not(condition), b, a), second);
        Assert.AreEqual((_f.Not(condition), b, a), Refutation.Arms(_f, _f.True, choice, _f.IfThenElse(condition, b, a))[1]);
        Assert.AreEqual((_f.Not(condition), b, _f.IfThenElse(_f.Equal(X, Y), b, a)), Refutation.Arms(_f, _f.True, choice, _f.IfThenElse(_f.Equal(X, Y), b, a))[1], "another condition");
    }

    private static SolverAnswer Believed(SmtQuery query) => new(query.Key, SolverVerdict.Unsatisfiable, 0, ModelParser.Empty, "");
}
