using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tests.Pipelines;

[TestClass]
public sealed class HotPathAuditTests
{
    [TestMethod]
    public void An_empty_object_is_malformed_and_not_an_absent_one()
    {
        var said = new DiagnosticList();
        var module = CoreModule.Parse(new InputFile("f.wat", "(func (export \"run\"))"u8.ToArray()), said)!.Value;
        var options = new AuditOptions { Module = new InputFile("f.wasm", module), Object = new InputFile("", default), OptimizerReportJson = "{}", Entries = ["run"] };
        Assert.IsNotNull(HotPathAudit.Check(options, said), string.Join('\n', said));
        Assert.IsNull(HotPathAudit.Check(options with { Object = new InputFile("f.o", default) }, said));
        Assert.AreEqual(DiagnosticId.PULSE4030, said.Single().Id);
    }
}
