using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Wasm;

[TestClass]
public sealed class InlineHintsTests
{
    private static readonly FuncIndex Leaf = new(0);
    private static readonly FuncIndex Caller = new(1);

    [TestMethod]
    public void A_function_without_marks_asks_for_nothing() =>
        Assert.AreEqual(InlineMark.None, InlineHints.Read(WithHints(null)).Of(Leaf));

    [TestMethod]
    [DataRow(127, InlineMark.Inline)]
    [DataRow(0, InlineMark.Never)]
    [DataRow(40, InlineMark.None)]
    public void A_mark_at_offset_0_is_about_the_function_as_a_target(int value, object expected) =>
        Assert.AreEqual(expected, InlineHints.Read(WithHints([1, 0, 1, 0, 1, (byte)value])).Of(Leaf));

    [TestMethod]
    public void A_mark_of_a_call_is_stronger_than_that_of_its_target()
    {
        // The caller's body is one byte of locals, a nop, call 0, call 0, end: the calls stand at 2 and 4.
        var module = WithHints([2, 0, 1, 0, 1, 127, 1, 1, 4, 1, 0]);
        var hints = InlineHints.Read(module);
        var body = module.Functions[Caller.Index].Body!;
        Assert.AreEqual(InlineMark.Inline, hints.Of(Leaf, body.Offset + 1));
        Assert.AreEqual(InlineMark.Never, hints.Of(Leaf, body.Offset + 3));
        Assert.AreEqual(InlineMark.Inline, hints.Of(Leaf));
    }

    [TestMethod]
    public void Frequencies_mark_calls_only()
    {
        var module = WithHints([1, 1, 2, 0, 1, 127, 2, 1, 127], "metadata.code.instr_freq");
        var hints = InlineHints.Read(module);
        Assert.AreEqual(InlineMark.None, hints.Of(Caller));
        Assert.AreEqual(InlineMark.Inline, hints.Of(Leaf, module.Functions[Caller.Index].Body!.Offset + 1));
        Assert.AreEqual(InlineMark.None, hints.Of(Leaf, module.Functions[Caller.Index].Body!.Offset + 3));
    }

    [TestMethod]
    [DataRow(new byte[] { 1, 9, 1, 0, 1, 127 })]
    [DataRow(new byte[] { 1, 0, 1, 0, 1 })]
    [DataRow(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [DataRow(new byte[] { 2, 0, 1, 0, 1, 127 })]
    public void A_malformed_section_marks_nothing_and_is_mentioned(byte[] section)
    {
        var hints = InlineHints.Read(WithHints(section), "in.wasm");
        Assert.AreEqual(InlineMark.None, hints.Of(Leaf));
        Assert.AreEqual(DiagnosticId.PULSE1021, hints.Diagnostics.Single().Id);
        Assert.AreEqual(Severity.Message, hints.Diagnostics.Single().Severity);
    }

    [TestMethod]
    public void An_abstract_instance_in_the_debug_information_asks_for_inlining()
    {
        foreach (var golden in (string[])["hotpath/seam-dwarf4.wasm", "hotpath/seam-dwarf5.wasm"])
        {
            var hints = InlineHints.Read(ModuleReader.Read(GoldenFiles.Bytes(golden), golden), golden);
            Assert.AreEqual(InlineMark.Inline, hints.Of(new FuncIndex(1)), golden);
            Assert.AreEqual(InlineMark.None, hints.Of(new FuncIndex(3)), golden);
        }
    }

    /// <summary>A leaf, and a caller that calls it twice.</summary>
    private static Module WithHints(byte[]? hints, string name = InlineHints.SectionName)
    {
        var module = new Module();
        var type = module.AddType(FuncType.Of([], []));
        module.Functions.Add(new ModuleFunction(type, null, new FunctionBody([], new byte[] { 0x0B })));
        module.Functions.Add(new ModuleFunction(type, null, new FunctionBody([], new byte[] { 0x01, 0x10, 0, 0x10, 0, 0x0B })));
        if (hints is not null)
        {
            module.CustomSections.Add(new CustomSection(name, hints, SectionId.Function));
        }

        return ModuleReader.Read(ModuleWriter.Write(module), "in.wasm");
    }
}
