using Pulse.Build.IntegrationTests.Support;

namespace Pulse.Build.IntegrationTests;

/// <summary>The sample, built in two folders: the same bytes.</summary>
[TestClass]
public sealed class SampleFirmwareTests
{
    private static string _one = "";
    private static string _two = "";

    [ClassInitialize]
    public static void Build_in_two_folders(TestContext context)
    {
        _one = Build();
        _two = Build();
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
        CollectionAssert.AreEqual(File.ReadAllBytes(Intermediate(_one, file)), File.ReadAllBytes(Intermediate(_two, file)));

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
        var (exitCode, output) = DotNet.Run(root, ["build", "--no-restore", "-nologo", "-tl:off"]);
        Assert.AreEqual(0, exitCode, output);
        return root;
    }

    private static string Intermediate(string root, string file) => Path.Combine(root, "obj", "Debug", file);
}
