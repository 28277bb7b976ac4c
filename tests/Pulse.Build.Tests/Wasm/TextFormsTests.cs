using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Tests.Wasm;

/// <summary>What the text format lets one write in several ways: each form means the same module as the plain one beside it.</summary>
/// <remarks>Core 3.0 #text; the abbreviations are those marked so in the grammar</remarks>
[TestClass]
public sealed class TextFormsTests
{
    [TestMethod]
    [DataRow("(module)", "", DisplayName = "an empty module")]
    [DataRow("(module (func))", "(func)")]
    [DataRow("(module $m (func $f))", "(func)")]
    [DataRow(" \t\r\n(module\r(func)\n)\r\n;; end", "(func)")]
    [DataRow("(module(func)(memory 1))", "(func) (memory 1)")]
    [DataRow("(module quote)", "")]
    [DataRow("(module quote \"(func\" \" nop)\")", "(func nop)")]
    [DataRow("(module quote \"(module (func))\")", "(func)")]
    [DataRow("(module $m binary \"\\00asm\" \"\\01\\00\\00\\00\")", "")]
    [DataRow("(func) (; a (; nested ;) \" ;) (memory 1) ;; (func)", "(func) (memory 1)")]
    [DataRow("(func (;(;;);)nop(;;)drop)", "(func nop drop)")]
    [DataRow("(func ;;(\n nop;; )\r\n )", "(func nop)")]
    [DataRow("(@a) (func (@b (c \"d)\" [e] {f,g;h} $i 0x) (@nested)) nop (@b))", "(func nop)")]
    [DataRow("(@$) (@$#0 $ $\"\" $\"\\ff\" $\"a\"b) (func (@\"$ \\u{7f}\" (@) (@ x) (@\"\")) nop)", "(func nop)")]
    [DataRow("(func (param (@p) i32) (@between) (result (@r) i32) (@before) (local.get (@x) 0))", "(func (param i32) (result i32) local.get 0)")]
    [DataRow("(@\"a name\" x) (@a.b-c!#) (func (i32.const (@a) 1) drop)", "(func i32.const 1 drop)")]
    [DataRow("(func) (@custom.x \"c\" \"d\")", "(func)")]
    [DataRow("(func (@custom \"inside a field\" \"x\"))", "(func)")]
    public void Layout_comments_and_annotations_mean_nothing(string text, string plain) => AssertSame(text, plain);

    [TestMethod]
    [DataRow("(type $t (func (param $x i32) (param i64 f32) (result) (result i32)))", "(type (func (param i32 i64 f32) (result i32)))")]
    [DataRow("(func (param i32) (param) (param i64) (result i32 i64) unreachable)", "(func (param i32 i64) (result i32) (result i64) unreachable)")]
    [DataRow("(func (type 0) nop) (type (func (param i32)))", "(type (func (param i32))) (func (param i32) nop)")]
    [DataRow("(type $t (func (param i32))) (func (type $t) (param $x i32) local.get $x drop)", "(type (func (param i32))) (func (type 0) local.get 0 drop)")]
    [DataRow("(func (param i32))", "(type (func (param i32))) (func (type 0))")]
    [DataRow("(func (local i32 i32) (local $x i64) (local) (local i32) local.get $x drop)", "(func (local i32) (local i32) (local i64) (local i32) local.get 2 drop)")]
    [DataRow("(func $f (export \"a\") (export \"b\") nop)", "(func nop) (export \"a\" (func 0)) (export \"b\" (func 0))")]
    [DataRow("(func $f (import \"m\" \"n\") (param i32))", "(import \"m\" \"n\" (func (param i32)))")]
    [DataRow("(func (export \"e\") (import \"m\" \"n\"))", "(import \"m\" \"n\" (func)) (export \"e\" (func 0))")]
    [DataRow("(table (export \"t\") (import \"m\" \"n\") 1 2 funcref)", "(import \"m\" \"n\" (table 1 2 funcref)) (export \"t\" (table 0))")]
    [DataRow("(memory $x (import \"m\" \"n\") 1 2 shared)", "(import \"m\" \"n\" (memory 1 2 shared))")]
    [DataRow("(global $g (import \"m\" \"n\") (mut i64))", "(import \"m\" \"n\" (global (mut i64)))")]
    [DataRow("(import \"m\" \"n\" (func $f (type $t))) (type $t (func))", "(type (func)) (import \"m\" \"n\" (func))")]
    [DataRow("(export \"e\" (func $f)) (func $f)", "(func) (export \"e\" (func 0))")]
    [DataRow("(start $f) (func $f)", "(func) (start 0)")]
    [DataRow("(func call $g) (func $g)", "(func call 1) (func)")]
    [DataRow("(func $\"a b\" call $\"a b\")", "(func call 0)")]
    [DataRow("(func $a call $\"a\") (func $\"\\62\" call $b)", "(func call 0) (func call 1)")]
    [DataRow("(func $\"\\u{e9}\u00e9\" call $\"\u00e9\\c3\\a9\")", "(func call 0)")]
    [DataRow("(func $!#$%&'*+-./:<=>?@\\^_`|~ call $!#$%&'*+-./:<=>?@\\^_`|~)", "(func call 0)")]
    public void Types_imports_and_exports_have_short_forms(string text, string plain) => AssertSame(text, plain);

    [TestMethod]
    [DataRow("(table funcref (elem $f 0)) (func $f)", "(table 2 2 funcref) (elem (table 0) (offset i32.const 0) func 0 0) (func)")]
    [DataRow("(table $t i64 externref (elem (ref.null extern)))", "(table i64 1 1 externref) (elem (table 0) (offset i64.const 0) externref (item ref.null extern))")]
    [DataRow("(table (ref null func) (elem (item ref.func 0) (ref.null func))) (func)", "(table 2 2 funcref) (elem (table 0) (i32.const 0) funcref (ref.func 0) (item (ref.null func))) (func)")]
    [DataRow("(table funcref (elem))", "(table 0 0 funcref) (elem (i32.const 0) func)")]
    [DataRow("(table 1 2 funcref (ref.null func))", "(table 1 2 funcref ref.null func)")]
    [DataRow("(table i32 1 funcref)", "(table 1 funcref)")]
    [DataRow("(memory (data \"a\" \"bc\"))", "(memory 1 1) (data (i32.const 0) \"abc\")")]
    [DataRow("(memory i64 (data))", "(memory i64 0 0) (data (i64.const 0))")]
    [DataRow("(memory $m (export \"m\") (pagesize 1) (data \"abc\"))", "(memory 3 3 (pagesize 0x1)) (export \"m\" (memory 0)) (data (i32.const 0) \"abc\")")]
    [DataRow("(memory 1 (pagesize 0x1_0000))", "(memory 1 (pagesize 65536))")]
    [DataRow("(memory i32 1 2 shared)", "(memory 1 2 shared)")]
    [DataRow("(memory i64 0 0x1_0000_0000_0000)", "(memory i64 0 281474976710656)")]
    [DataRow("(table 1 funcref) (func) (elem (i32.const 0) 0)", "(table 1 funcref) (func) (elem (table 0) (offset (i32.const 0)) func 0)")]
    [DataRow("(table 1 funcref) (func) (elem 0 (i32.const 0) func 0)", "(table 1 funcref) (func) (elem (table 0) (offset i32.const 0) func 0)")]
    [DataRow("(func $f) (elem $e func $f)", "(func) (elem func 0)")]
    [DataRow("(func) (elem declare funcref (item ref.func 0))", "(func) (elem declare (ref null func) (ref.func 0))")]
    [DataRow("(memory $m 1) (data $m (i32.const 0) \"x\")", "(memory 1) (data (memory 0) (offset (i32.const 0)) \"x\")")]
    [DataRow("(memory 1) (memory $m 1) (data (memory $m) (offset i32.const 1 i32.const 2 i32.add) \"x\")", "(memory 1) (memory 1) (data 1 (i32.add (i32.const 1) (i32.const 2)) \"x\")")]
    [DataRow("(data $d)", "(data \"\")")]
    [DataRow("(global $g (mut i32) (i32.const 1))", "(global (mut i32) i32.const 1)")]
    [DataRow("(global i32 (i32.add (global.get $b) (i32.const 1))) (global $b i32 (i32.const 0))", "(global i32 global.get 1 i32.const 1 i32.add) (global i32 i32.const 0)")]
    public void Tables_memories_globals_and_segments_have_short_forms(string text, string plain) => AssertSame(text, plain);

    [TestMethod]
    [DataRow("(i32.add (i32.const 1) (i32.const 2)) drop", "i32.const 1 i32.const 2 i32.add drop")]
    [DataRow("i32.const 1 (i32.add (i32.const 2)) drop", "i32.const 1 i32.const 2 i32.add drop")]
    [DataRow("(drop (i32.add (nop) (i32.const 1) (i32.const 2)))", "nop i32.const 1 i32.const 2 i32.add drop")]
    [DataRow("(block $l (result i32) (br $l (i32.const 1))) drop", "block (result i32) i32.const 1 br 0 end drop")]
    [DataRow("(block)(loop)", "block end loop end")]
    [DataRow("(block nop nop)", "block nop nop end")]
    [DataRow("(if (i32.const 1) (then nop) (else drop))", "i32.const 1 if nop else drop end")]
    [DataRow("(if (i32.const 1) (then) (else))", "i32.const 1 if else end")]
    [DataRow("(if (i32.const 1) (then))", "i32.const 1 if end")]
    [DataRow("i32.const 1 (if (then nop))", "i32.const 1 if nop end")]
    [DataRow("(if $l (result i32) (nop) (i32.const 1) (then (br $l (i32.const 2))) (else (i32.const 3))) drop", "nop i32.const 1 if (result i32) i32.const 2 br 0 else i32.const 3 end drop")]
    [DataRow("(block $l (if $l (br $l) (then (br $l))))", "block br 0 if br 0 end end")]
    [DataRow("block $l loop $l br $l end $l end $l", "block loop br 0 end end")]
    [DataRow("i32.const 1 if $l else $l end $l", "i32.const 1 if else end")]
    [DataRow("(block (param) (result))", "block end")]
    [DataRow("(block (result i32 i64) unreachable) drop drop", "block (result i32) (result i64) unreachable end drop drop")]
    [DataRow("(br_table 0 0 (i32.const 1))", "i32.const 1 br_table 0 0")]
    [DataRow("(select (i32.const 1) (i32.const 2) (i32.const 3)) drop", "i32.const 1 i32.const 2 i32.const 3 select drop")]
    [DataRow("i32.const 1 i32.const 2 i32.const 3 select (result i32) drop", "(select (result) (result i32) (i32.const 1) (i32.const 2) (i32.const 3)) drop")]
    [DataRow("(local.set 0x0 (local.get 0_0))", "local.get 0 local.set 0")]
    [DataRow("(call_indirect (i32.const 0))", "i32.const 0 call_indirect $t (param) (result)")]
    [DataRow("(table.set (i32.const 0) (ref.null func))", "i32.const 0 ref.null func table.set $t")]
    [DataRow("i32.const 0 table.get drop table.size drop", "i32.const 0 table.get 0 drop table.size $t drop")]
    [DataRow("i32.const 0 i32.const 0 i32.const 0 table.init $e", "i32.const 0 i32.const 0 i32.const 0 table.init $t $e")]
    [DataRow("i32.const 0 i32.const 0 i32.const 0 table.copy", "i32.const 0 i32.const 0 i32.const 0 table.copy 0 $t")]
    [DataRow("(i32.load (i32.const 0)) drop", "i32.const 0 i32.load 0 offset=0 align=4 drop")]
    [DataRow("(i64.load8_u align=1 (i32.const 0)) drop", "i32.const 0 i64.load8_u drop")]
    [DataRow("(i32.load $n offset=0x10 (i32.const 0)) drop", "i32.const 0 i32.load 1 offset=16 drop")]
    [DataRow("(v128.load64_zero offset=1_0 align=0x8 (i32.const 0)) drop", "i32.const 0 v128.load64_zero offset=10 drop")]
    [DataRow("memory.size drop (memory.grow (i32.const 1)) drop", "memory.size 0 drop i32.const 1 memory.grow $m drop")]
    [DataRow("(memory.copy (i32.const 0) (i32.const 0) (i32.const 0))", "i32.const 0 i32.const 0 i32.const 0 memory.copy 0 $m")]
    [DataRow("(memory.fill $n (i32.const 0) (i32.const 0) (i32.const 0))", "i32.const 0 i32.const 0 i32.const 0 memory.fill 1")]
    [DataRow("(memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))", "i32.const 0 i32.const 0 i32.const 0 memory.init 0 0")]
    [DataRow("(memory.init $n $d (i32.const 0) (i32.const 0) (i32.const 0))", "i32.const 0 i32.const 0 i32.const 0 memory.init 1 0")]
    [DataRow("(i32.atomic.rmw.add $n (i32.const 0) (i32.const 0)) drop", "i32.const 0 i32.const 0 i32.atomic.rmw.add 1 offset=0 align=4 drop")]
    [DataRow("ref.null extern drop", "(drop (ref.null extern))")]
    public void Instructions_are_flat_or_folded_and_leave_out_what_is_usual(string text, string plain)
    {
        const string Around = "(memory $m 1) (memory $n 1) (table $t 1 funcref) (elem $e func) (data $d \"\") (func (local i32) ";
        AssertSame(Around + text + ")", Around + plain + ")");
    }

    [TestMethod]
    [DataRow("i32.const -0", "i32.const 0")]
    [DataRow("i32.const +0x7fff_ffff", "i32.const 2147483647")]
    [DataRow("i32.const 0xFFFFffff", "i32.const -1")]
    [DataRow("i32.const 4_294_967_295", "i32.const -1")]
    [DataRow("i64.const 0x8000_0000_0000_0000", "i64.const -9223372036854775808")]
    [DataRow("i64.const 000000000000000000000000000000001", "i64.const 1")]
    [DataRow("f32.const 1", "f32.const 1.0")]
    [DataRow("f32.const 1.", "f32.const 1.0e0")]
    [DataRow("f32.const 1_0.0_1e1_0", "f32.const 10.01E+10")]
    [DataRow("f32.const 0x1.8p1", "f32.const 3")]
    [DataRow("f32.const 0xA_B.Cp-1_0", "f32.const 0.167724609375")]
    [DataRow("f32.const 0x1", "f32.const 1e0")]
    [DataRow("f32.const +inf", "f32.const inf")]
    [DataRow("f32.const nan", "f32.const nan:0x400000")]
    [DataRow("f32.const -nan:0x7f_ffff", "f32.const -nan:0x7FFFFF")]
    [DataRow("f64.const nan", "f64.const nan:0x8000000000000")]
    [DataRow("f64.const 0x1p-1075", "f64.const 0")]
    [DataRow("f64.const 0x1.00000000000001p0", "f64.const 0x1.0000000000000p0")]
    [DataRow("f64.const 0x0.0000000000001p-1022", "f64.const 5e-324")]
    [DataRow("f64.const 179769313486231570000000000000000000000e270", "f64.const 0x1.fffffffffffffp1023")]
    [DataRow("f64.const 0e99999999999", "f64.const 0")]
    [DataRow("f64.const 0x0p99999999999999999999", "f64.const 0")]
    [DataRow("v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 255", "v128.const i32x4 0x03020100 0x07060504 0x0b0a0908 0xff0e0d0c")]
    [DataRow("v128.const i16x8 -1 0 0 0 0 0 0 0x8000", "v128.const i64x2 0xffff -0x8000_0000_0000_0000")]
    [DataRow("v128.const f32x4 1 nan:0x1 -inf 0x1p-149", "v128.const i32x4 0x3f800000 0x7f800001 0xff800000 1")]
    [DataRow("v128.const f64x2 -0 nan", "v128.const i64x2 0x8000000000000000 0x7ff8000000000000")]
    public void A_number_may_be_written_in_many_ways(string text, string plain) => AssertSame($"(func {text} drop)", $"(func {plain} drop)");

    [TestMethod]
    [DataRow("\\t\\n\\r\\\"\\'\\\\", "\\09\\0a\\0d\\22\\27\\5c")]
    [DataRow("\\u{0}\\u{7f}\\u{80}\\u{7ff}\\u{800}\\u{ffff}\\u{10000}\\u{10ffff}", "\\00\\7f\\c2\\80\\df\\bf\\e0\\a0\\80\\ef\\bf\\bf\\f0\\90\\80\\80\\f4\\8f\\bf\\bf")]
    [DataRow("\\u{0_0_e9}\\u{E9}\\E9\\e9", "\\c3\\a9\\c3\\a9\\e9\\e9")]
    [DataRow("\u00e9\ud835\udcb3 ~'", "\\c3\\a9\\f0\\9d\\92\\b3\\20\\7e\\27")]
    [DataRow("(;;) ;; (@a", "\\28\\3b\\3b\\29\\20\\3b\\3b\\20\\28\\40\\61")]
    [DataRow("\\80\\ff\\00", "\\80\" \"\\ff\" \"\" \"\\00")]
    public void A_string_may_be_written_in_many_ways(string text, string plain) => AssertSame($"(data \"{text}\")", $"(data \"{plain}\")");

    [TestMethod]
    [DataRow("(func) (@custom \"c\" \"\\01\" \"\\02\")", SectionId.Data)]
    [DataRow("(module (@custom \"c\" \"\\01\\02\"))", SectionId.Data)]
    [DataRow("(@custom \"c\" (after last) \"\\01\\02\")", SectionId.Data)]
    [DataRow("(@custom \"c\" (before first) \"\\01\\02\")", 0)]
    [DataRow("(@custom \"c\" (after first) \"\\01\\02\") (func)", 0)]
    [DataRow("(@custom \"c\" (after func) \"\\01\\02\")", SectionId.Function)]
    [DataRow("(@custom \"c\" (before func) \"\\01\\02\")", SectionId.Import)]
    [DataRow("(module (func) (@custom \"c\" (before code) \"\\01\\02\") (func))", SectionId.DataCount)]
    public void A_custom_section_stands_where_its_annotation_says(string text, int after)
    {
        var section = WatParser.Parse(text, "test.wat").CustomSections.Single();
        Assert.AreEqual(("c", after), (section.Name, section.After));
        CollectionAssert.AreEqual(new byte[] { 1, 2 }, section.Bytes.ToArray());
    }

    [TestMethod]
    public void A_data_count_section_is_there_when_code_or_an_annotation_asks_for_it()
    {
        Assert.IsFalse(WatParser.Parse("(data \"\")", "test.wat").HasDataCount);
        Assert.IsTrue(WatParser.Parse("(data \"\") (@datacount)", "test.wat").HasDataCount);
        Assert.IsTrue(WatParser.Parse("(data \"\") (func data.drop 0)", "test.wat").HasDataCount);
    }

    [TestMethod]
    public void A_name_section_in_bytes_takes_the_place_of_identifiers()
    {
        var module = WatParser.Parse("(func $f) (@custom \"name\" \"\\01\\04\\01\\00\\01g\")", "test.wat");
        Assert.AreEqual("g", NameSection.Read(module).FunctionNames[0]);
        Assert.AreEqual("f", NameSection.Read(WatParser.Parse("(func $f) (@custom \"name\" (after code))", "test.wat")).FunctionNames[0]);
    }

    private static void AssertSame(string text, string plain)
    {
        var (one, other) = (Nameless(text), Nameless(plain));
        Assert.AreEqual(Convert.ToHexString(other), Convert.ToHexString(one));
    }

    private static byte[] Nameless(string text)
    {
        var module = WatParser.Parse(text, "test.wat");
        module.CustomSections.RemoveAll(section => section.Name == NameSection.SectionName);
        return ModuleWriter.Write(module);
    }
}
