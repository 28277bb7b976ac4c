using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tests.Pipelines;

[TestClass]
public sealed class InterpreterRunTests
{
    private const string Text = """
        (module (import "env" "seen" (func $seen (param i32)))
          (func (export "half") (param i64) (result i64) (call $seen (i32.wrap_i64 (local.get 0))) (i64.div_u (local.get 0) (i64.const 2)))
          (func (export "stop") (unreachable)))
        """;

    [TestMethod]
    public void A_run_says_which_imports_were_called_and_how_it_ended() =>
        Assert.AreEqual("env.seen(0x10)\nreturned (I64 0x8)", Run("half", "0x10", out _));

    [TestMethod]
    public void A_trap_is_an_end() => Assert.AreEqual("trapped: Unreachable", Run("stop", null, out _));

    [TestMethod]
    [DataRow("nope", null)]
    [DataRow("half", null)]
    [DataRow("half", "ten")]
    [DataRow("half", "99999999999999999999")]
    public void A_call_that_makes_no_sense_is_refused(string export, string? argument)
    {
        Assert.IsNull(Run(export, argument, out var said));
        Assert.AreEqual(DiagnosticId.PULSE1005, said.Single().Id);
    }

    private static string? Run(string export, string? argument, out DiagnosticList said)
    {
        said = [];
        return InterpreterRun.Evaluate(new InputFile("m.wat", System.Text.Encoding.UTF8.GetBytes(Text)), export, argument is null ? [] : [argument], said);
    }
}
