using System.Collections.Immutable;
using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Components;

namespace Pulse.Build.Tests.Fusion;

[TestClass]
public class FusionRefusalTests
{
    private static readonly string _folder = Path.Combine(ComponentBytes.Root(), "tests", "golden", "fusion");

    public static IEnumerable<object[]> Refused() =>
        Directory.EnumerateFiles(Path.Combine(_folder, "refused"), "*.wat").Order(StringComparer.Ordinal).Select(f => new object[] { Path.GetFileNameWithoutExtension(f) });

    [TestMethod]
    [DynamicData(nameof(Refused))]
    public void A_component_is_refused_as_its_file_says(string name)
    {
        var words = File.ReadLines(Path.Combine(_folder, "refused", name + ".wat")).First(l => l.StartsWith(";; error: ", StringComparison.Ordinal)).Split(' ', 4);
        Refuses(Enum.Parse<DiagnosticId>(words[2]), words[3], [Golden(Path.Combine("refused", name))]);
    }

    [TestMethod]
    public void An_index_that_is_not_there_is_PULSE2003_with_its_offset()
    {
        var bytes = ComponentBytes.Of((6, [1, 0x01, 0x00, 0, 1, (byte)'x']));
        var diagnostic = Refuses(DiagnosticId.PULSE2003, "instance 0 does not exist", [new InputFile("x.wasm", bytes)]);
        Assert.AreEqual(11, diagnostic.Location.Offset);
    }

    [TestMethod]
    public void A_lift_whose_core_function_has_another_type_is_PULSE2003()
    {
        var file = Golden("shim");
        var bytes = file.Bytes.ToArray();
        var at = bytes.AsSpan().IndexOf(new byte[] { 0x40, 0x00, 0x00, 0x79 });
        bytes[at + 3] = 0x77;
        Refuses(DiagnosticId.PULSE2003, "the lifted function", [file with { Bytes = bytes }]);
    }

    [TestMethod]
    public void A_composition_that_names_what_is_not_there_is_PULSE2004() => Refuses(
        DiagnosticId.PULSE2004, "nowhere", [Sample("mixer")],
        new Composition([new("m", 0)], [], [new CompositionExport("x", "m", "nowhere")]));

    [TestMethod]
    public void An_import_that_two_components_export_is_PULSE2005_naming_both()
    {
        var diagnostic = Refuses(DiagnosticId.PULSE2005, "gust:mixer/mixing", [Sample("mixer"), Sample("mixer") with { Path = "other.wasm" }, Sample("kernel")]);
        StringAssert.Contains(diagnostic.Message, "'mixer'");
        StringAssert.Contains(diagnostic.Message, "'other'");
    }

    [TestMethod]
    public void A_provider_of_another_type_is_PULSE2006_naming_both()
    {
        var provider = ComponentBytes.Of((5, [1, 0x01, 0]), (11, [1, .. Name("gust:mixer/mixing"), 0x05, 0, 0]));
        var diagnostic = Refuses(DiagnosticId.PULSE2006, "'mix'", [new InputFile("empty.wasm", provider), Sample("kernel")]);
        StringAssert.Contains(diagnostic.Message, "'kernel'");
        StringAssert.Contains(diagnostic.Message, "'empty'");
    }

    [TestMethod]
    public void Components_that_import_each_other_are_PULSE2007() =>
        Refuses(DiagnosticId.PULSE2007, "a -> b -> a", [Ring("a", "x:x/b", "x:x/a"), Ring("b", "x:x/a", "x:x/b")]);

    [TestMethod]
    public void Two_components_with_the_same_world_export_are_PULSE2008() =>
        Refuses(DiagnosticId.PULSE2008, "gust:mixer/mixing#mix", [Sample("mixer"), Sample("mixer") with { Path = "other.wasm" }]);

    [TestMethod]
    public void A_kept_export_that_no_component_has_is_PULSE2009() =>
        Refuses(DiagnosticId.PULSE2009, "no function", [Sample("mixer")], keep: ["blend"]);

    [TestMethod]
    public void A_kept_allocator_that_the_host_does_not_need_is_PULSE2009() =>
        Refuses(DiagnosticId.PULSE2009, "cabi_realloc", [Sample("mixer")], keep: ["cabi_realloc"]);

    [TestMethod]
    public void A_kept_export_stays_although_another_component_imports_it()
    {
        var module = Fuse([Sample("mixer"), Sample("kernel")], keep: ["mix"]);
        Assert.IsTrue(module.Exports.Exists(e => e.Name == "gust:mixer/mixing#mix"));
    }

    [TestMethod]
    public void Growing_in_a_shared_memory_is_PULSE2011() =>
        Refuses(DiagnosticId.PULSE2011, "grows its memory", [Golden("grows")], memory: MemoryMode.Shared);

    [TestMethod]
    public void Sharing_a_memory_without_relocations_is_PULSE2012() =>
        Refuses(DiagnosticId.PULSE2012, "no relocations", [Golden("string-and-option")], memory: MemoryMode.Shared);

    [TestMethod]
    public void A_relocation_that_does_not_describe_the_code_is_PULSE2012()
    {
        // The second instruction of the kernel's allocator loads from 'arena_used'; its offset no longer is that symbol's address.
        var kernel = Sample("kernel");
        var bytes = kernel.Bytes.ToArray();
        var address = bytes.AsSpan().IndexOf(new byte[] { 0x28, 0x02, 0xB0, 0x88, 0x80, 0x80, 0x00 });
        Assert.IsTrue(address > 0, "the kernel's code has changed");
        bytes[address + 2] ^= 0x04;
        ImmutableArray<InputFile> inputs = [Sample("mixer"), kernel with { Bytes = bytes }, Sample("uart"), Sample("app")];
        Assert.AreEqual(1, Fuse([Sample("mixer"), kernel, Sample("uart"), Sample("app")]).Memories.Count);
        Assert.AreEqual(3, Fuse(inputs).Memories.Count, "auto must not move a module that was rewritten");
        Assert.AreEqual(1, Fuse(inputs, memory: MemoryMode.Shared).Memories.Count, "alone it may keep its addresses");
        Refuses(DiagnosticId.PULSE2012, "does not describe", [Golden("memory-base"), .. inputs], memory: MemoryMode.Shared);
    }

    [TestMethod]
    public void Copying_for_the_host_into_a_shared_memory_without_an_allocator_is_PULSE2013() => Refuses(
        DiagnosticId.PULSE2013, "no allocator",
        [Golden(Path.Combine("border", "two-encodings")), Sample("mixer"), Sample("kernel"), Sample("uart"), Sample("app")], memory: MemoryMode.Shared);

    [TestMethod]
    public void Two_types_of_one_function_of_the_host_are_PULSE2015_naming_both()
    {
        var diagnostic = Refuses(DiagnosticId.PULSE2015, "'h:h/x#f'", [Golden(Path.Combine("border", "host-unsigned")), Golden(Path.Combine("border", "host-signed"))]);
        StringAssert.Contains(diagnostic.Message, "func(a: u32)");
        StringAssert.Contains(diagnostic.Message, "func(a: s32)");
        Assert.AreEqual(1, Fuse([Golden(Path.Combine("border", "host-unsigned"))]).Functions.Count(f => f.Import is not null));
    }

    [TestMethod]
    public void Fusing_nothing_is_PULSE2014() => Refuses(DiagnosticId.PULSE2014, "no component", []);

    [TestMethod]
    public void A_mutated_component_is_fused_or_refused_and_never_breaks_an_invariant()
    {
        var original = Golden("string-and-option").Bytes.ToArray();
        for (var at = 8; at < original.Length; at += 5)
        {
            var bytes = (byte[])original.Clone();
            bytes[at] ^= (byte)(1 << at % 8);
            var sink = new DiagnosticList();
            ComponentFuser.Fuse(new FuseOptions { Components = [new InputFile("x.wasm", bytes)] }, sink);
            Assert.IsFalse(sink.Any(d => d.Id == DiagnosticId.PULSE9001), $"byte {at}: {(sink.Count > 0 ? sink[0] : "")}");
        }
    }

    private static Diagnostic Refuses(
        DiagnosticId id, string words, ImmutableArray<InputFile> inputs, Composition? composition = null, MemoryMode memory = MemoryMode.Auto, ImmutableArray<string> keep = default)
    {
        var sink = new DiagnosticList();
        var options = new FuseOptions { Components = inputs, Composition = composition, Memory = memory, KeepExports = keep.IsDefault ? [] : keep };
        Assert.IsNull(ComponentFuser.Fuse(options, sink));
        Assert.AreEqual(1, sink.Count);
        Assert.AreEqual(id, sink[0].Id, sink[0].ToString());
        StringAssert.Contains(sink[0].Message, words);
        return sink[0];
    }

    private static Module Fuse(ImmutableArray<InputFile> inputs, MemoryMode memory = MemoryMode.Auto, ImmutableArray<string> keep = default)
    {
        var sink = new DiagnosticList();
        var result = ComponentFuser.Fuse(new FuseOptions { Components = inputs, Memory = memory, KeepExports = keep.IsDefault ? [] : keep }, sink);
        Assert.IsNotNull(result, string.Join("\n", sink));
        return ModuleReader.Read(result.Module, "fused.wasm");
    }

    /// <summary>A component that imports one empty instance and exports it under another name.</summary>
    private static InputFile Ring(string file, string import, string export) => new(file + ".wasm", ComponentBytes.Of(
        (7, [1, 0x42, 0]), (10, [1, .. Name(import), 0x05, 0]), (11, [1, .. Name(export), 0x05, 0, 0])));

    private static byte[] Name(string name) => [0x00, (byte)name.Length, .. Encoding.ASCII.GetBytes(name)];

    private static InputFile Golden(string name) => new(name + ".wasm", File.ReadAllBytes(Path.Combine(_folder, name + ".wasm")));

    private static InputFile Sample(string name) => new(name + ".wasm", ComponentBytes.Sample(name));
}
