using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Tests.HotPath;

[TestClass]
public sealed class HotPathNamesTests
{
    private const string Interfaces = """
        (module
          (func $leaf)
          (func (export "gust:kernel/scheduler@1.0.0#poll") (call $leaf))
          (func (export "gust:kernel/scheduler@1.0.0#reset") (call $leaf))
          (func (export "gust:app/control@1.0.0#reset") (call $leaf))
          (memory (export "memory") 1))
        """;

    private const string Seams = """
        (module
          (import "pulse:board/log" "write" (func $write (param i32)))
          (func $uart_send (param i32) (call $write (local.get 0)))
          (func $uart_wait)
          (func $mix (call $uart_wait))
          (func (export "poll") (call $uart_send (i32.const 1)) (call $uart_wait) (call $mix)))
        """;

    [TestMethod]
    [DataRow("gust:kernel/scheduler@1.0.0#poll")]
    [DataRow("poll")]
    public void An_entry_goes_by_its_full_name_or_by_the_part_after_the_hash(string entry) =>
        Assert.AreEqual("gust:kernel/scheduler@1.0.0#poll", Audit.OfText(Interfaces, [entry]).Result!.Calls.Single().Entry);

    [TestMethod]
    public void An_unknown_entry_is_an_error_that_lists_the_exports()
    {
        var audit = Audit.OfText(Interfaces, ["memory"]);
        Assert.IsNull(audit.Result);
        var error = audit.Diagnostics.Single();
        Assert.AreEqual(DiagnosticId.PULSE5002, error.Id);
        Assert.AreEqual(
            "HotPathEntry 'memory' names no exported function; use one of: gust:app/control@1.0.0#reset, gust:kernel/scheduler@1.0.0#poll, "
            + "gust:kernel/scheduler@1.0.0#reset.",
            error.Message);
    }

    [TestMethod]
    public void An_entry_that_fits_two_exports_is_an_error()
    {
        var audit = Audit.OfText(Interfaces, ["reset"]);
        Assert.IsNull(audit.Result);
        Assert.AreEqual(DiagnosticId.PULSE5003, audit.Diagnostics.Single().Id);
    }

    [TestMethod]
    [DataRow(new[] { "uart_wait" }, "poll->uart_send, poll->mix, uart_send->write")]
    [DataRow(new[] { "uart_*" }, "poll->mix, uart_send->write")]
    [DataRow(new[] { "mix -> uart_wait", "write" }, "poll->uart_send, poll->uart_wait, poll->mix")]
    [DataRow(new[] { "poll->*", "pulse:board/*#write" }, "mix->uart_wait")]
    [DataRow(new[] { "*" }, "")]
    [DataRow(new[] { "uart" }, "poll->uart_send, poll->uart_wait, poll->mix, uart_send->write, mix->uart_wait")]
    public void Allowed_calls_are_left_out_and_those_behind_them_are_not(string[] allowed, string left)
    {
        var calls = Audit.OfText(Seams, ["poll"], allowed: allowed).Result!.Calls.Select(call => $"{call.Caller}->{call.Callee}");
        CollectionAssert.AreEquivalent(left.Split(", ", StringSplitOptions.RemoveEmptyEntries), calls.ToArray());
    }

    [TestMethod]
    [DataRow("app -> kernel!gust:kernel/scheduler#poll")]
    [DataRow("app -> kernel!*")]
    [DataRow("app!gust_poll -> app -> kernel!*")]
    [DataRow("gust_poll->poll")]
    [DataRow("gust:kernel/scheduler#poll")]
    public void Names_that_fusion_gives_can_be_allowed(string allowed) =>
        Assert.IsEmpty(Audit.OfText("""
            (module
              (func $"app -> kernel!gust:kernel/scheduler#poll")
              (func $"app!gust_poll" (export "gust-poll") (call 0)))
            """, ["gust-poll"], allowed: [allowed]).Calls);

    [TestMethod]
    [DataRow("a*b*c", "axbxc", true)]
    [DataRow("a*b*c", "abc", true)]
    [DataRow("ab*bc", "abc", false)]
    [DataRow("*x*", "x", true)]
    [DataRow("", "", true)]
    [DataRow("*", "", true)]
    [DataRow("a", "ab", false)]
    public void A_star_stands_for_any_text(string pattern, string name, bool expected) =>
        Assert.AreEqual(expected, new Engine.HotPath.NamePattern(pattern).Allows(["caller"], [name]));
}
