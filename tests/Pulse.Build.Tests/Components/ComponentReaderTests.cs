using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Tests.Components;

[TestClass]
public class ComponentReaderTests
{
    [TestMethod]
    public void Read_finds_imports_exports_and_modules_of_the_sample()
    {
        var app = ComponentReader.Read(ComponentBytes.Sample("app"), "app.wasm");
        CollectionAssert.IsSubsetOf(new[] { "gust:kernel/scheduler", "gust:uart/console" }, app.Imports.Select(i => i.Name).ToArray());
        CollectionAssert.AreEquivalent(new[] { "run", "on-tick", "gust-poll" }, app.Exports.Select(e => e.Name).ToArray());
        Assert.IsTrue(app.Definitions.OfType<CoreModuleDefinition>().Any());
        Assert.IsTrue(app.Definitions.OfType<LowerDefinition>().Any());
    }

    [TestMethod]
    public void Read_refuses_every_truncation_inside_a_section_with_an_offset()
    {
        var bytes = ComponentBytes.Sample("mixer");
        var accepted = 0;
        for (var length = 0; length < bytes.Length; length++)
        {
            try
            {
                ComponentReader.Read(bytes.AsMemory(0, length), "mixer.wasm");
                accepted++;
            }
            catch (DiagnosticException error)
            {
                Assert.AreEqual(DiagnosticId.PULSE2001, error.Diagnostic.Id);
                Assert.IsTrue(error.Diagnostic.Location.Offset >= 0 && error.Diagnostic.Location.Offset <= length);
            }
        }

        // Only the ends of sections are ends of components.
        Assert.IsTrue(accepted is > 0 and < 40, $"{accepted} prefixes were accepted");
    }

    [TestMethod]
    public void Read_of_mutated_bytes_gives_a_component_or_a_diagnostic()
    {
        var bytes = ComponentBytes.Sample("kernel");
        var refused = 0;
        for (var at = 0; at < bytes.Length; at += 3)
        {
            var mutated = (byte[])bytes.Clone();
            mutated[at] ^= (byte)(0x55 + at % 7);
            try
            {
                ComponentReader.Read(mutated, "kernel.wasm");
            }
            catch (DiagnosticException error)
            {
                Assert.IsTrue(error.Diagnostic.Id is DiagnosticId.PULSE2001 or DiagnosticId.PULSE2002, error.Message);
                refused++;
            }
        }

        Assert.IsTrue(refused > 50);
    }

    [TestMethod]
    public void Read_of_nothing_is_PULSE2001() => Refuses(DiagnosticId.PULSE2001, [], "header");

    [TestMethod]
    public void Read_of_a_core_module_is_PULSE2001() => Refuses(DiagnosticId.PULSE2001, [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0], "core module");

    [TestMethod]
    public void Read_of_a_count_beyond_the_section_is_PULSE2001() =>
        Refuses(DiagnosticId.PULSE2001, ComponentBytes.Of((7, [0xFF, 0xFF, 0xFF, 0x7F])), "entries");

    [TestMethod]
    public void Read_of_bytes_behind_the_last_definition_is_PULSE2001() =>
        Refuses(DiagnosticId.PULSE2001, ComponentBytes.Of((7, [0x01, 0x7F, 0x00])), "left over");

    [TestMethod]
    public void Read_of_a_start_function_is_PULSE2002() => Refuses(DiagnosticId.PULSE2002, ComponentBytes.Of((9, [0, 0, 0])), "start");

    [TestMethod]
    public void Read_of_a_value_is_PULSE2002() => Refuses(DiagnosticId.PULSE2002, ComponentBytes.Of((12, [0])), "values");

    [TestMethod]
    public void Read_of_a_thread_builtin_is_PULSE2002_by_name() =>
        Refuses(DiagnosticId.PULSE2002, ComponentBytes.Of((8, [1, 0x26])), "thread.index");

    [TestMethod]
    public void Read_of_deeply_nested_types_is_refused_before_the_stack_ends()
    {
        var content = new List<byte> { 1 };
        for (var i = 0; i < 5000; i++)
        {
            content.AddRange([0x42, 1, 0x01]);
        }

        content.Add(0x7F);
        Refuses(DiagnosticId.PULSE2001, ComponentBytes.Of((7, [.. content])), "too deep");
    }

    private static void Refuses(DiagnosticId id, byte[] bytes, string words)
    {
        var error = Assert.ThrowsExactly<DiagnosticException>(() => ComponentReader.Read(bytes, "x.wasm"));
        Assert.AreEqual(id, error.Diagnostic.Id);
        StringAssert.Contains(error.Diagnostic.Message, words);
        Assert.IsTrue(error.Diagnostic.Location.Offset >= 0);
    }
}
