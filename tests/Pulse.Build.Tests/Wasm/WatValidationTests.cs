using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tests.Wasm;

/// <summary>What is invalid in a text is said with the line and column of the instruction, flat or folded.</summary>
[TestClass]
public sealed class WatValidationTests
{
    [TestMethod]
    [DataRow("(module\n  (func)\n  (func (param i32)\n    i32.const 1\n    i32.add\n    drop))", 5, 5, DisplayName = "flat")]
    [DataRow("(module\n  (func (result i32)\n    (i32.add\n      (i32.const 1)\n      (f32.const 2))))", 3, 6, DisplayName = "folded: the operator that finds the wrong operand")]
    [DataRow("(func\n  (i32.const 1)\n)", 3, 1, DisplayName = "values left at the end of the function")]
    [DataRow("(func (result i32)\n  (block (result i32)\n    (nop)\n  )\n)", 4, 3, DisplayName = "values missing at the end of a block")]
    [DataRow("(func (param i32)\n  (if (result i32) (local.get 0)\n    (then (i32.const 1))\n    (else (i64.const 1)))\n  drop)", 4, 24, DisplayName = "else")]
    [DataRow("(func\n  block\n    i32.const 1\n  end)", 4, 3, DisplayName = "flat end")]
    [DataRow("(global i32\n  (i64.const 1))", 2, 16, DisplayName = "initial value")]
    [DataRow("(memory 1)\n(data (offset\n  (i32.const 1)\n  (i32.const 2)) \"x\")", 4, 16, DisplayName = "offset")]
    [DataRow("(func (local.get 3))\n(func (drop))", 1, 8, DisplayName = "the first error counts")]
    public void The_instruction_is_named_by_line_and_column(string text, int line, int column)
    {
        var said = new DiagnosticList();
        Assert.IsFalse(CoreModule.Validate(new InputFile("m.wat", Encoding.UTF8.GetBytes(text)), said));
        var error = said.Single();
        Assert.AreEqual(DiagnosticId.PULSE1002, error.Id);
        Assert.AreEqual((line, column), (error.Location.Line, error.Location.Column), error.ToString());
        Assert.DoesNotContain("at byte", error.Message);
    }

    [TestMethod]
    public void A_feature_that_is_switched_off_is_named_where_it_is_used()
    {
        var said = new DiagnosticList();
        var file = new InputFile("m.wat", "(func (param i32)\n  (drop (i32.extend8_s (local.get 0))))"u8.ToArray());
        Assert.IsFalse(CoreModule.Validate(file, said, FeatureSet.Parse("mvp", "--features")));
        Assert.AreEqual("m.wat(2,10)", said.Single().ToString().Split(':')[0]);
        Assert.AreEqual(DiagnosticId.PULSE1006, said.Single().Id);
    }

    [TestMethod]
    [DataRow("(func (export \"a\")) (func (export \"a\"))")]
    [DataRow("(module binary \"\\00asm\\01\\00\\00\\00\\07\\05\\01\\01a\\00\\00\")")]
    public void What_stands_in_no_instruction_has_no_line(string text)
    {
        var said = new DiagnosticList();
        Assert.IsFalse(CoreModule.Validate(new InputFile("m.wat", Encoding.UTF8.GetBytes(text)), said));
        Assert.AreEqual((DiagnosticId.PULSE1002, 0), (said.Single().Id, said.Single().Location.Line));
    }
}
