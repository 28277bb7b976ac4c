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
}
