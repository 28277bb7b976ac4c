using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Dwarf;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Wasm;

[TestClass]
public sealed class CodePositionsTests
{
    private const string Golden = "hotpath/seam-dwarf5.wasm";

    [TestMethod]
    public void Optimisation_carries_the_positions_of_calls_and_drops_what_no_longer_fits()
    {
        var before = ModuleReader.Read(GoldenFiles.Bytes(Golden), Golden);
        var optimized = ProgramOptimizer.Optimize(before, new OptimizerSettings { Inline = false }, InlineHints.Read(before)).Module;
        var after = ModuleReader.Read(ModuleWriter.Write(optimized), "optimized.wasm");
        Assert.IsFalse(after.CustomSections.Exists(section => section.Name.StartsWith(".debug_", StringComparison.Ordinal)));
        CollectionAssert.AreEquivalent(
            new SourcePosition?[] { new("/src/seam.c", 10, 62), new("/src/seam.c", 15, 18), new("/src/seam.c", 15, 12) },
            Positions(after));
    }

    [TestMethod]
    public void Positions_survive_a_second_optimisation()
    {
        var module = ModuleReader.Read(GoldenFiles.Bytes(Golden), Golden);
        var settings = new OptimizerSettings { Inline = false };
        module = ModuleReader.Read(ModuleWriter.Write(ProgramOptimizer.Optimize(module, settings, InlineHints.Read(module)).Module), "once.wasm");
        var once = Positions(module);
        module = ModuleReader.Read(ModuleWriter.Write(ProgramOptimizer.Optimize(module, settings, InlineHints.Read(module)).Module), "twice.wasm");
        CollectionAssert.AreEquivalent(once, Positions(module));
    }

    [TestMethod]
    public void Notes_travel_with_a_body_into_another_module()
    {
        var source = ModuleReader.Read(GoldenFiles.Bytes(Golden), Golden);
        var target = source.Clone();
        target.Source = null;
        target.CustomSections.Clear();
        var notes = new CodeNotes();
        for (var i = source.ImportedFunctions; i < source.Functions.Count; i++)
        {
            notes.Add(i, source.Functions[i].Body!, source, new FuncIndex(i), Golden);
        }

        notes.WriteTo(target);
        var read = ModuleReader.Read(ModuleWriter.Write(target), "fused.wasm");
        CollectionAssert.AreEqual(Positions(source), Positions(read));
        Assert.AreEqual(InlineMark.Inline, InlineHints.Read(read).Of(new FuncIndex(1)), "clamp was inlined elsewhere");
        Assert.AreEqual(InlineMark.None, InlineHints.Read(read).Of(new FuncIndex(3)));
    }

    [TestMethod]
    public void Marks_of_calls_travel_too()
    {
        var source = Caller([1, 1, 2, 2, 1, 0, 4, 1, 127]);
        var notes = new CodeNotes();
        notes.Add(1, source.Functions[1].Body! with { Locals = [new LocalGroup(3, ValType.I32)] }, source, new FuncIndex(1), "in.wasm");
        var target = source.Clone();
        target.Source = null;
        target.Functions[1] = target.Functions[1] with { Body = source.Functions[1].Body! with { Locals = [new LocalGroup(3, ValType.I32)] } };
        notes.WriteTo(target);
        var read = ModuleReader.Read(ModuleWriter.Write(target), "fused.wasm");
        var calls = CodePositions.PlacesIn(read.Functions[1].Body!);
        Assert.AreEqual(InlineMark.Never, InlineHints.Read(read).OfCall(calls[0]));
        Assert.AreEqual(InlineMark.Inline, InlineHints.Read(read).OfCall(calls[1]));
    }

    [TestMethod]
    [DataRow(new byte[] { 1, 0, 0 })]
    [DataRow(new byte[] { 2, 0, 1, 1, 0, 2, 5, 1, 1, 0 })]
    [DataRow(new byte[] { 2, 0xFF, 0xFF, 0xFF, 0x7F })]
    [DataRow(new byte[] { })]
    public void A_malformed_section_gives_no_positions_and_a_message(byte[] section)
    {
        var positions = CodePositions.Read(Caller(section, CodePositions.SectionName), "in.wasm");
        Assert.AreEqual(DiagnosticId.PULSE1020, positions.Diagnostics.Single().Id);
    }

    [TestMethod]
    public void Positions_of_another_number_of_calls_are_not_believed()
    {
        var module = Caller([2, 1, 1, (byte)'a', 1, 1, 0, 1, 1, 7, 3], CodePositions.SectionName);
        var positions = CodePositions.Read(module, "in.wasm");
        Assert.IsTrue(CodePositions.PlacesIn(module.Functions[1].Body!).TrueForAll(offset => positions.At(offset) is null));
    }

    private static SourcePosition?[] Positions(Module module)
    {
        var positions = CodePositions.Read(module, "");
        return [.. module.Functions.Where(f => f.Body is not null).SelectMany(f => CodePositions.PlacesIn(f.Body!)).Select(offset => positions.At(offset))];
    }

    /// <summary>A leaf, and a caller that calls it twice, with a custom section.</summary>
    private static Module Caller(byte[] section, string name = InlineHints.SectionName)
    {
        var module = new Module();
        var type = module.AddType(FuncType.Of([], []));
        module.Functions.Add(new ModuleFunction(type, null, new FunctionBody([], new byte[] { 0x0B })));
        module.Functions.Add(new ModuleFunction(type, null, new FunctionBody([], new byte[] { 0x01, 0x10, 0, 0x10, 0, 0x0B })));
        module.CustomSections.Add(new CustomSection(name, section, SectionId.Function));
        return ModuleReader.Read(ModuleWriter.Write(module), "in.wasm");
    }
}
