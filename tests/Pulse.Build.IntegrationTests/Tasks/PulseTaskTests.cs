using Microsoft.Build.Framework;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.IntegrationTests.Support;
using Pulse.Build.Tasks;

namespace Pulse.Build.IntegrationTests.Tasks;

[TestClass]
public sealed class PulseTaskTests
{
    [TestMethod]
    public void Diagnostic_is_logged_with_code_start_position_and_link()
    {
        var engine = Execute(task => task.Report(
            new Diagnostic(DiagnosticId.PULSE5001, Severity.Warning, new Location("/src/app.c", 7, 3), "text with {braces}")));
        var warning = engine.Warnings.Single();
        Assert.AreEqual("PULSE5001", warning.Code);
        Assert.AreEqual(("/src/app.c", 7, 3, 0, 0), (warning.File, warning.LineNumber, warning.ColumnNumber, warning.EndLineNumber, warning.EndColumnNumber));
        Assert.AreEqual("text with {braces}", warning.Message);
        Assert.AreEqual("file:///docs/diagnostics.md#pulse5001", warning.HelpLink);
    }

    [TestMethod]
    public void Diagnostic_without_a_file_points_at_the_project_and_always_has_a_line()
    {
        var engine = Execute(_ => throw new DiagnosticException(DiagnosticId.PULSE0005, Location.None));
        Assert.AreEqual(("/src/firmware.wasmproj", 1), (engine.Errors.Single().File, engine.Errors.Single().LineNumber));
    }

    [TestMethod]
    public void Unexpected_exception_is_a_coded_error_and_its_trace_is_for_detailed_logs_only()
    {
        var engine = Execute(_ => throw new InvalidOperationException("broken"));
        var error = engine.Errors.Single();
        Assert.AreEqual("PULSE9001", error.Code);
        Assert.Contains("broken", error.Message!);
        Assert.DoesNotContain("   at ", error.Message!);
        Assert.Contains("   at ", engine.Messages.Single());
    }

    [TestMethod]
    public void What_the_file_system_refuses_is_no_defect_of_ours()
    {
        var engine = Execute(_ => File.ReadAllBytes(Path.GetTempPath()));
        Assert.AreEqual("PULSE0003", engine.Errors.Single().Code);
    }

    [TestMethod]
    public void Cancelled_task_fails_without_an_error()
    {
        var engine = new MockEngine();
        var task = new ScriptedTask(self => self.Stopped.ThrowIfCancellationRequested()) { BuildEngine = engine };
        task.Cancel();
        Assert.IsFalse(task.Execute());
        Assert.IsEmpty(engine.Errors);
    }

    private static MockEngine Execute(Action<ScriptedTask> script)
    {
        var engine = new MockEngine();
        var task = new ScriptedTask(script) { BuildEngine = engine, ProjectFile = "/src/firmware.wasmproj", HelpPage = "file:///docs/diagnostics.md" };
        Assert.AreEqual(task.Execute(), engine.Errors.Count == 0);
        return engine;
    }

    private sealed class ScriptedTask(Action<ScriptedTask> script) : PulseTask
    {
        public CancellationToken Stopped => Cancellation;

        protected override void ExecuteCore() => script(this);
    }
}
