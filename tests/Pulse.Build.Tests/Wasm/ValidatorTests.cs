using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Tests.Wasm;

[TestClass]
public sealed class ValidatorTests
{
    [TestMethod]
    [DataRow("(func (result i32) unreachable)")]
    [DataRow("(func (result i32) unreachable i32.add)")]
    [DataRow("(func (result i64) unreachable select)")]
    [DataRow("(func (param i32) local.get 0 (block (param i32) (result i32) i32.eqz) drop)")]
    [DataRow("(func (result i32) (block (param) (result i32 i64) (i32.const 1) (i64.const 2)) drop)")]
    [DataRow("(func (param i32) (local.get 0) (if (param) (then)))")]
    [DataRow("(func (param i32) (result i32) (local.get 0) (local.get 0) (if (param i32) (result i32) (then)))")]
    [DataRow("(func (loop $l (param) (br $l)))")]
    [DataRow("(func (result i32) (block $a (result i32) (block $b (result i32) (br_table $a $b (i32.const 1) (i32.const 0)))))")]
    [DataRow("(func (block $a (block $b (result i32) unreachable (br_table $a $a (i32.const 0))) drop))")]
    [DataRow("(func $f) (table 1 funcref) (elem declare func $f) (func (drop (ref.func $f)))")]
    [DataRow("(func $f (export \"f\")) (func (drop (ref.func $f)))")]
    [DataRow("(global $g (import \"m\" \"g\") i32) (global i32 (i32.add (global.get $g) (i32.const 1))) (global i32 (global.get 1))")]
    [DataRow("(memory 1) (memory 1) (func (memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0)))")]
    [DataRow("(memory 1) (data $d \"x\") (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop $d))")]
    [DataRow("(func (result externref) (select (result externref) (ref.null extern) (ref.null extern) (i32.const 0)))")]
    [DataRow("(func $f (result i32) (return_call $f))")]
    [DataRow("(table 1 externref) (func (table.set (i32.const 0) (ref.null extern)) (drop (table.grow (ref.null extern) (i32.const 1))))")]
    [DataRow("(memory 65536 65536)")]
    public void Valid(string text) => Validator.Validate(WatParser.Parse(text, "test.wat"), "test.wat");

    [TestMethod]
    [DataRow("(func (result i32) i64.const 0)", "type mismatch: expected i32, found i64")]
    [DataRow("(func (result i32))", "type mismatch: expected i32, found nothing")]
    [DataRow("(func i32.const 0)", "1 values remain on the stack")]
    [DataRow("(func (i32.add (i32.const 0) (f32.const 0)) drop)", "type mismatch: expected i32, found f32")]
    [DataRow("(func drop)", "an operand expected")]
    [DataRow("(func unreachable i64.const 0 i32.eqz drop)", "type mismatch: expected i32, found i64")]
    [DataRow("(func (i32.const 0) (block i32.eqz drop) drop)", "type mismatch")]
    [DataRow("(func (result i32) (if (result i32) (i32.const 0) (then (i32.const 0))))", "an if without else")]
    [DataRow("(func br 1)", "unknown label 1")]
    [DataRow("(func (block $a (block $b (result i32) (br_table $a $b (i32.const 1) (i32.const 0))) drop))", "takes 0 values, the default 1")]
    [DataRow("(func local.get 0 drop)", "unknown local 0")]
    [DataRow("(func global.get 0 drop)", "unknown global 0")]
    [DataRow("(func call 7)", "unknown function 7")]
    [DataRow("(func (type 3))", "unknown type 3", DiagnosticId.PULSE1004)]
    [DataRow("(global $g i32 (i32.const 0)) (func (global.set $g (i32.const 1)))", "global is immutable")]
    [DataRow("(global $g (mut i32) (i32.const 0)) (global i32 (global.get $g))", "constant expression required")]
    [DataRow("(global i32 (global.get 0))", "unknown global 0")]
    [DataRow("(global i32 (i32.clz (i32.const 0)))", "constant expression required")]
    [DataRow("(global i32 (i64.const 0))", "type mismatch: expected i32, found i64")]
    [DataRow("(func i32.const 0 i32.load drop)", "unknown memory 0")]
    [DataRow("(memory 1) (func i32.const 0 i32.load align=8 drop)", "alignment must not be larger than natural")]
    [DataRow("(memory 1) (func i32.const 0 i32.load offset=0x1_0000_0000 drop)", "offset out of range")]
    [DataRow("(memory 65537)", "memory size must be at most 65536 pages")]
    [DataRow("(memory 2 1)", "size minimum must not be greater than maximum")]
    [DataRow("(table 2 1 funcref)", "size minimum must not be greater than maximum")]
    [DataRow("(func $f) (func (drop (ref.func $f)))", "undeclared function reference")]
    [DataRow("(func (export \"a\")) (func (export \"a\"))", "duplicate export name")]
    [DataRow("(export \"a\" (memory 0))", "unknown memory 0")]
    [DataRow("(func $f (param i32)) (start $f)", "start function")]
    [DataRow("(start 4)", "unknown function 4")]
    [DataRow("(table 1 externref) (func $f) (elem (i32.const 0) $f)", "cannot hold funcref")]
    [DataRow("(elem (i32.const 0) func)", "unknown table 0")]
    [DataRow("(data (i32.const 0) \"x\")", "unknown memory 0")]
    [DataRow("(memory 1) (data (i64.const 0) \"x\")", "type mismatch: expected i32, found i64")]
    [DataRow("(func (ref.null extern) (ref.null extern) (i32.const 0) select drop)", "a select of references needs its type")]
    [DataRow("(func (i32.const 0) (f32.const 0) (i32.const 0) select drop)", "type mismatch")]
    [DataRow("(func (ref.is_null (i32.const 0)) drop)", "expected a reference, found i32")]
    [DataRow("(table 1 externref) (func (call_indirect (i32.const 0)))", "expected a table of funcref")]
    [DataRow("(func $f (result i32) i32.const 0) (func (return_call $f))", "a tail call must have the results of its function")]
    [DataRow("(table 1 funcref) (table 1 externref) (func (table.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0)))", "expected entries of funcref, found externref")]
    [DataRow("(func (local i32 i64) local.get 1 local.set 0)", "type mismatch: expected i32, found i64")]
    [DataRow("(func (drop (i8x16.extract_lane_u 16 (v128.const i64x2 0 0))))", "invalid lane index")]
    [DataRow("(memory 1) (func (drop (v128.load32_lane 4 (i32.const 0) (v128.const i64x2 0 0))))", "invalid lane index")]
    [DataRow("(func (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 32 (v128.const i64x2 0 0) (v128.const i64x2 0 0))))", "invalid lane index")]
    [DataRow("(memory 1 1 shared) (func (drop (i32.atomic.load align=2 (i32.const 0))))", "atomic alignment must be natural")]
    [DataRow("(table i64 1 funcref) (func (drop (i32.eqz (table.size))))", "type mismatch: expected i32, found i64")]
    [DataRow("(table i64 1 funcref) (table 1 funcref) (func (table.copy 0 1 (i64.const 0) (i32.const 0) (i64.const 0)))", "expected i32, found i64")]
    [DataRow("(memory 1 1 shared) (memory i64 1) (func (memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0)))", "expected i64, found i32")]
    [DataRow("(memory 1 shared)", "shared memory must have maximum")]
    [DataRow("(memory 1 (pagesize 2))", "invalid custom page size")]
    public void Invalid(string text, string message, DiagnosticId id = DiagnosticId.PULSE1002)
    {
        var error = Assert.ThrowsExactly<DiagnosticException>(() => Valid(text)).Diagnostic;
        Assert.AreEqual(id, error.Id, error.ToString());
        StringAssert.Contains(error.Message, message);
    }

    [TestMethod]
    [DataRow("(import \"m\" \"g\" (global (mut i32)))", "mutable-globals")]
    [DataRow("(global (export \"g\") (mut i32) (i32.const 0))", "mutable-globals")]
    [DataRow("(func (drop (i32.extend8_s (i32.const 1))))", "sign-ext")]
    [DataRow("(func (drop (i32.trunc_sat_f32_s (f32.const 1))))", "nontrapping-fptoint")]
    [DataRow("(func (result i32 i32) unreachable)", "multi-value")]
    [DataRow("(func (i32.const 1) (block (param i32) drop))", "multi-value")]
    [DataRow("(memory 1) (func (memory.fill (i32.const 1) (i32.const 1) (i32.const 1)))", "bulk-memory")]
    [DataRow("(memory 1) (data \"passive\")", "bulk-memory")]
    [DataRow("(func $f) (elem func $f)", "bulk-memory")]
    [DataRow("(table 1 funcref) (table 1 funcref)", "reference-types")]
    [DataRow("(table 1 externref)", "reference-types")]
    [DataRow("(func (param externref))", "reference-types")]
    [DataRow("(func (local funcref))", "reference-types")]
    [DataRow("(func (unreachable) (block (result funcref) (unreachable)) drop)", "reference-types")]
    [DataRow("(table 1 funcref) (func (drop (table.size)))", "reference-types")]
    [DataRow("(func (drop (select (result i32) (i32.const 1) (i32.const 1) (i32.const 1))))", "reference-types")]
    [DataRow("(func $f) (elem declare func $f)", "reference-types")]
    [DataRow("(memory 1) (memory 1)", "multi-memory")]
    [DataRow("(func $f (return_call $f))", "tail-call")]
    [DataRow("(global i32 (i32.add (i32.const 1) (i32.const 2)))", "extended-const")]
    [DataRow("(memory i64 1)", "memory64")]
    [DataRow("(table i64 1 funcref)", "memory64")]
    [DataRow("(memory 1 1 shared)", "threads")]
    [DataRow("(func atomic.fence)", "threads")]
    [DataRow("(memory 1 (pagesize 1))", "custom-page-sizes")]
    [DataRow("(func (param v128))", "simd")]
    [DataRow("(func (local v128))", "simd")]
    [DataRow("(func (block (result v128) (unreachable)) drop)", "simd")]
    [DataRow("(global v128 (v128.const i64x2 0 0))", "simd")]
    [DataRow("(func (unreachable) v128.not drop)", "simd")]
    [DataRow("(func (unreachable) i8x16.relaxed_swizzle drop)", "relaxed-simd")]
    public void A_feature_that_is_on_can_be_switched_off_and_is_refused_by_name(string text, string name)
    {
        Valid(text);
        var module = WatParser.Parse(text, "test.wat");
        var error = Assert.ThrowsExactly<DiagnosticException>(() => Validator.Validate(module, "test.wat", WasmFeatureSet.Parse(["-" + name], out _))).Diagnostic;
        Assert.AreEqual(DiagnosticId.PULSE1006, error.Id, error.ToString());
        StringAssert.Contains(error.Message, $"'{name}'");
    }

    [TestMethod]
    [DataRow("", "all")]
    [DataRow("all", "all")]
    [DataRow("mvp", "")]
    [DataRow("mvp simd tail-call", "simd tail-call")]
    [DataRow("simd mvp", "")]
    [DataRow("simd", "simd")]
    [DataRow("mvp simd tail-call -simd", "tail-call")]
    [DataRow("all -simd mvp threads", "threads")]
    public void A_set_of_features_is_read_from_left_to_right(string text, string expected)
    {
        var set = WasmFeatureSet.Parse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), out var unknown);
        Assert.IsNull(unknown);
        var names = WasmFeatureSet.Names.Where(row => (set & row.Feature) != 0).Select(row => row.Name).ToArray();
        Assert.AreEqual(expected, names.Length == WasmFeatureSet.Names.Length ? "all" : string.Join(' ', names));
    }

    [TestMethod]
    [DataRow("all sim")]
    [DataRow("all -all")]
    [DataRow("-mvp")]
    [DataRow("SIMD")]
    public void A_word_that_is_no_feature_is_named(string text)
    {
        WasmFeatureSet.Parse(text.Split(' '), out var unknown);
        Assert.AreEqual(text.Split(' ')[^1], unknown);
    }

    [TestMethod]
    public void A_local_behind_many_others_has_the_type_of_its_group()
    {
        var i32 = string.Concat(Enumerable.Repeat(" i32", 300));
        var i64 = string.Concat(Enumerable.Repeat(" i64", 300));
        var declared = $"(func (param f32) (local{i32}) (local{i64}) (local f64)";
        Valid($"{declared} (local.set 0 (f32.const 0)) (local.set 300 (i32.const 0)) (local.set 301 (i64.const 0)) (local.set 600 (i64.const 0)) (local.set 601 (f64.const 0)))");
        foreach (var local in new[] { 299, 300, 302, 600, 601 })
        {
            Assert.ThrowsExactly<DiagnosticException>(() => Valid($"{declared} (local.set {local} (f32.const 0)))"));
        }

        Assert.ThrowsExactly<DiagnosticException>(() => Valid($"{declared} (local.set 602 (f64.const 0)))"));
    }

    [TestMethod]
    public void A_memory_of_64_bits_has_addresses_of_64_bits()
    {
        var module = WatParser.Parse("(memory i64 1) (func (result i32) (i32.load offset=0x1_0000_0000 (i64.const 0)))", "test.wat");
        Validator.Validate(module, "test.wat", WasmFeatures.Default | WasmFeatures.Memory64);
    }

    [TestMethod]
    public void An_error_names_function_instruction_and_byte()
    {
        var bytes = ModuleWriter.Write(WatParser.Parse("(func $first) (func $second (i64.const 1) i32.eqz drop)", "test.wat"));
        var module = ModuleReader.Read(bytes, "m.wasm");
        var error = Assert.ThrowsExactly<DiagnosticException>(() => Validator.Validate(module, "m.wasm")).Diagnostic;
        var offset = module.Functions[1].Body!.Offset + 2;
        Assert.AreEqual((byte)Opcode.I32Eqz, bytes[offset]);
        Assert.AreEqual(offset, error.Location.Offset);
        StringAssert.Contains(error.Message, "(function 1 'second', i32.eqz)");
    }

    [TestMethod]
    public void Locals_beyond_the_limit_are_refused_before_anything_is_allocated_for_them()
    {
        var body = new FunctionBody([new LocalGroup(uint.MaxValue, ValType.I64)], new byte[] { 0x0B });
        var module = new Module();
        module.Types.Add(new FuncType([], []));
        module.Functions.Add(new ModuleFunction(new TypeIndex(0), null, body));
        var error = Assert.ThrowsExactly<DiagnosticException>(() => Validator.Validate(module, "m.wasm")).Diagnostic;
        StringAssert.Contains(error.Message, "implementation limit");
    }
}
