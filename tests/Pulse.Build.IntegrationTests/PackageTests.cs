using System.IO.Compression;
using Pulse.Build.IntegrationTests.Support;

namespace Pulse.Build.IntegrationTests;

/// <summary>The package has what a user's build needs and nothing that MSBuild brings itself, and a project builds with it.</summary>
[TestClass]
public sealed class PackageTests
{
    private const string Version = "0.0.0-test";

    [TestMethod]
    public void Packed_sdk_builds_a_project_that_names_it()
    {
        var folder = Directory.CreateTempSubdirectory("pulse-").FullName;
        try
        {
            var packages = Path.Combine(folder, "feed");
            var configuration = Repository.TasksDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
            var (packed, log) = DotNet.Run(
                Repository.Root, ["pack", "Tasks", "--no-build", "-c", configuration, "-o", packages, "-p:Version=" + Version, "-nologo"]);
            Assert.AreEqual(0, packed, log);
            AssertContent(Path.Combine(packages, $"Pulse.Build.Sdk.{Version}.nupkg"));
            AssertConsumable(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertContent(string package)
    {
        using var zip = ZipFile.OpenRead(package);
        var entries = zip.Entries.Select(entry => entry.FullName).ToList();
        string[] expected =
        [
            "README.md", "docs/diagnostics.md", "Sdk/Sdk.props", "Sdk/Sdk.targets", "Sdk/wit/pulse-hal.wit",
            "tasks/net10.0/Pulse.Build.Tasks.dll", "tasks/net10.0/Pulse.Build.Tasks.deps.json", "tasks/net10.0/Pulse.Build.Tasks.runtimeconfig.json", "tasks/net10.0/Pulse.Build.Engine.dll",
            "tasks/net10.0/Microsoft.Z3.dll", "tasks/net10.0/runtimes/win-x64/native/libz3.dll", "tasks/net10.0/runtimes/osx-x64/native/libz3.dylib", "docs/third-party.md",
            .. Directory.GetFiles(Path.Combine(Repository.Root, "targets")).Select(file => "targets/" + Path.GetFileName(file)),
        ];
        foreach (var file in expected)
        {
            Assert.Contains(file, entries, string.Join("\n", entries));
        }

        Assert.IsEmpty(entries.Where(entry => Path.GetFileName(entry).StartsWith("Microsoft.Build", StringComparison.Ordinal)));
    }

    private static void AssertConsumable(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "app", "components"));
        File.WriteAllBytes(Path.Combine(folder, "app", "components", "main.wasm"), Wasm.Returning(42));
        File.WriteAllText(Path.Combine(folder, "app", "nuget.config"), """
            <configuration>
              <packageSources><clear /><add key="feed" value="../feed" /></packageSources>
              <config><add key="globalPackagesFolder" value="../packages" /></config>
            </configuration>
            """);
        File.WriteAllText(Path.Combine(folder, "app", "firmware.wasmproj"), $"""
            <Project Sdk="Pulse.Build.Sdk/{Version}">
              <PropertyGroup><PulseBoard>stm32vldiscovery</PulseBoard></PropertyGroup>
            </Project>
            """);
        var (built, output) = DotNet.Run(Path.Combine(folder, "app"), ["build", "-nologo", "-tl:off"]);
        Assert.AreEqual(0, built, output);
        Assert.Contains("0 Warning(s)", output);
        Assert.IsTrue(File.Exists(Path.Combine(folder, "app", "bin", "Debug", "firmware.elf")));

        // The library says its version as four numbers, the program as a sentence: the bindings found a library from where the package was unpacked.
        var report = File.ReadAllText(Path.Combine(folder, "app", "obj", "Debug", "optimized.report.json"));
        StringAssert.Matches(report, new(@"""solver"": ""\d+\.\d+\.\d+\.\d+"""));
    }
}
