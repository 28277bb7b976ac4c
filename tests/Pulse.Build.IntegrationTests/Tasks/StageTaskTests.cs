using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.IntegrationTests.Support;
using Pulse.Build.Tasks;

namespace Pulse.Build.IntegrationTests.Tasks;

[TestClass]
public sealed class StageTaskTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pulse-").FullName;

    [TestCleanup]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Equal_content_keeps_the_outputs_and_makes_them_new()
    {
        Assert.IsTrue(Run(Pass).Ran);
        var old = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(PathOf("out.wasm"), old);
        var again = Run(_ => throw new InvalidOperationException("must not be asked"));
        Assert.IsFalse(again.Ran);
        Assert.IsGreaterThan(old, File.GetLastWriteTimeUtc(PathOf("out.wasm")));
    }

    [TestMethod]
    public void Changed_options_run_the_stage()
    {
        Run(Pass);
        Assert.IsTrue(Run(Pass, options: "mode=size").Ran);
    }

    [TestMethod]
    public void Error_leaves_neither_outputs_nor_temporary_files()
    {
        var run = Run(task =>
        {
            task.Report(Diagnostic.Create(DiagnosticId.PULSE0005, Location.None));
            return Pass(task);
        });
        Assert.HasCount(1, run.Engine.Errors);
        CollectionAssert.AreEqual(new[] { "in.wasm", "options" }, Files());
    }

    [TestMethod]
    public void Output_that_cannot_be_written_leaves_no_temporary_files()
    {
        Directory.CreateDirectory(PathOf("out.json"));
        var run = Run(Pass);
        Assert.AreEqual("PULSE0003", run.Engine.Errors.Single().Code);
        Assert.IsEmpty(Files().Where(file => file.EndsWith(".tmp", StringComparison.Ordinal)));
        Assert.IsFalse(File.Exists(PathOf("out.wasm.key")));
    }

    [TestMethod]
    public void Warnings_are_kept_for_the_replay_and_forgotten_when_there_are_none()
    {
        var said = new Diagnostic(DiagnosticId.PULSE5001, Severity.Warning, new Location("app.c", 7, 3, 12), "kept");
        Run(task =>
        {
            task.Report(said);
            return Pass(task);
        });
        var engine = new MockEngine();
        var replay = new ReplayDiagnostics { BuildEngine = engine, ProjectFile = "p", Files = [new TaskItem(PathOf("diagnostics.json"))] };
        Assert.IsTrue(replay.Execute());
        Assert.AreEqual(("PULSE5001", 7, "kept"), (engine.Warnings.Single().Code, engine.Warnings.Single().LineNumber, engine.Warnings.Single().Message));

        Run(Pass, options: "other");
        Assert.IsFalse(File.Exists(PathOf("diagnostics.json")));
    }

    [TestMethod]
    public void Missing_input_names_the_file_and_the_project()
    {
        File.Delete(PathOf("in.wasm"));
        var run = Run(Pass, createInput: false);
        Assert.AreEqual("PULSE0002", run.Engine.Errors.Single().Code);
        Assert.Contains("in.wasm", run.Engine.Errors.Single().Message!);
    }

    private static OutputSet? Pass(StageTask task)
    {
        var made = new OutputSet();
        made.Add(".wasm", new byte[] { 1, 2, 3 });
        made.Add(".json", "{}");
        return made;
    }

    private (bool Ran, MockEngine Engine) Run(Func<StageTask, OutputSet?> make, string options = "mode=balanced", bool createInput = true)
    {
        File.WriteAllText(PathOf("options"), options);
        if (createInput)
        {
            File.WriteAllBytes(PathOf("in.wasm"), [7]);
        }

        var engine = new MockEngine();
        var task = new ScriptedStage(PathOf("in.wasm"), make)
        {
            BuildEngine = engine,
            ProjectFile = PathOf("p.wasmproj"),
            OptionsFile = PathOf("options"),
            DiagnosticsFile = PathOf("diagnostics.json"),
            Outputs = [new TaskItem(PathOf("out.wasm")), new TaskItem(PathOf("out.json"))],
        };
        Assert.AreEqual(task.Execute(), engine.Errors.Count == 0);
        return (task.Ran, engine);
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private string[] Files() => [.. Directory.GetFiles(_folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private sealed class ScriptedStage(string input, Func<StageTask, OutputSet?> make) : StageTask
    {
        protected override void ReadInputs() => Input(input);

        protected override OutputSet? Make() => make(this);
    }
}
