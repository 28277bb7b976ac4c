namespace Pulse.Build.Tests.HotPath;

[TestClass]
public sealed class HotPathIndirectTests
{
    private static string Dispatch(string table) => $$"""
        (module
          (type $handler (func (param i32)))
          (type $other (func))
          {{table}}
          (elem (i32.const 0) $tick $rx $plain)
          (func $work (param i32))
          (func $tick (param i32) (call $work (local.get 0)))
          (func $rx (param i32))
          (func $plain)
          (func (export "poll") (param i32)
            (call_indirect (type $handler) (i32.const 7) (local.get 0))))
        """;

    [TestMethod]
    public void A_closed_table_gives_the_targets_of_the_type_and_the_walk_goes_on_there()
    {
        var audit = Audit.OfText(Dispatch("(table 3 funcref)"), ["poll"]);
        CollectionAssert.AreEquivalent(new[] { "poll->table[0]: tick, rx: indirect", "tick->work: not modelled" }, audit.Calls);
        CollectionAssert.AreEqual(new[] { "tick", "rx" }, audit.Result!.Calls.Single(call => call.Reason == "indirect").Targets.ToArray());
    }

    [TestMethod]
    public void A_table_that_others_can_change_may_hold_more()
    {
        var audit = Audit.OfText(Dispatch("(table (export \"handlers\") 3 funcref)"), ["poll"]);
        StringAssert.StartsWith(audit.Result!.Calls.Single(call => call.Reason == "indirect").Callee, "table[0]: tick, rx, …");
    }

    [TestMethod]
    public void A_table_that_code_writes_is_not_closed()
    {
        var wat = Dispatch("(table 3 funcref)").Replace("(func $plain)", "(func $plain (table.set 0 (i32.const 0) (ref.null func)))", StringComparison.Ordinal);
        StringAssert.EndsWith(Audit.OfText(wat, ["poll"]).Result!.Calls.Single(call => call.Reason == "indirect").Callee, "…");
    }

    [TestMethod]
    [DataRow("(table 3 funcref)", new[] { "tick", "rx" }, 1)]
    [DataRow("(table 3 funcref)", new[] { "tick" }, 2)]
    [DataRow("(table 3 funcref)", new[] { "table[0]" }, 1)]
    [DataRow("(table (export \"handlers\") 3 funcref)", new[] { "tick", "rx" }, 2)]
    public void An_indirect_call_is_allowed_when_all_it_may_reach_is(string table, string[] allowed, int left) =>
        Assert.AreEqual(left, Audit.OfText(Dispatch(table), ["poll"], allowed: allowed).Calls.Length);
}
