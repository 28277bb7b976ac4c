using Pulse.Build.Engine.Passes.Rewriting;
using Pulse.Build.Engine.RuleProofs;
using Pulse.Build.Engine.Smt.Locating;
using Pulse.Build.Engine.Smt.Solving;

namespace Pulse.Build.Tests.RuleProofs;

[TestClass]
public sealed class RuleProofTests
{
    public static IEnumerable<object[]> Rules => RuleSet.Shipped.Compiled.Select(rule => new object[] { rule.Name });

    [TestMethod]
    [DynamicData(nameof(Rules))]
    public void Every_rule_is_proved_at_every_width(string name)
    {
        var rule = RuleSet.Shipped.Compiled.Single(r => r.Name == name);
        Assert.AreEqual(SolverVerdict.Unsatisfiable, new RuleProver(Z3Locator.Find("")).Prove(rule));
    }

    [TestMethod]
    [DataRow("bad-shift: (shl x 32) => 0", DisplayName = "a count of 32 counts as 0")]
    [DataRow("bad-div: (div_s x k) if (eq (popcnt k) 1) => (shr_s x (ctz k))", DisplayName = "a signed division rounds towards zero")]
    [DataRow("bad-trap: (rem_s x y) => (sub x (mul (div_s x y) y))", DisplayName = "the remainder of the minimum by -1 does not trap")]
    [DataRow("bad-fold: (lt_s (add x k1) k2) => (lt_s x (sub k2 k1))", DisplayName = "an addition may wrap")]
    public void A_wrong_rule_is_refuted(string text)
    {
        var prover = new RuleProver(Z3Locator.Find(""));
        Assert.IsTrue(RuleParser.Parse(text).SelectMany(RuleCompiler.Compile).Any(rule => prover.Prove(rule) == SolverVerdict.Satisfiable));
    }

    [TestMethod]
    public void There_are_rules() => Assert.IsTrue(RuleSet.Shipped.Rules.Length > 60);
}
