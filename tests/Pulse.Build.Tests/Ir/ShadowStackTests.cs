using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Tests.Ir;

/// <summary>The depth of the stack in linear memory, from how functions move its pointer.</summary>
[TestClass]
public sealed class ShadowStackTests
{
    private const string Module = """
        (import "pulse:hal/cpu" "nop" (func $nop)) (type $t (func))
        (memory 1) (global $sp (mut i32) (i32.const 1024)) (table 4 funcref) (elem (i32.const 0) $leaf $two)
        (func $leaf (i32.store (i32.sub (global.get $sp) (i32.const 96)) (i32.const 1)))
        (func $one (local i32)
          (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (call $leaf) (global.set $sp (i32.add (local.get 0) (i32.const 16))))
        (func $two (local i32)
          (global.set $sp (local.tee 0 (i32.add (i32.const -32) (global.get $sp))))
          (if (i32.load (local.get 0)) (then (call $one)) (else (call $nop)))
          (global.set $sp (i32.add (local.get 0) (i32.const 32))))
        """;

    [TestMethod]
    [DataRow("(call $nop)", 0L)]
    [DataRow("(call $leaf)", 96L)]
    [DataRow("(call $one) (call $two) (call $leaf)", 144L)]
    [DataRow("(return_call $two)", 144L)]
    [DataRow("(call_indirect (type $t) (i32.const 1))", 144L)]
    public void Frames_and_red_zones_of_the_deepest_calls_add_up(string body, long depth) => Assert.AreEqual(depth, Depth(body));

    [TestMethod]
    public void Frames_that_were_inlined_add_up_where_they_nest() => Assert.AreEqual(24L + 32 + 96, Depth("""
        (local i32 i32)
        (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 24))))
        (global.set $sp (local.tee 1 (i32.sub (global.get $sp) (i32.const 32)))) (call $leaf) (global.set $sp (i32.add (local.get 1) (i32.const 32)))
        (global.set $sp (local.tee 1 (i32.sub (local.get 0) (i32.const 16)))) (call $leaf) (global.set $sp (i32.add (local.get 1) (i32.const 16)))
        (global.set $sp (i32.add (local.get 0) (i32.const 24)))
        """));

    [TestMethod]
    public void A_red_zone_below_a_frame_counts_where_a_leaf_was_inlined() => Assert.AreEqual(24L + 96, Depth("""
        (local i32) (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 24))))
        (i32.store (i32.sub (global.get $sp) (i32.const 96)) (i32.const 1)) (global.set $sp (i32.add (local.get 0) (i32.const 24)))
        """));

    [TestMethod]
    public void A_loop_that_keeps_the_pointer_where_it_was_is_bounded() => Assert.AreEqual(8L + 96, Depth("""
        (local i32)
        (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 8))))
        (loop (call $leaf) (global.set $sp (local.get 0)) (br_if 0 (i32.load (i32.const 0))))
        (global.set $sp (i32.add (local.get 0) (i32.const 8)))
        """));

    [TestMethod]
    public void Recursion_is_bounded_only_while_it_takes_no_stack()
    {
        Assert.AreEqual(0L, Depth("(if (i32.load (i32.const 0)) (then (call $run)))"));
        Assert.IsNull(Depth("(call $leaf) (if (i32.load (i32.const 0)) (then (call $run)))"));
        Assert.IsNull(Depth("""
            (local i32) (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 16)))) (if (i32.load (i32.const 0)) (then (call $run))) (global.set $sp (i32.add (local.get 0) (i32.const 16)))
            """));
    }

    [TestMethod]
    public void A_frame_of_computed_size_has_no_bound() => Assert.IsNull(Depth("""
        (local i32) (local.set 0 (global.get $sp)) (global.set $sp (i32.sub (local.get 0) (i32.load (i32.const 0)))) (call $leaf) (global.set $sp (local.get 0))
        """));

    [TestMethod]
    public void A_call_from_places_of_different_depth_has_no_bound() => Assert.IsNull(Depth("""
        (local i32) (local.set 0 (global.get $sp))
        (if (i32.load (i32.const 0)) (then (global.set $sp (i32.sub (local.get 0) (i32.const 16)))) (else (global.set $sp (i32.sub (local.get 0) (i32.const 32)))))
        (call $leaf) (global.set $sp (local.get 0))
        """));

    [TestMethod]
    public void A_loop_that_lowers_the_pointer_each_time_has_no_bound() => Assert.IsNull(Depth("""
        (local i32) (local.set 0 (global.get $sp))
        (loop (global.set $sp (i32.sub (global.get $sp) (i32.const 16))) (br_if 0 (i32.load (i32.const 0))))
        (global.set $sp (local.get 0))
        """));

    [TestMethod]
    public void Where_a_function_leaves_the_pointer_elsewhere_nothing_has_a_bound() =>
        Assert.IsNull(Depth("(call $one)", """(func (export "restore") (param i32) (global.set $sp (local.get 0)))"""));

    private static long? Depth(string body, string more = "")
    {
        var program = ProgramReader.Read(WatParser.Parse($"(module {Module} (func $run (export \"run\") {body}) {more})", "test.wat"));
        var run = new FuncIndex(program.Module.Exports.Single(export => export.Name == "run").Index);
        return new ShadowStack(program, new CallGraph(program), 0).Of(run);
    }
}
