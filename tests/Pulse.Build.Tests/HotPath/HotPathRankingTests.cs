namespace Pulse.Build.Tests.HotPath;

[TestClass]
public sealed class HotPathRankingTests
{
    [TestMethod]
    public void Calls_in_loops_come_first_and_a_path_through_a_loop_counts()
    {
        var audit = Audit.OfText("""
            (module
              (func $once (param i32) (result i32) (local.get 0))
              (func $inner (param i32) (result i32) (local.get 0))
              (func $deep (param i32) (result i32) (local.get 0))
              (func $step (param i32) (result i32) (call $inner (local.get 0)))
              (func $poll (export "poll") (param i32) (result i32)
                (local.set 0 (call $once (local.get 0)))
                (loop $outer
                  (local.set 0 (call $step (local.get 0)))
                  (loop $again
                    (local.set 0 (call $deep (local.get 0)))
                    (br_if $again (i32.and (local.get 0) (i32.const 1))))
                  (br_if $outer (local.get 0)))
                (local.get 0)))
            """, ["poll"]);
        CollectionAssert.AreEqual(
            new[] { "poll->deep 2/2", "step->inner 0/1", "poll->step 1/1", "poll->once 0/0" },
            audit.Result!.Calls.Select(call => $"{call.Caller}->{call.Callee} {call.LoopDepth}/{call.PathLoopDepth}").ToArray());
        CollectionAssert.AreEqual(new[] { "poll", "step" }, audit.Result.Calls[1].Path.ToArray());
    }

    [TestMethod]
    public void Code_that_leaves_the_loop_for_good_is_not_in_it()
    {
        var audit = Audit.OfText("""
            (module
              (func $panic (param i32))
              (func $poll (export "poll") (param i32)
                (loop $again
                  (if (i32.gt_u (local.get 0) (i32.const 99)) (then (call $panic (local.get 0)) (return)))
                  (local.set 0 (i32.add (local.get 0) (i32.const 1)))
                  (br $again))))
            """, ["poll"]);
        Assert.AreEqual(0, audit.Result!.Calls.Single().PathLoopDepth);
    }

    [TestMethod]
    public void A_loop_that_nothing_repeats_is_no_loop()
    {
        var audit = Audit.OfText("(module (func $leaf) (func (export \"poll\") (loop (call $leaf))))", ["poll"]);
        Assert.AreEqual(0, audit.Result!.Calls.Single().PathLoopDepth);
    }

    [TestMethod]
    public void Bodies_that_the_optimiser_does_not_model_have_loops_too()
    {
        var audit = Audit.OfText("""
            (module
              (func $leaf)
              (func (export "poll") (param i32)
                (local v128)
                (loop $again (call $leaf) (br_if $again (local.get 0)))
                (loop (call $leaf))))
            """, ["poll"]);
        CollectionAssert.AreEqual(new[] { 1, 0 }, audit.Result!.Calls.Select(call => call.LoopDepth).ToArray());
    }

    [TestMethod]
    public void A_call_that_is_never_reached_is_not_reported() =>
        Assert.AreEqual(0, Audit.OfText("(module (func $leaf) (func (export \"poll\") (return) (call $leaf)))", ["poll"]).Calls.Length);

    [TestMethod]
    public void The_dearer_call_comes_first_at_the_same_depth()
    {
        var audit = Audit.OfText("""
            (module
              (func $cheap)
              (func $dear (param i32 i32 i64))
              (func (export "poll") (call $cheap) (call $dear (i32.const 1) (i32.const 2) (i64.const 3))))
            """, ["poll"]);
        CollectionAssert.AreEqual(new[] { "dear 14", "cheap 10" }, audit.Result!.Calls.Select(call => $"{call.Callee} {call.Cycles}").ToArray());
    }

    [TestMethod]
    public void A_call_on_two_hot_paths_is_reported_for_the_hotter_one()
    {
        var audit = Audit.OfText("""
            (module
              (func $leaf (param i32) (result i32) (local.get 0))
              (func $step (param i32) (result i32) (call $leaf (local.get 0)))
              (func (export "once") (result i32) (call $step (i32.const 1)))
              (func (export "often") (param i32) (loop $again (br_if $again (call $step (local.get 0))))))
            """, ["once", "often"]);
        Assert.AreEqual("often", audit.Result!.Calls.Single(call => call.Callee == "leaf").Entry);
        Assert.AreEqual(3, audit.Result.Calls.Length);
    }

    [TestMethod]
    public void What_no_entry_reaches_is_not_reported() =>
        Assert.AreEqual(0, Audit.OfText("(module (func $leaf) (func (export \"poll\")) (func (export \"cold\") (call $leaf)))", ["poll"]).Calls.Length);
}
