using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Judge;

/// <summary>Modules in text, judged.</summary>
internal static class RefinePairs
{
    /// <summary>Topics under <c>tests/golden/refine</c>: a module before, and its <c>good</c> and <c>bad</c> rewrites.</summary>
    public static string[] Topics
    {
        get
        {
            var topics = Directory.GetFiles(GoldenFiles.Path("refine"), "*.before.wat").Select(f => Path.GetFileName(f)[..^".before.wat".Length]).ToArray();
            Array.Sort(topics, StringComparer.Ordinal);
            Assert.IsNotEmpty(topics);
            return topics;
        }
    }

    public static byte[] Golden(string topic, string kind) => Binary(File.ReadAllText(GoldenFiles.Path($"refine/{topic}.{kind}.wat")));

    public static byte[] Binary(string text) => ModuleWriter.Write(WatParser.Parse(text, "test.wat"));

    public static RefinementReport Check(byte[] before, byte[] after, RefinementOptions? options = null)
        => RefinementChecker.Check(before, after, options ?? new RefinementOptions { Threads = 1 });

    public static RefinementReport Check(string before, string after) => Check(Binary(before), Binary(after));

    public static string Describe(RefinementReport report)
        => string.Join("; ", report.Functions.Select(f => $"{f.Name}: {f.Verdict} {f.Obligation} {f.Reason} {f.Counterexample}"))
            + string.Concat(report.Module.Where(m => m.Verdict != Verdict.Proved).Select(m => $"; {m.What}: {m.Verdict} {m.Reason}"));
}
