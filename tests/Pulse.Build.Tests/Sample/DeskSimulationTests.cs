using System.ComponentModel;
using System.Diagnostics;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tests.Sample;

/// <summary>What the committed components print before anything is fused: the reference that every later stage must equal.</summary>
[TestClass]
public sealed class DeskSimulationTests
{
    private static readonly string _sample = Path.Combine(RepositoryRoot(), "samples", "gust-firmware");

    [TestMethod]
    [DataRow("", DisplayName = "ticks only end a sleep")]
    [DataRow("--preempt 1", DisplayName = "a tick at every register access")]
    [DataRow("--preempt 7", DisplayName = "a tick at every seventh register access")]
    public void Components_print_the_expected_transcript(string arguments)
    {
        var (status, output, errors) = Simulate(arguments);

        Assert.AreEqual("", errors);
        Assert.AreEqual(File.ReadAllText(Path.Combine(_sample, "expected-transcript.txt")), output);
        Assert.AreEqual(0, status);
    }

    [TestMethod]
    [DataRow(MemoryMode.Auto, "", DisplayName = "one memory")]
    [DataRow(MemoryMode.Auto, "--preempt 7", DisplayName = "one memory, a tick at every seventh register access")]
    public void The_fused_module_prints_the_expected_transcript(MemoryMode memory, string arguments)
    {
        var sink = new DiagnosticList();
        var inputs = new[] { "mixer", "kernel", "uart", "app" }.Select(name => new InputFile(name + ".wasm", File.ReadAllBytes(Path.Combine(_sample, "components", name + ".wasm"))));
        var fused = ComponentFuser.Fuse(new FuseOptions { Components = [.. inputs], Memory = memory }, sink);
        Assert.IsNotNull(fused, string.Join("\n", sink));
        var module = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(module, fused.Module.ToArray());
            var (status, output, errors) = Simulate($"\"{module}\" {arguments}");

            Assert.AreEqual("", errors);
            Assert.AreEqual(File.ReadAllText(Path.Combine(_sample, "expected-transcript.txt")), output);
            Assert.AreEqual(0, status);
        }
        finally
        {
            File.Delete(module);
        }
    }

    [TestMethod]
    public void Simulation_fails_when_the_module_is_no_firmware()
    {
        var module = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(module, [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
            var (status, output, _) = Simulate($"\"{module}\"");

            Assert.AreEqual("", output);
            Assert.AreEqual(70, status);
        }
        finally
        {
            File.Delete(module);
        }
    }

    private static (int Status, string Output, string Errors) Simulate(string arguments)
    {
        var start = new ProcessStartInfo("node", $"\"{Path.Combine(_sample, "simulate.mjs")}\" {arguments}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var node = Process.Start(start)!;
            var errors = node.StandardError.ReadToEndAsync();
            var output = node.StandardOutput.ReadToEnd();
            node.WaitForExit();
            return (node.ExitCode, output, errors.Result);
        }
        catch (Win32Exception)
        {
            Assert.Inconclusive("node is not installed");
            throw;
        }
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Pulse.Build.Sdk.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return folder.FullName;
    }
}
