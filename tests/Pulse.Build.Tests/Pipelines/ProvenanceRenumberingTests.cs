using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tests.Pipelines;

[TestClass]
public sealed class ProvenanceRenumberingTests
{
    [TestMethod]
    public void Functions_follow_their_new_indices_and_dead_ones_go()
    {
        const string before = """{"version":1,"functions":[{"index":0,"name":"a"},{"index":1,"name":"b"},{"index":2,"name":"c"}],"edges":[]}""";
        var after = ProvenanceRenumbering.Apply(before, [2, 0], "m.wasm");
        Assert.AreEqual(
            """{"version":1,"functions":[{"index":0,"name":"c"},{"index":1,"name":"a"}],"edges":[]}""",
            string.Concat(after.Where(c => !char.IsWhiteSpace(c))));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{\"functions\": [{\"index\": \"x\"}]}")]
    public void A_provenance_that_is_none_is_refused(string text)
    {
        var refusal = Assert.ThrowsExactly<DiagnosticException>(() => ProvenanceRenumbering.Apply(text, [0], "m.wasm"));
        Assert.AreEqual(DiagnosticId.PULSE0003, refusal.Diagnostic.Id);
        Assert.Contains("the provenance beside 'm.wasm' is not what fusion writes. Rebuild the project.", refusal.Diagnostic.Message);
    }
}
