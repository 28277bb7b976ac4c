using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;

namespace Pulse.Build.Tests.Judge;

[TestClass]
public sealed class GoldenRefinementTests
{
    private static IEnumerable<object[]> Topics => RefinePairs.Topics.Select(t => new object[] { t });

    [TestMethod]
    [DynamicData(nameof(Topics))]
    public void A_good_rewrite_is_proved(string topic)
    {
        var report = RefinePairs.Check(RefinePairs.Golden(topic, "before"), RefinePairs.Golden(topic, "good"));
        Assert.AreEqual(Verdict.Proved, report.Verdict, RefinePairs.Describe(report));
    }

    [TestMethod]
    [DynamicData(nameof(Topics))]
    public void A_bad_rewrite_is_refuted_by_a_run(string topic)
    {
        var report = RefinePairs.Check(RefinePairs.Golden(topic, "before"), RefinePairs.Golden(topic, "bad"));
        Assert.AreEqual(Verdict.Refuted, report.Verdict, RefinePairs.Describe(report));
        Assert.IsTrue(report.Functions.Any(f => f.Verdict == Verdict.Refuted && f.Counterexample is not null), RefinePairs.Describe(report));
    }

    [TestMethod]
    [DynamicData(nameof(Topics))]
    public void A_module_refines_itself(string topic)
    {
        var module = RefinePairs.Golden(topic, "before");
        var report = RefinePairs.Check(module, module);
        Assert.AreEqual(Verdict.Proved, report.Verdict, RefinePairs.Describe(report));
        Assert.IsTrue(report.Functions.All(f => f.Identical));
    }
}
