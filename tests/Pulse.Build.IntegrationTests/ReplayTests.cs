using Pulse.Build.IntegrationTests.Support;

namespace Pulse.Build.IntegrationTests;

/// <summary>A stage that is up to date still says its warnings, and a build that may not have warnings fails every time.</summary>
[TestClass]
public sealed class ReplayTests
{
    private const string Warning = """
        [ { "Id": "PULSE5001", "Severity": "Warning", "Location": { "File": "app.c", "Line": 7, "Column": 3, "Offset": -1 }, "Message": "a kept warning" } ]
        """;

    [TestMethod]
    [DataRow("fused.wasm")]
    [DataRow("optimized.wasm")]
    [DataRow("firmware.o")]
    [DataRow("firmware.hotpath.sarif")]
    public void Warning_of_a_skipped_stage_is_said_again_and_fails_a_build_without_warnings(string stage)
    {
        using var project = new TestProject();
        project.Build().AssertSucceeded();
        project.Write($"obj/Debug/{stage}.diagnostics.json", System.Text.Encoding.UTF8.GetBytes(Warning));

        var replayed = project.Build().AssertSucceeded();
        CollectionAssert.AreEqual(new[] { "ReplayDiagnostics" }, replayed.Tasks);
        Assert.Contains("app.c(7,3): warning PULSE5001: a kept warning", replayed.Output);

        project.Build("-warnaserror").AssertFailed();
        var twice = project.Build("-warnaserror").AssertFailed();
        Assert.Contains("error PULSE5001: a kept warning", twice.Output);
        project.Build("-p:TreatWarningsAsErrors=true").AssertFailed();
        project.Build("-p:NoWarn=PULSE5001", "-warnaserror").AssertSucceeded();
    }

    [TestMethod]
    public void Name_that_no_function_has_is_warned_of_every_time()
    {
        using var project = new TestProject("""<ItemGroup><InlineFunction Include="helper" /></ItemGroup>""");
        for (var i = 0; i < 2; i++)
        {
            Assert.Contains("firmware.wasmproj(1): warning PULSE3005: InlineFunction 'helper' names no function.", project.Build().AssertSucceeded().Output);
        }

        project.WriteProject("""<ItemGroup><InlineFunction Include="answer" /></ItemGroup>""");
        Assert.DoesNotContain("PULSE3005", project.Build("-warnaserror").AssertSucceeded().Output);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[null]")]
    [DataRow("""[{"Id":"PULSE5001","Severity":"Warning"}]""")]
    [DataRow("""[{"Id":"PULSE1","Severity":"Warning"}]""")]
    public void Damaged_store_asks_for_a_rebuild_which_mends_it(string content)
    {
        using var project = new TestProject();
        project.Build().AssertSucceeded();
        project.Write("obj/Debug/optimized.wasm.diagnostics.json", System.Text.Encoding.UTF8.GetBytes(content));
        var refused = project.Build().AssertFailed();
        StringAssert.Matches(refused.Output, new("optimized.wasm.diagnostics.json\\(1\\): error PULSE0003: .* does not hold the warnings of the last build. Rebuild the project."));
        project.Build("-t:Rebuild").AssertSucceeded();
    }
}
