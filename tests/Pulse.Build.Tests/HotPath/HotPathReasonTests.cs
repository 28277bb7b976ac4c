namespace Pulse.Build.Tests.HotPath;

[TestClass]
public sealed class HotPathReasonTests
{
    private const string Pair = """
        (module
          (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func $poll (export "poll") (param i32) (result i32) (call $leaf (local.get 0))))
        """;

    [TestMethod]
    [DataRow("too large: 120 > 50")]
    [DataRow("noinline")]
    [DataRow("not modelled")]
    [DataRow("inlining is switched off")]
    public void The_optimisers_reason_is_repeated(string reason) =>
        CollectionAssert.AreEqual(new[] { $"poll->leaf: {reason}" }, Audit.OfText(Pair, ["poll"], Audit.ReportOf(1, 0, reason)).Calls);

    [TestMethod]
    public void A_call_without_a_decision_stands_in_a_body_that_the_optimiser_does_not_model() =>
        CollectionAssert.AreEqual(new[] { "poll->leaf: not modelled" }, Audit.OfText(Pair, ["poll"]).Calls);

    [TestMethod]
    public void Decisions_are_found_by_the_functions_original_indices()
    {
        const string report = """
            {"origins": [{"after": 0, "before": 7}, {"after": 1, "before": 9}],
             "inlining": [{"caller": 9, "callee": 7, "inlined": false, "reason": "noinline"},
                          {"caller": 1, "callee": 0, "inlined": false, "reason": "too large: 120 > 50"}]}
            """;
        CollectionAssert.AreEqual(new[] { "poll->leaf: noinline" }, Audit.OfText(Pair, ["poll"], report).Calls);
    }

    [TestMethod]
    public void A_call_that_inlining_brought_along_has_the_reason_of_its_callee()
    {
        const string report = """
            {"inlining": [{"caller": 5, "callee": 0, "inlined": false, "reason": "too large: 120 > 50"},
                          {"caller": 1, "callee": 5, "inlined": true, "reason": "small"}]}
            """;
        CollectionAssert.AreEqual(new[] { "poll->leaf: too large: 120 > 50" }, Audit.OfText(Pair, ["poll"], report).Calls);
    }

    [TestMethod]
    public void A_function_that_was_kept_as_it_was_has_calls_that_are_not_proved()
    {
        const string report = """
            {"functions": [{"before": 1, "after": 1, "keptOriginal": true}],
             "inlining": [{"caller": 1, "callee": 0, "inlined": false, "reason": "too large: 120 > 50"}]}
            """;
        CollectionAssert.AreEqual(new[] { "poll->leaf: not proved" }, Audit.OfText(Pair, ["poll"], report).Calls);
    }

    [TestMethod]
    public void A_cycle_of_calls_is_recursive_and_ends_the_walk()
    {
        var audit = Audit.OfText("""
            (module
              (func $even (export "even") (param i32) (result i32)
                (if (result i32) (local.get 0) (then (call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
              (func $odd (param i32) (result i32)
                (if (result i32) (local.get 0) (then (call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0)))))
            """, ["even"]);
        CollectionAssert.AreEqual(new[] { "even->odd: recursive", "odd->even: recursive" }, audit.Calls);
    }

    [TestMethod]
    public void Imports_are_called_but_the_hardware_interface_is_not()
    {
        var audit = Audit.OfText("""
            (module
              (import "pulse:hal/mmio" "load32" (func $load (param i32) (result i32)))
              (import "pulse:board/clock" "now" (func (result i32)))
              (func (export "poll") (result i32) (i32.add (call $load (i32.const 64)) (call 1))))
            """, ["poll"]);
        CollectionAssert.AreEqual(new[] { "poll->pulse:board/clock#now: imported" }, audit.Calls);
    }

    [TestMethod]
    public void Functions_without_names_go_by_export_or_index()
    {
        var audit = Audit.OfText("""
            (module
              (func (export "poll") (call 1))
              (func (call 2))
              (func (export "second")))
            """, ["poll"]);
        CollectionAssert.AreEqual(new[] { "poll->func[1]: not modelled", "func[1]->second: not modelled" }, audit.Calls);
    }
}
