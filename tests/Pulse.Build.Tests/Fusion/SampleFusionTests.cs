using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Components;

namespace Pulse.Build.Tests.Fusion;

[TestClass]
public class SampleFusionTests
{
    private static readonly string[] Components = ["mixer", "kernel", "uart", "app"];

    [TestMethod]
    public void The_sample_fuses_to_one_memory_that_fits_the_board()
    {
        var module = Fuse(MemoryMode.Auto, out var provenance);
        Assert.AreEqual(1, module.Memories.Count);
        using var map = JsonDocument.Parse(provenance);
        var memory = map.RootElement.GetProperty("memory")[0];
        Assert.IsTrue(memory.GetProperty("bytes").GetInt64() < 4096, provenance);
    }

    [TestMethod]
    public void The_sample_exports_its_world_and_nothing_else() =>
        CollectionAssert.AreEquivalent(new[] { "run", "on-tick", "gust-poll" }, Fuse(MemoryMode.Auto, out _).Exports.Select(e => e.Name).ToArray());

    [TestMethod]
    public void The_sample_imports_only_the_hal()
    {
        var module = Fuse(MemoryMode.Auto, out _);
        Assert.IsTrue(module.Imports.TrueForAll(i => i.Module.StartsWith("pulse:hal/", StringComparison.Ordinal)));
        Assert.AreEqual(module.Imports.Count, module.Imports.Distinct().Count());
        Assert.AreEqual(module.Types.Count, module.Types.Distinct().Count());
        Assert.AreEqual(0, module.Tables.Count);
    }

    [TestMethod]
    public void A_write_of_text_crosses_in_an_adapter_and_a_scalar_call_does_not()
    {
        Fuse(MemoryMode.Auto, out var provenance);
        using var map = JsonDocument.Parse(provenance);
        var edges = map.RootElement.GetProperty("edges").EnumerateArray()
            .ToDictionary(e => e.GetProperty("from").GetString() + ">" + e.GetProperty("function").GetString(), e => e.GetProperty("kind").GetString());
        Assert.AreEqual("copy", edges["app>gust:uart/console#write"]);
        Assert.AreEqual("direct", edges["app>gust:uart/console#init"]);
        Assert.AreEqual("import", edges["app>pulse:hal/mmio#write32"]);
    }

    [TestMethod]
    public void Fusing_twice_gives_the_same_bytes()
    {
        var (first, second) = (Run(MemoryMode.Auto)!, Run(MemoryMode.Auto)!);
        CollectionAssert.AreEqual(first.Module.ToArray(), second.Module.ToArray());
        Assert.AreEqual(first.ProvenanceJson, second.ProvenanceJson);
    }

    [TestMethod]
    public void Fused_with_several_memories_the_sample_keeps_one_for_each_component_that_has_data()
    {
        var module = Fuse(MemoryMode.Multi, out _);
        Assert.AreEqual(3, module.Memories.Count);
    }

    private static Module Fuse(MemoryMode mode, out string provenance)
    {
        var result = Run(mode)!;
        provenance = result.ProvenanceJson;
        return ModuleReader.Read(result.Module, "fused.wasm");
    }

    private static FuseResult? Run(MemoryMode mode)
    {
        var sink = new DiagnosticList();
        var result = ComponentFuser.Fuse(
            new FuseOptions { Components = [.. Components.Select(c => new InputFile(c + ".wasm", ComponentBytes.Sample(c)))], Memory = mode }, sink);
        Assert.AreEqual(0, sink.Count, sink.Count > 0 ? sink[0].ToString() : "");
        return result;
    }
}
