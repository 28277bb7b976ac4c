using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Emission;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Ir;

/// <summary>The official core suite, where it is beside the repository: as it is, and after a round trip through SSA form.</summary>
[TestClass]
public sealed class CoreSuiteTests
{
    private static readonly HashSet<string> Modelled =
    [
        "mvp", "sign-ext", "sat-float", "multi-value", "bulk-memory", "reference-types", "mutable-global-import", "multi-memory", "tail-call",
        "extended-const", "memory64", "simd", "relaxed-simd", "threads", "custom-page-sizes",
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Slow")]
    public void The_evaluator_agrees_with_the_core_suite() => RunAll(module => module);

    [TestMethod]
    [TestCategory("Slow")]
    public void Code_emitted_from_ssa_form_agrees_with_the_core_suite() => RunAll(module =>
    {
        var program = ProgramReader.Read(module);
        var before = Size(module);
        foreach (var index in program.Functions)
        {
            program.MarkChanged(index);
        }

        var emitted = ModuleReader.Read(ModuleWriter.Write(ProgramWriter.Write(program)), "emitted");
        Assert.IsLessThanOrEqualTo(1.02 * before, (double)Size(emitted));
        return emitted;
    });

    private static long Size(Module module) => module.Functions.Sum(function => (long)(function.Body is { } body ? BodySize.Of(body) : 0));

    private void RunAll(Func<Module, Module> transform)
    {
        var runner = new CoreSuiteRunner(Modelled, transform);
        foreach (var file in SharedMaterial.Files("suites/core/jsonl", "*.jsonl"))
        {
            runner.Run(file);
        }

        TestContext.WriteLine($"{runner.Passed} passed, {runner.Failures.Count} failed, {runner.Skipped} skipped (features that are not modelled)");
        Assert.IsEmpty(runner.Failures, string.Join("\n", runner.Failures.Take(60)));
        Assert.IsGreaterThan(57_500, runner.Passed);
    }
}
