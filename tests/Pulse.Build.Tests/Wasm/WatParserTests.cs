using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Tests.Wasm;

[TestClass]
public sealed class WatParserTests
{
    [TestMethod]
    public void Folded_and_flat_forms_give_the_same_code()
    {
        var flat = Code("(func (param $x i32) (result i32) local.get $x i32.const 0 i32.lt_s if (result i32) i32.const 1 else local.get 0 end)");
        var folded = Code("(func (param $x i32) (result i32) (if (result i32) (i32.lt_s (local.get $x) (i32.const 0)) (then (i32.const 1)) (else (local.get $x))))");
        CollectionAssert.AreEqual(flat, folded);
        CollectionAssert.AreEqual(new byte[] { 0x20, 0, 0x41, 0, 0x48, 0x04, 0x7F, 0x41, 1, 0x05, 0x20, 0, 0x0B, 0x0B }, flat);
    }

    [TestMethod]
    public void Labels_count_from_the_innermost_block()
    {
        var code = Code("(func (block $a (loop $b (br $a) (br $b) (block $a (br_table $a $b 2)))))");
        CollectionAssert.AreEqual(
            new byte[] { 0x02, 0x40, 0x03, 0x40, 0x0C, 1, 0x0C, 0, 0x02, 0x40, 0x0E, 2, 0, 1, 2, 0x0B, 0x0B, 0x0B, 0x0B }, code);
    }

    [TestMethod]
    public void A_flat_block_may_repeat_its_label_and_no_other()
    {
        Code("(func block $a end $a)");
        AssertError("(func block $a end $b)", "mismatching label", 1, 20);
    }

    [TestMethod]
    public void Types_are_shared_and_implicit_ones_come_behind_the_written_ones()
    {
        var module = Parse("(func (param i32)) (type $t (func)) (func (type $t)) (func (param i32))");
        CollectionAssert.AreEqual(new[] { 1, 0, 1 }, module.Functions.Select(f => f.Type.Index).ToArray());
    }

    [TestMethod]
    public void Inline_imports_exports_elements_and_data_are_abbreviations()
    {
        var module = Parse("""
            (func $f (export "a") (export "b") (import "m" "f") (param i32))
            (table $t (export "t") funcref (elem $f $f))
            (memory (data "ab" "\00\u{e9}"))
            """);
        Assert.AreEqual(new Import("m", "f", ExternKind.Function), module.Imports.Single());
        CollectionAssert.AreEqual(new[] { "a", "b", "t" }, module.Exports.Select(e => e.Name).ToArray());
        Assert.AreEqual(new Limits(2, 2), module.Tables.Single().Limits);
        Assert.AreEqual(2, module.Elements.Single().Functions.Length);
        Assert.AreEqual(new Limits(1, 1), module.Memories.Single().Limits);
        CollectionAssert.AreEqual(new byte[] { 0x61, 0x62, 0, 0xC3, 0xA9 }, module.Data.Single().Bytes.ToArray());
    }

    [TestMethod]
    [DataRow("(elem (i32.const 1) $f)", SegmentMode.Active, false)]
    [DataRow("(elem 0 (i32.const 1) $f)", SegmentMode.Active, false)]
    [DataRow("(elem (table $t) (offset i32.const 1) func $f)", SegmentMode.Active, false)]
    [DataRow("(elem (table $t) (i32.const 1) funcref (item ref.func $f))", SegmentMode.Active, true)]
    [DataRow("(elem func $f)", SegmentMode.Passive, false)]
    [DataRow("(elem $e funcref (ref.func $f))", SegmentMode.Passive, true)]
    [DataRow("(elem declare func $f)", SegmentMode.Declarative, false)]
    [DataRow("(elem declare (ref null func) (item (ref.func $f)))", SegmentMode.Declarative, true)]
    public void Every_form_of_element_segment_is_read(string text, object mode, bool expressions)
    {
        var segment = Parse($"(table $t 4 funcref) (func $f) {text}").Elements.Single();
        Assert.AreEqual((SegmentMode)mode, segment.Mode);
        Assert.AreEqual(expressions, segment.UsesExpressions);
        Assert.AreEqual(1, segment.Count);
    }

    [TestMethod]
    [DataRow("i32.const 0xffffffff", 0xFFFFFFFFUL)]
    [DataRow("i32.const -0x8000_0000", 0x80000000UL)]
    [DataRow("i64.const -1", ulong.MaxValue)]
    [DataRow("f32.const 0x1p-149", 1UL)]
    [DataRow("f32.const 0x1p-150", 0UL)]
    [DataRow("f32.const 0x1.000001p-150", 1UL)]
    [DataRow("f32.const 0x1.fffffep+127", 0x7F7FFFFFUL)]
    [DataRow("f32.const 0x1.000001p0", 0x3F800000UL)]
    [DataRow("f32.const 0x1.000003p0", 0x3F800002UL)]
    [DataRow("f32.const 0x1.00000100000000000000000000001p0", 0x3F800001UL)]
    [DataRow("f32.const 0x0.ffffff8p-126", 0x00800000UL)]
    [DataRow("f32.const -nan:0x7f_ffff", 0xFFFFFFFFUL)]
    [DataRow("f32.const nan", 0x7FC00000UL)]
    [DataRow("f64.const 1e-400", 0UL)]
    [DataRow("f64.const 0x1p-1074", 1UL)]
    [DataRow("f64.const 6.02214076e23", 0x44DFE185CA57C517UL)]
    [DataRow("f64.const -inf", 0xFFF0000000000000UL)]
    public void A_number_has_exactly_these_bits(string instruction, ulong bits)
    {
        var module = Parse($"(func {instruction} drop)");
        var reader = new InstructionReader(module.Functions[0].Body!.Code.Span, 0, "");
        Assert.IsTrue(reader.TryRead(out var constant));
        Assert.AreEqual(bits, constant.Wide);
    }

    [TestMethod]
    public void Identifiers_become_a_name_section()
    {
        var names = NameSection.Read(Parse("(module $m (func $f (param $x i32) (local $y i64) (block $out)) (global $\"a b\" i32 (i32.const 0)))"));
        Assert.AreEqual("m", names.ModuleName);
        Assert.AreEqual("f", names.FunctionNames[0]);
        CollectionAssert.AreEqual(new[] { "x", "y" }, names.LocalNames[0].Values.ToArray());
        Assert.AreEqual("out", names.LabelNames[0][0]);
        Assert.AreEqual("a b", names.Names(Pulse.Build.Engine.Wasm.IndexSpace.Global)[0]);
    }

    [TestMethod]
    public void Comments_and_annotations_are_not_there()
    {
        var module = Parse("(; a (; nested ;) ;) (func ;; to the end (\n (@note \"x)\" (y [z])) nop) (@custom \"c\" (after type) \"x\")");
        CollectionAssert.AreEqual(new byte[] { 0x01, 0x0B }, module.Functions.Single().Body!.Code.ToArray());
        Assert.AreEqual(SectionId.Type, module.CustomSections.Single().After);
    }

    [TestMethod]
    [DataRow("(func", "')' expected", 1, 6)]
    [DataRow(")", "unexpected token ')'", 1, 1)]
    [DataRow("(func\n  i32.frob)", "unknown operator 'i32.frob'", 2, 3)]
    [DataRow("(func call $nowhere)", "unknown function $nowhere", 1, 12)]
    [DataRow("(func local.get $x)", "unknown local $x", 1, 17)]
    [DataRow("(func br $x)", "unknown label $x", 1, 10)]
    [DataRow("(func $f) (func $f)", "duplicate function $f", 1, 17)]
    [DataRow("(func i32.const 0x1_0000_0000)", "out of range", 1, 17)]
    [DataRow("(func i32.const 1__0)", "unexpected token '1__0'", 1, 17)]
    [DataRow("(func f32.const 1e39)", "out of range", 1, 17)]
    [DataRow("(func f32.const nan:0x0)", "out of range", 1, 17)]
    [DataRow("(func i32.load align=3)", "alignment must be a power of two", 1, 16)]
    [DataRow("(func) (import \"a\" \"b\" (func))", "import after a definition", 1, 8)]
    [DataRow("(export \"\\ff\" (func 0))", "malformed UTF-8 encoding", 1, 9)]
    [DataRow("(memory 1) (data \"a", "unclosed string", 1, 20)]
    [DataRow("(; (; ;)", "unclosed comment", 1, 9)]
    [DataRow("(type (func (param i33)))", "value type expected", 1, 20)]
    [DataRow("(type $t (func)) (func (type $t) (param i32))", "does not match", 1, 34)]
    [DataRow("(func if else else end)", "unexpected token 'else'", 1, 15)]
    [DataRow("(func block)", "'end' expected", 1, 12)]
    [DataRow("(start 0) (start 0)", "multiple start sections", 1, 12)]
    [DataRow("(func (nop) \u00e9)", "illegal character", 1, 13)]
    public void An_error_has_its_line_and_column(string text, string message, int line, int column) => AssertError(text, message, line, column);

    [TestMethod]
    [DataRow("(func i64.add128)", "wide arithmetic")]
    [DataRow("(func (param (ref func)))", "typed function references")]
    [DataRow("(func throw 0)", "exception handling")]
    [DataRow("(func call_ref 0)", "typed function references")]
    [DataRow("(import \"a\" \"b\" (func (exact (type 0))))", "custom descriptors")]
    [DataRow("(type (struct))", "garbage collection")]
    [DataRow("(tag)", "exception handling")]
    public void A_proposal_that_is_not_supported_is_named(string text, string proposal)
    {
        var error = Assert.ThrowsExactly<DiagnosticException>(() => Parse(text)).Diagnostic;
        Assert.AreEqual(DiagnosticId.PULSE1003, error.Id);
        StringAssert.Contains(error.Message, proposal);
        Assert.AreEqual(1, error.Location.Line);
    }

    [TestMethod]
    public void Nesting_without_end_is_refused_without_running_out_of_stack()
    {
        AssertError(new string('(', 100_000), "nesting deeper than", 1, 1001);
        AssertError("(func " + string.Concat(Enumerable.Repeat("(block ", 100_000)), "nesting deeper than", 1, 0);
    }

    private static Module Parse(string text) => WatParser.Parse(text, "test.wat");

    private static byte[] Code(string function) => Parse(function).Functions[^1].Body!.Code.ToArray();

    private static void AssertError(string text, string message, int line, int column)
    {
        var error = Assert.ThrowsExactly<DiagnosticException>(() => Parse(text)).Diagnostic;
        Assert.AreEqual(DiagnosticId.PULSE1004, error.Id);
        StringAssert.Contains(error.Message, message);
        Assert.AreEqual(line, error.Location.Line, error.ToString());
        if (column > 0)
        {
            Assert.AreEqual(column, error.Location.Column, error.ToString());
        }
    }

    [TestMethod]
    [DataRow("(module binary \"\\00asm\" \"\\01\\00\\00\\00\" \"\\01\\04\\01\\60\\00\\00\")")]
    [DataRow("(module $m binary \"\\00asm\\01\\00\\00\\00\\01\\04\\01\\60\\00\\00\")")]
    [DataRow("(module quote \"(type (func\" \"))\")")]
    [DataRow("(module quote \"(module (type (func)))\")")]
    public void A_module_in_strings_is_read(string text) => Assert.AreEqual(1, Parse(text).Types.Count);

    [TestMethod]
    [DataRow("(module binary \"\\00asn\\01\\00\\00\\00\")", DiagnosticId.PULSE1001)]
    [DataRow("(module binary \"\\00asm\\01\\00\\00\\00\" (func))", DiagnosticId.PULSE1004)]
    [DataRow("(module quote \"(func i32.nop)\")", DiagnosticId.PULSE1004)]
    [DataRow("(module quote \"\\ff\")", DiagnosticId.PULSE1004)]
    public void A_module_in_strings_that_is_malformed_is_refused(string text, DiagnosticId id) =>
        Assert.AreEqual(id, Assert.ThrowsExactly<DiagnosticException>(() => Parse(text)).Diagnostic.Id);

    [TestMethod]
    [DataRow("(func (drop (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 -1)))", "000102030405060708090A0B0C0D0EFF")]
    [DataRow("(func (drop (v128.const i16x8 0x1234 0 0 0 0 0 0 -2)))", "3412000000000000000000000000FEFF")]
    [DataRow("(func (drop (v128.const i32x4 1 2 3 4_0)))", "01000000020000000300000028000000")]
    [DataRow("(func (drop (v128.const i64x2 1 -1)))", "0100000000000000FFFFFFFFFFFFFFFF")]
    [DataRow("(func (drop (v128.const f32x4 1 -0 nan inf)))", "0000803F000000800000C07F0000807F")]
    [DataRow("(func (drop (v128.const f64x2 0x1p1 nan:0x1)))", "0000000000000040010000000000F07F")]
    public void A_vector_constant_has_the_lanes_of_its_shape(string text, string hex)
    {
        var code = Parse(text).Functions[0].Body!.Code.Span;
        Assert.AreEqual("FD0C" + hex + "1A0B", Convert.ToHexString(code));
    }

    [TestMethod]
    [DataRow("(func (drop (v128.const i8x16 256 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)))", "out of range")]
    [DataRow("(func (drop (v128.const i32x4 0 0 0)))", "a lane expected")]
    [DataRow("(func (drop (v128.const i128 0)))", "a vector shape expected")]
    [DataRow("(func (i8x16.extract_lane_u 256 (unreachable)))", "malformed lane index")]
    [DataRow("(func (i8x16.extract_lane_u -1 (unreachable)))", "malformed lane index")]
    [DataRow("(func (i8x16.shuffle 0 1 2 3 (unreachable)))", "a lane index expected")]
    [DataRow("(memory 1) (func (v128.load8_lane (unreachable)))", "a lane index expected")]
    public void A_malformed_vector_immediate_is_refused(string text, string message) =>
        StringAssert.Contains(Assert.ThrowsExactly<DiagnosticException>(() => Parse(text)).Diagnostic.Message, message);

    [TestMethod]
    [DataRow("v128.load8_lane 3", "fd540000 03")]
    [DataRow("v128.load8_lane 1 3", "fd54400100 03")]
    [DataRow("v128.load16_lane $m offset=5 3", "fd55410105 03")]
    [DataRow("v128.load16_lane 1 offset=5 align=1 3", "fd55400105 03")]
    [DataRow("v128.load16_lane align=1 3", "fd550000 03")]
    [DataRow("i64.atomic.rmw.add $m offset=8", "fe1f430108 ")]
    [DataRow("memory.atomic.notify", "fe000200 ")]
    public void The_memory_of_an_access_may_stand_before_its_keys_and_its_lane(string text, string hex)
    {
        var code = Parse($"(memory 1) (memory $m 1) (func unreachable {text})").Functions[0].Body!.Code.Span;
        Assert.AreEqual("00" + hex.Replace(" ", "", StringComparison.Ordinal) + "0b", Convert.ToHexStringLower(code));
    }

    [TestMethod]
    public void A_label_hides_an_outer_one_of_the_same_name_until_its_block_ends()
    {
        var code = Parse("(func block $a block $a br $a end br $a end)").Functions[0].Body!.Code.Span;
        Assert.AreEqual("024002400c000b0c000b0b", Convert.ToHexStringLower(code));
    }

    [TestMethod]
    public void Deep_nests_of_labels_and_many_types_take_linear_time()
    {
        const int Count = 40_000;
        var nest = string.Concat(Enumerable.Range(0, Count).Select(i => $"block $l{i} br $l0 "));
        var module = Parse($"(func {nest} {string.Concat(Enumerable.Repeat("end ", Count))})");
        StringAssert.Contains(WatPrinter.Print(module), "br $l0");
        var types = string.Concat(Enumerable.Range(0, Count).Select(i => $"(func (param{string.Concat(Enumerable.Range(0, 16).Select(bit => (i >> bit & 1) != 0 ? " i32" : " i64"))}))"));
        Assert.AreEqual(Count, Parse(types).Types.Count);
    }
}
