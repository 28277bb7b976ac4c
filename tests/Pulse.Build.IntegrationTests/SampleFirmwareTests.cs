using Pulse.Build.IntegrationTests.Support;

namespace Pulse.Build.IntegrationTests;

/// <summary>The sample, built in two folders: the same bytes.</summary>
[TestClass]
public sealed class SampleFirmwareTests
{
    private static string _one = "";
    private static string _two = "";
    private static Dictionary<string, byte[]> _built = [];

    [ClassInitialize]
    public static void Build_in_two_folders(TestContext context)
    {
        _one = Build();
        _two = Build();
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

    private static (int ExitCode, string Output) BuildAt(string root, params string[] arguments) =>
        DotNet.Run(root, ["build", "--no-restore", "-nologo", "-tl:off", .. arguments]);

    private static string Build()
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
        return root;
    }

    private static string Intermediate(string root, string file) => Path.Combine(root, "obj", "Debug", file);
}
