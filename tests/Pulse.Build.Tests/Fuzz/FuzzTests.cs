using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Fuzz;

/// <summary>
/// Bad input ends in a diagnostic, with memory in proportion to it; accepted input is carried through without loss. A fixed number of rounds by
/// default; <c>PULSE_FUZZ_SECONDS=n</c> runs each target for n seconds and puts what fails into <c>tests/corpus</c>;
/// <c>PULSE_FUZZ_SEED=n</c> starts at another round, <c>PULSE_FUZZ_TARGET=name</c> runs one target only.
/// </summary>
[TestClass]
public sealed class FuzzTests
{
    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<string[]> Targets =>
        Environment.GetEnvironmentVariable("PULSE_FUZZ_TARGET") is { Length: > 0 } only ? [[only]] : FuzzTargets.Names;

    public static IEnumerable<string[]> Regressions
    {
        get
        {
            var corpus = Path.Combine(SharedMaterial.Repository, "tests", "corpus");
            return Directory.GetFiles(corpus, "*.bin", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Select(path => new[] { Path.GetFileName(Path.GetDirectoryName(path))!, Path.GetFileName(path) });
        }
    }

    [TestMethod]
    [DynamicData(nameof(Targets))]
    public void Damaged_input_is_refused_by_a_diagnostic_or_carried_through(string target)
    {
        TestContext.WriteLine(new FuzzLoop(FuzzTargets.Find(target)).Run());
    }

    [TestMethod]
    [DynamicData(nameof(Regressions))]
    public void An_input_that_once_failed_is_refused_or_carried_through(string target, string file) =>
        FuzzOracle.Judge(FuzzTargets.Find(target), File.ReadAllBytes(Path.Combine(SharedMaterial.Repository, "tests", "corpus", target, file)));
}
