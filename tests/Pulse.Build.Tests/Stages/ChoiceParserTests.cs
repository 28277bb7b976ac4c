using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tests.Stages;

[TestClass]
public sealed class ChoiceParserTests
{
    [TestMethod]
    public void Value_is_read_as_users_write_it()
    {
        Assert.AreEqual(UnprovedPolicy.KeepOriginal, ChoiceParser.Parse<UnprovedPolicy>("keep-original", "PulseUnproved"));
        Assert.AreEqual(MemoryMode.Shared, ChoiceParser.Parse<MemoryMode>("SHARED", "PulseMemory"));
        Assert.AreEqual("semihosting-exit", ChoiceParser.NameOf(FaultHandling.SemihostingExit));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("1")]
    [DataRow("KeepOriginal")]
    public void Other_text_is_refused_with_the_list(string text)
    {
        var refusal = Assert.ThrowsExactly<DiagnosticException>(() => ChoiceParser.Parse<UnprovedPolicy>(text, "PulseUnproved", "p.wasmproj"));
        Assert.AreEqual(DiagnosticId.PULSE0004, refusal.Diagnostic.Id);
        Assert.AreEqual($"'{text}' is not a value of PulseUnproved; use one of: error, keep-original.", refusal.Diagnostic.Message);
        Assert.AreEqual("p.wasmproj", refusal.Diagnostic.Location.File);
    }
}
