using Pulse.Build.IntegrationTests.Support;

namespace Pulse.Build.IntegrationTests;

/// <summary>
/// A fresh copy of the repository: the project's <c>Sdk="Pulse.Build.Sdk"</c> is the sources, which are built on demand, and an edit of
/// a task takes effect in the next build although MSBuild's server stays alive in between.
/// </summary>
[TestClass]
public sealed class InSourceTests
{
    private static readonly string[] Sources =
    [
        "global.json", "Directory.Build.props", "Directory.Packages.props", ".editorconfig", "README.md", "docs", "Sdk", "targets", "Tasks", "Engine",
        "samples/gust-firmware/.sdk", "samples/gust-firmware/nuget.config", "samples/gust-firmware/Directory.Build.props",
    ];

    [TestMethod]
    public void Fresh_clone_builds_with_one_command_and_runs_each_edit_of_a_task()
    {
        var clone = Directory.CreateTempSubdirectory("pulse-").FullName;
        var before = MSBuildServers();
        try
        {
            foreach (var source in Sources)
            {
                Repository.CopyTo(clone, source);
            }

            var sample = Path.Combine(clone, "samples", "gust-firmware");
            Directory.CreateDirectory(Path.Combine(sample, "components"));
            File.WriteAllBytes(Path.Combine(sample, "components", "main.wasm"), Wasm.Returning(42));
            File.WriteAllText(Path.Combine(sample, "firmware.wasmproj"), """
                <Project Sdk="Pulse.Build.Sdk">
                  <PropertyGroup><PulseBoard>stm32vldiscovery</PulseBoard></PropertyGroup>
                </Project>
                """);

            Assert.Contains("firmware -> ", Build(sample));
            var task = Path.Combine(clone, "Tasks", "FuseComponents.cs");
            var original = File.ReadAllText(task);
            foreach (var word in new[] { "melted", "welded" })
            {
                File.WriteAllText(task, original.Replace("\"fused {0}", $"\"{word} {{0}}", StringComparison.Ordinal));
                Assert.Contains(word + " 1 components", Build(sample));
            }
        }
        finally
        {
            foreach (var server in MSBuildServers().Except(before))
            {
                using var process = System.Diagnostics.Process.GetProcessById(server);
                process.Kill();
                process.WaitForExit();
            }

            Directory.Delete(clone, recursive: true);
        }
    }

    private static string Build(string folder)
    {
        var environment = new Dictionary<string, string> { ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "1", ["MSBUILDDISABLENODEREUSE"] = "0" };
        var (exitCode, output) = DotNet.Run(folder, ["build", "-nologo", "-tl:off", "-v:n", "-m:1"], environment);
        Assert.AreEqual(0, exitCode, output);
        return output;
    }

    /// <summary>Process ids of MSBuild servers; those that a test started are the ones that were not there before it.</summary>
    private static List<int> MSBuildServers() =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out var id) ? id : 0)
            .Where(id => id != 0 && CommandLine(id).Contains("/nodemode:8", StringComparison.OrdinalIgnoreCase)),
    ];

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
