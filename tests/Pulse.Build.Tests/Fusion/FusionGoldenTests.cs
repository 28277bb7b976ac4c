using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Components;

namespace Pulse.Build.Tests.Fusion;

/// <summary>
/// Fuses the components of <c>tests/golden/fusion</c> and runs what their <c>;; call:</c> lines say: in the engine's evaluator, and in V8
/// where PULSE_NODE names a node that knows several memories (26).
/// </summary>
[TestClass]
public class FusionGoldenTests
{
    private static readonly string _folder = Path.Combine(ComponentBytes.Root(), "tests", "golden", "fusion");

    public static IEnumerable<object[]> Files() => Directory.EnumerateFiles(_folder, "*.wat").Order(StringComparer.Ordinal).Select(f => new object[] { Path.GetFileNameWithoutExtension(f) });

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void A_fused_component_gives_what_its_file_says(string name)
    {
        var fused = Fuse(name, MemoryMode.Auto, out var sink);
        Assert.IsNotNull(fused, string.Join("\n", sink));
        var calls = Calls(name);
        Assert.AreNotEqual(0, calls.Count);
        foreach (var call in calls)
        {
            var instance = Instance.Create(ModuleReader.Read(fused.Module, name), new Imports());
            var outcome = instance.Invoke(call.Name, [.. call.Arguments.Select(a => RuntimeValue.I32(unchecked((int)a)))]);
            var result = outcome.Returned ? ((uint)outcome.Results[0].Bits).ToString(CultureInfo.InvariantCulture)
                : outcome.Kind == OutcomeKind.Trapped ? "trap" : outcome.ToString();
            Assert.AreEqual(call.Expected, result, $"{name}: {call.Name}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void V8_agrees(string name)
    {
        if (Environment.GetEnvironmentVariable("PULSE_NODE") is not { } node)
        {
            Assert.Inconclusive("PULSE_NODE names no node");
            return;
        }

        var calls = Calls(name);
        var results = Run(node, Fuse(name, MemoryMode.Auto, out _)!, calls).EnumerateArray().Select(a => a.ToString()).ToList();
        CollectionAssert.AreEqual(calls.Select(c => c.Expected).ToList(), results, $"{name}: {string.Join(", ", results)}");
    }

    private static List<Call> Calls(string name) =>
        File.ReadLines(Path.Combine(_folder, name + ".wat")).Where(line => line.StartsWith(";; call: ", StringComparison.Ordinal)).Select(Call.Parse).ToList();

    public static FuseResult? Fuse(string name, MemoryMode memory, out DiagnosticList sink)
    {
        sink = [];
        var file = new InputFile(name + ".wasm", File.ReadAllBytes(Path.Combine(_folder, name + ".wasm")));
        return ComponentFuser.Fuse(new FuseOptions { Components = [file], Memory = memory }, sink);
    }

    private static JsonElement Run(string program, FuseResult fused, List<Call> calls)
    {
        var module = Path.GetTempFileName();
        var start = new ProcessStartInfo(program, [Path.Combine(_folder, "run.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            File.WriteAllBytes(module, fused.Module.ToArray());
            using var node = Process.Start(start)!;
            node.StandardInput.WriteLine(JsonSerializer.Serialize(new { file = module, calls = calls.Select(c => new object[] { c.Name, c.Arguments }) }));
            node.StandardInput.Close();
            var output = node.StandardOutput.ReadToEnd();
            node.WaitForExit();
            return JsonDocument.Parse(output).RootElement;
        }
        finally
        {
            File.Delete(module);
        }
    }

    /// <summary>A line <c>;; call: name(1, 0x2) -> 3</c>, or <c>-> trap</c>.</summary>
    private sealed record Call(string Name, long[] Arguments, string Expected)
    {
        public static Call Parse(string line)
        {
            var text = line[";; call: ".Length..];
            var (open, close, arrow) = (text.IndexOf('('), text.IndexOf(')'), text.IndexOf("->", StringComparison.Ordinal));
            var arguments = text[(open + 1)..close].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Number);
            var expected = text[(arrow + 2)..].Trim();
            return new Call(text[..open], [.. arguments], expected == "trap" ? expected : Number(expected).ToString(CultureInfo.InvariantCulture));
        }

        private static long Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
            ? long.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : long.Parse(text, CultureInfo.InvariantCulture);
    }
}
