using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pulse.Build.IntegrationTests.Support;

namespace Pulse.Build.IntegrationTests;

/// <summary>The sample, built in two folders: the same bytes, every change proved, and an image that boots and prints its transcript.</summary>
[TestClass]
public sealed class SampleFirmwareTests
{
    private static string _one = "";
    private static string _two = "";
    private static string _log = "";
    private static Dictionary<string, byte[]> _built = [];

    [ClassInitialize]
    public static void Build_in_two_folders(TestContext context)
    {
        (_one, _log) = Build();
        (_two, _) = Build();
        // Another test builds the second folder differently.
        _built = Directory.GetFiles(Intermediate(_two, "")).ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes);
    }

    [ClassCleanup]
    public static void Delete()
    {
        Directory.Delete(_one, recursive: true);
        Directory.Delete(_two, recursive: true);
    }

    [TestMethod]
    [DataRow("fused.wasm")]
    [DataRow("fused.provenance.json")]
    [DataRow("optimized.wasm")]
    [DataRow("optimized.report.json")]
    [DataRow("firmware.o")]
    [DataRow("firmware.elf")]
    [DataRow("firmware.lst")]
    [DataRow("firmware.hotpath.sarif")]
    public void Two_folders_give_the_same_bytes(string file) =>
        CollectionAssert.AreEqual(File.ReadAllBytes(Intermediate(_one, file)), _built[file]);

    [TestMethod]
    public void Without_inlining_the_calls_on_the_hot_path_are_reported_in_every_build_and_can_fail_it()
    {
        foreach (var _ in new[] { "done", "replayed" })
        {
            var (built, output) = BuildAt(_two, "-p:PulseInline=false");
            Assert.AreEqual(0, built, output);
            StringAssert.Matches(output, new("warning PULSE5001: Call from '[^']*poll[^']*' to '[^']*transition[^']*' survives on the hot path of 'gust-poll'"));
            StringAssert.Matches(output, new("warning PULSE5001: Call from '[^']*' to '[^']*mix[^']*' survives on the hot path of 'gust-poll'"));
        }

        foreach (var _ in new[] { "once", "twice" })
        {
            var (failed, errors) = BuildAt(_two, "-p:PulseInline=false", "-p:PulseHotPathSeverity=error");
            Assert.AreNotEqual(0, failed, errors);
            Assert.Contains("error PULSE5001", errors);
            Assert.Contains("PULSE5001", File.ReadAllText(Intermediate(_two, "firmware.hotpath.sarif")));
        }

        var (allowed, text) = BuildAt(_two, "-p:PulseInline=false", "-p:PulseHotPathSeverity=none", "-warnaserror");
        Assert.AreEqual(0, allowed, text);
    }

    [TestMethod]
    public void Image_boots_prints_the_transcript_and_ends_with_status_zero()
    {
        var start = new ProcessStartInfo("dotnet", ["run", "--no-build", "--project", Path.Combine(_one, "firmware.wasmproj")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(File.ReadAllText(Path.Combine(_one, "expected-transcript.txt")), output.Replace("\r", "", StringComparison.Ordinal), errors.Result);
        Assert.AreEqual(0, process.ExitCode);
    }

    [TestMethod]
    public void Every_changed_function_is_proved_and_the_log_says_so() =>
        StringAssert.Matches(_log, new(@"optimized \d+ -> \d+ bytes: (\d+) functions changed, \1 proved, 0 unproved, 0 with less optimisation, \d+\.\d s"));

    /// <summary>The counter of ticks is all that the handler touches, and it is the application's.</summary>
    [TestMethod]
    public void Report_says_what_the_interrupt_handler_shares()
    {
        var report = JsonNode.Parse(File.ReadAllText(Intermediate(_one, "optimized.report.json")))!;
        var facts = report["interrupts"]!.AsArray().Single()!;
        Assert.AreEqual("on-tick", (string?)facts["handler"]);
        Assert.AreEqual("SysTick", (string?)facts["vector"]);
        var place = facts["places"]!.AsArray().Single()!;
        var range = Regex.Match((string)place["what"]!, @"^memory 0: (\d+) to (\d+)$");
        Assert.IsTrue(range.Success, (string?)place["what"]);
        Assert.AreEqual(3, int.Parse(range.Groups[2].Value, CultureInfo.InvariantCulture) - int.Parse(range.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.AreEqual("writes", (string?)place["access"]);
        Assert.AreEqual("app", (string?)place["component"]);
        Assert.Contains("app!run", facts["sharedWith"]!.AsArray().Select(f => (string?)f!["function"]));
    }

    [TestMethod]
    public void Build_has_no_warning_and_says_what_the_image_takes()
    {
        Assert.Contains("0 Warning(s)", _log);
        var sizes = Regex.Match(_log, @"firmware -> .*/firmware\.elf \(flash (\d+\.\d) KiB, RAM (\d+\.\d) KiB, stack (\d+) of (\d+) bytes\)");
        Assert.IsTrue(sizes.Success, _log);
        Assert.IsLessThanOrEqualTo(8.0, double.Parse(sizes.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    private static (int ExitCode, string Output) BuildAt(string root, params string[] arguments) =>
        DotNet.Run(root, ["build", "--no-restore", "-nologo", "-tl:off", .. arguments]);

    private static (string Folder, string Log) Build()
    {
        var folder = Directory.CreateTempSubdirectory("pulse-").FullName;
        const string Sample = "samples/gust-firmware/";
        foreach (var source in new[] { "components", "firmware.wasmproj", "expected-transcript.txt" })
        {
            Repository.CopyTo(folder, Sample + source);
        }

        var root = Path.Combine(folder, Sample);
        var project = File.ReadAllText(Path.Combine(root, "firmware.wasmproj"))
            .Replace("<Project Sdk=\"Pulse.Build.Sdk\">", $"<Project><Import Project=\"{Repository.Root}Sdk/Sdk.props\" />", StringComparison.Ordinal)
            .Replace("</Project>", $"<Import Project=\"{Repository.Root}Sdk/Sdk.targets\" /></Project>", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(root, "firmware.wasmproj"), project);
        File.WriteAllText(Path.Combine(root, "Directory.Build.props"), $"""
            <Project>
              <PropertyGroup>
                <PulseInSource>false</PulseInSource>
                <PulseTasksDir>{Repository.TasksDirectory}</PulseTasksDir>
              </PropertyGroup>
            </Project>
            """);
        var (exitCode, output) = BuildAt(root);
        Assert.AreEqual(0, exitCode, output);
        return (root, output);
    }

    private static string Intermediate(string root, string file) => Path.Combine(root, "obj", "Debug", file);
}
