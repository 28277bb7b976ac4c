using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.HotPath;

[TestClass]
public sealed class HotPathReportTests
{
    private const string Golden = "hotpath/seam-dwarf5.wasm";

    [TestMethod]
    public void Warnings_stand_at_the_source_line_of_the_call()
    {
        var audit = Audit.Of(GoldenFiles.Bytes(Golden), ["poll"]);
        CollectionAssert.AreEqual(
            new[]
            {
                "/src/seam.c(15,12): warning PULSE5001: Call from 'poll' to 'scale' survives on the hot path of 'poll' (in a loop): not modelled; about 12 cycles a call.",
                "/src/seam.c(15,18): warning PULSE5001: Call from 'poll' to 'read_channel' survives on the hot path of 'poll' (in a loop): imported; about 11 cycles a call.",
            },
            audit.Diagnostics.Select(diagnostic => diagnostic.ToString()).ToArray());
    }

    [TestMethod]
    public void Without_debug_information_the_module_and_the_byte_are_given()
    {
        var audit = Audit.OfText("(module (func $leaf) (func (export \"poll\") (call $leaf)))", ["poll"]);
        var call = audit.Result!.Calls.Single();
        Assert.AreEqual("obj/optimized.wasm", call.Location.File);
        Assert.IsTrue(call.Location.Offset > 0);
        StringAssert.EndsWith(audit.Diagnostics.Single().Message, $"(at byte 0x{call.Location.Offset:x})");
    }

    [TestMethod]
    [DataRow(HotPathSeverity.Warning, Severity.Warning, 1)]
    [DataRow(HotPathSeverity.Error, Severity.Error, 1)]
    [DataRow(HotPathSeverity.None, Severity.Message, 0)]
    public void The_severity_is_the_projects(HotPathSeverity asked, Severity given, int count)
    {
        var audit = Audit.OfText("(module (func $leaf) (func (export \"poll\") (call $leaf)))", ["poll"], severity: asked);
        Assert.AreEqual(count, audit.Diagnostics.Count);
        Assert.IsTrue(audit.Diagnostics.All(diagnostic => diagnostic.Severity == given && diagnostic.Id == DiagnosticId.PULSE5001));
        Assert.AreEqual(1, audit.Result!.Calls.Length, "the report is complete whatever the severity");
    }

    [TestMethod]
    public void The_log_is_sarif_with_a_result_for_each_call_and_always_the_same()
    {
        var first = Audit.Of(GoldenFiles.Bytes(Golden), ["poll", "mix"], severity: HotPathSeverity.Error);
        Assert.AreEqual(first.Result!.Sarif, Audit.Of(GoldenFiles.Bytes(Golden), ["poll", "mix"], severity: HotPathSeverity.Error).Result!.Sarif);
        using var log = JsonDocument.Parse(first.Result.Sarif);
        Assert.AreEqual("2.1.0", log.RootElement.GetProperty("version").GetString());
        var run = log.RootElement.GetProperty("runs")[0];
        Assert.AreEqual("PULSE5001", run.GetProperty("tool").GetProperty("driver").GetProperty("rules")[0].GetProperty("id").GetString());
        var results = run.GetProperty("results").EnumerateArray().ToArray();
        Assert.AreEqual(3, results.Length);
        Assert.IsTrue(results.All(result => result.GetProperty("level").GetString() == "error"));
        var place = results[0].GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.AreEqual("file:///src/seam.c", place.GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.AreEqual(15, place.GetProperty("region").GetProperty("startLine").GetInt32());
        Assert.AreEqual("poll->scale#1", results[0].GetProperty("partialFingerprints").GetProperty("hotPathCall/v1").GetString());
    }

    [TestMethod]
    public void The_text_names_route_reason_and_place()
    {
        var text = Audit.OfText("""
            (module (func $leaf) (func $step (call $leaf))
              (func (export "poll") (param i32) (loop $again (call $step) (br_if $again (local.get 0)))))
            """, ["poll"]).Result!.Text;
        StringAssert.StartsWith(text, "2 calls survive on hot paths\n");
        StringAssert.Contains(text, "step -> leaf: not modelled; about 10 cycles\n");
        StringAssert.Contains(text, "on the hot path of poll (poll → step, in a loop)\n");
    }

    [TestMethod]
    [DataRow("not json")]
    [DataRow("[]")]
    [DataRow("{\"inlining\": [{\"caller\": \"x\"}]}")]
    [DataRow("{\"inlining\": 3}")]
    [DataRow("{\"origins\": [{\"after\": 1e99, \"before\": 0}]}")]
    public void A_report_that_is_none_is_refused(string report)
    {
        var audit = Audit.OfText("(module (func (export \"poll\")))", ["poll"], report);
        Assert.IsNull(audit.Result);
        Assert.AreEqual(DiagnosticId.PULSE5004, audit.Diagnostics.Single().Id);
    }

    [TestMethod]
    public void A_module_that_is_none_is_refused()
    {
        var audit = Audit.Of([1, 2, 3], ["poll"]);
        Assert.IsNull(audit.Result);
        Assert.AreEqual(DiagnosticId.PULSE1001, audit.Diagnostics.Single().Id);
    }

    [TestMethod]
    public void No_entry_gives_an_empty_report()
    {
        var audit = Audit.OfText("(module (func $leaf) (func (export \"poll\") (call $leaf)))", []);
        Assert.IsEmpty(audit.Result!.Calls);
        Assert.AreEqual("0 calls survive on hot paths\n", audit.Result.Text);
    }
}
