using System.Diagnostics;
using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Tests.Fusion;

/// <summary>
/// Runs every shared composition that P2 can express. Needs PULSE_NODE, a node of version 26 or newer: only then are
/// the fused modules run, since V8 must know several memories.
/// </summary>
[TestClass]
public class CompositionTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Every_composition_is_fused_or_refused_by_name()
    {
        if (CompositionSuite.Folder is not { } folder)
        {
            Assert.Inconclusive("the shared suites are not checked out beside the repository");
            return;
        }

        var output = Environment.GetEnvironmentVariable("PULSE_FUSED") ?? Path.Combine(TestContext.TestRunDirectory ?? Path.GetTempPath(), "fused");
        Directory.CreateDirectory(output);
        var (fused, refused) = (0, 0);
        foreach (var entry in CompositionSuite.Entries(folder))
        {
            var name = entry.GetProperty("name").GetString()!;
            var sink = new DiagnosticList();
            if (CompositionSuite.Fuse(folder, entry, sink) is { } result)
            {
                File.WriteAllBytes(Path.Combine(output, name + ".wasm"), result.Module.ToArray());
                using var provenance = JsonDocument.Parse(result.ProvenanceJson);
                var encoding = provenance.RootElement.TryGetProperty("border", out var border) ? border.GetProperty("encoding").GetString() : "utf8";
                File.WriteAllText(Path.Combine(output, name + ".abi.json"), $"{{\"memory\":\"memory\",\"realloc\":\"cabi_realloc\",\"encoding\":\"{encoding}\"}}");
                File.WriteAllText(Path.Combine(output, name + ".provenance.json"), result.ProvenanceJson);
                fused++;
                continue;
            }

            TestContext.WriteLine($"{name}: {sink[0]}");
            Assert.AreEqual(DiagnosticId.PULSE2010, sink[0].Id, $"{name}: {sink[0]}");
            refused++;
        }

        Assert.IsTrue(fused >= 20, $"{fused} compositions were fused, {refused} refused");
        if (Environment.GetEnvironmentVariable("PULSE_NODE") is { } node)
        {
            Run(node, folder, output);
        }
    }

    private void Run(string node, string folder, string output)
    {
        var start = new ProcessStartInfo(node, [Path.Combine(folder, "run-fused.mjs"), "--dir", output]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        TestContext.WriteLine(text);
        Assert.AreEqual(0, process.ExitCode, text);
    }
}
