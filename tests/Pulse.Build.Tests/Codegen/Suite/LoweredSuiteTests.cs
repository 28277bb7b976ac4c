using System.Text.Json;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Codegen.Suite;

/// <summary>
/// The part of the official core suite that a Cortex-M3 can run, lowered and run on an emulated one, where the suite is beside the
/// repository. One setting by default; <c>PULSE_LOWERED_SUITE=all</c> runs every cost mode, with the optimiser before and without.
/// </summary>
[TestClass]
public sealed class LoweredSuiteTests
{
    private static readonly HashSet<string> Features =
    [
        "mvp", "sign-ext", "sat-float", "mutable-global-import", "multi-value", "bulk-memory",
        "multi-memory", "reference-types", "tail-call", "extended-const", "memory64", "custom-page-sizes",
    ];

    /// <summary>Hundreds of modules with a constant each, and a function whose only point is its frame: by default they take too long.</summary>
    private static readonly string[] Long = ["const.jsonl", "skip-stack-guard-page.jsonl"];

    /// <summary>Of the threads proposal, what one core can run: the other files need a memory that the host supplies.</summary>
    private const string Atomics = "proposals/threads/atomic.jsonl";

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Settings => (IsWhole ? LoweringSetting.All : [new LoweringSetting(CostMode.Balanced, false)])
        .Select(setting => new object[] { (int)setting.Mode, setting.IsOptimized });

    private static bool IsWhole => Environment.GetEnvironmentVariable("PULSE_LOWERED_SUITE") == "all";

    [TestMethod]
    [DynamicData(nameof(Settings))]
    public void Lowered_modules_run_as_the_suite_says(int mode, bool isOptimized)
    {
        var setting = new LoweringSetting((CostMode)mode, isOptimized);
        if (!Unicorn.IsPresent)
        {
            Assert.Inconclusive("libunicorn.so.2 is not installed");
        }

        var runner = new LoweredSuiteRunner(setting);
        var files = Files().Where(file => IsWhole || !Long.Contains(Path.GetFileName(file))).ToList();
        files.ForEach(runner.Run);
        TestContext.WriteLine($"{files.Count} files, {setting}: {runner.Tally}");
        if (IsWhole)
        {
            Console.Error.WriteLine($"{files.Count} files, {setting}: {runner.Tally}");
        }

        Assert.IsEmpty(runner.Tally.Failures, string.Join("\n", runner.Tally.Failures.Take(60)));
        var (modules, whole, right) = IsWhole ? (1368, 924, 14475) : (965, 521, 14195);
        Assert.AreEqual((files.Count, modules), (IsWhole ? 148 : 146, runner.Tally.Modules), "the files and modules that are meant are run");
        Assert.IsGreaterThanOrEqualTo(whole, runner.Tally.Whole, "modules without anything refused");
        Assert.IsGreaterThanOrEqualTo(right, runner.Tally.Right, "assertions that are right");
    }

    private static List<string> Files()
    {
        var index = SharedMaterial.Files("suites/core", "index.json")[0];
        using var json = JsonDocument.Parse(File.ReadAllText(index));
        return [.. json.RootElement.EnumerateArray()
            .Where(file => file.GetProperty("file").GetString() == Atomics || file.TryGetProperty("modules", out var modules) && modules.GetInt32() > 0 && file.GetProperty("feat").EnumerateArray().All(feature => Features.Contains(feature.GetString()!)))
            .Select(file => Path.Combine(Path.GetDirectoryName(index)!, "jsonl", file.GetProperty("file").GetString()!))];
    }
}
