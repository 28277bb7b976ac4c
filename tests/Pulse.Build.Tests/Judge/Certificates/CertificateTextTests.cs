using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Tests.Components;

namespace Pulse.Build.Tests.Judge.Certificates;

/// <summary>The text of certificates: printed, read and printed it is the same, and the checker accepts what was read.</summary>
[TestClass]
public sealed class CertificateTextTests
{
    private const string Start = "certificate 1\nt0 = constant bool 1\nt1 = variable 32 \"p0\"\n";

    private static IEnumerable<object[]> Topics => RefinePairs.Topics.Select(t => new object[] { t });

    [TestMethod]
    [DynamicData(nameof(Topics))]
    public void A_certificate_that_was_read_is_accepted_as_the_one_that_was_found(string topic)
    {
        foreach (var pair in CertifiedPair.Of(RefinePairs.Golden(topic, "before"), RefinePairs.Golden(topic, "good")))
        {
            var found = pair.Found();
            foreach (var text in found)
            {
                Assert.AreEqual(text, Again(text), pair.Name);
            }

            Assert.IsTrue(found.Exists(text => pair.Accepts(text) == true), $"{pair.Name}: none of {found.Count} is accepted");
        }
    }

    [TestMethod]
    public void The_stored_certificates_of_the_sample_are_accepted_and_nothing_else_is()
    {
        var sink = new DiagnosticList();
        string[] components = ["mixer", "kernel", "uart", "app"];
        var fused = ComponentFuser.Fuse(
            new FuseOptions { Components = [.. components.Select(c => new InputFile(c + ".wasm", ComponentBytes.Sample(c)))], Memory = MemoryMode.Auto }, sink)!.Module;
        var optimised = WasmOptimizer.Optimize(new OptimizeOptions { Module = new InputFile("fused.wasm", fused), Verify = VerifyLevel.Off }, sink)!.Module.ToArray();
        var folder = Directory.CreateTempSubdirectory("pulse-certificates-").FullName;
        try
        {
            var found = RefinePairs.Check(fused.ToArray(), optimised, new RefinementOptions { Threads = 1, CertificateFolder = folder });
            var files = Directory.GetFiles(folder);
            Assert.HasCount(found.Functions.Count(f => f is { Verdict: Verdict.Proved, Identical: false }), files);
            Assert.IsNotEmpty(files);
            foreach (var file in files)
            {
                Assert.AreEqual(File.ReadAllText(file), Again(File.ReadAllText(file)), file);
            }

            var stored = new RefinementOptions { Threads = 1, StoredCertificates = folder };
            var read = RefinePairs.Check(fused.ToArray(), optimised, stored);
            Assert.AreEqual(string.Join(' ', found.Functions.Select(f => f.Verdict)), string.Join(' ', read.Functions.Select(f => f.Verdict)), RefinePairs.Describe(read));

            Array.Sort(files, StringComparer.Ordinal);
            File.Delete(files[0]);
            File.WriteAllText(files[^1], "certificate 1\nnonsense\n");
            var verdicts = RefinePairs.Check(fused.ToArray(), optimised, stored).Functions;
            Assert.IsTrue(verdicts.Any(f => f.Verdict == Verdict.Unknown && f.Reason == "no certificate of it is stored"));
            Assert.IsTrue(verdicts.Any(f => f.Verdict == Verdict.Unknown && f.Reason.Contains("line 2: ", StringComparison.Ordinal)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Any_name_can_be_written()
    {
        const string name = " \"%0022\n\u0000é\ud800";
        Assert.AreEqual(name, TermNotation.Unquote(TermNotation.Quote(name)));
        Assert.IsTrue(TermNotation.Quote(name).All(c => c is > ' ' and <= '~'));
    }

    [TestMethod]
    [DataRow("", 1)]
    [DataRow("certificate 2\n", 1)]
    [DataRow(Start + "cutpoint 0 0\n", 4)]
    [DataRow(Start + "cutpoint 1 0 0\n", 4)]
    [DataRow(Start + "cutpoint 0 0 99999999999999999999\n", 4)]
    [DataRow(Start + "cutpoint 0 0 0\nvalues 2000000000\n", 5)]
    [DataRow(Start + "cutpoint 0 0 0\nvalues 1\nvalue 1 t0\n", 6)]
    [DataRow(Start + "cutpoint 0 0 0\nfact t1\n", 5)]
    [DataRow(Start + "cutpoint 0 0 0\nfact t9\n", 5)]
    [DataRow(Start + "cutpoint 0 0 0\nnonsense\n", 5)]
    [DataRow(Start + "fact t0\n", 4)]
    [DataRow(Start + "t3 = constant 32 1\n", 4)]
    [DataRow(Start + "t2 = constant 8 256\n", 4)]
    [DataRow(Start + "t2 = constant 65 1\n", 4)]
    [DataRow(Start + "t2 = constant memory 1\n", 4)]
    [DataRow(Start + "t2 = add 32 t1 t2\n", 4)]
    [DataRow(Start + "t2 = add 64 t1 t1\n", 4)]
    [DataRow(Start + "t2 = add 32\n", 4)]
    [DataRow(Start + "t2 = not 32 t1\n", 4)]
    [DataRow(Start + "t2 = extract 8 25 t1\n", 4)]
    [DataRow(Start + "t2 = load 32 4 t1 t1\n", 4)]
    [DataRow(Start + "t2 = result 32 0 t1\n", 4)]
    [DataRow(Start + "t2 = variable 32 \"x\" 5..4\n", 4)]
    [DataRow(Start + "t2 = variable 8 \"x\" 0..256\n", 4)]
    [DataRow(Start + "t2 = variable token \"x\" 0..1\n", 4)]
    [DataRow(Start + "t2 = variable 32 \"%00\"\n", 4)]
    [DataRow(Start + "t2 = variable tuple \"x\"\n", 4)]
    [DataRow(Start + "t2 = and 32 t1 t1 1..2\n", 4)]
    [DataRow(Start, 4)]
    public void Bad_text_is_refused_at_its_line(string text, int line)
        => Assert.AreEqual(line, Assert.ThrowsExactly<CertificateFormatException>(() => CertificateParser.Parse(text, new TermFactory())).Line);

    [TestMethod]
    public void More_terms_than_allowed_are_bad_text()
        => Assert.ThrowsExactly<CertificateFormatException>(() => CertificateParser.Parse(Start + "cutpoint 0 0 0\n", new TermFactory(2)));

    private static string Again(string text) => CertificateText.Print(CertificateParser.Parse(text, new TermFactory()));
}
