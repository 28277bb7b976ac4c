using System.Text.RegularExpressions;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Architecture;

/// <summary>
/// What must be right for <c>proved</c> to be right, and how long it is. Every folder of <c>Smt</c> and <c>Judge</c> is on one of the two lists; a line
/// counts as it stands in the file, comments and blank lines too. That none of them uses what is judged is checked on the sources as well as on the
/// built assembly.
/// </summary>
[TestClass]
public sealed partial class TrustedPartTests
{
    /// <summary>Few enough for one reader in a few days; it may only go down.</summary>
    private const int MostLines = 7_000;

    private static readonly string[] Trusted =
    [
        "Smt/Terms", "Smt/Elimination", "Smt/Text", "Smt/Solving", "Smt/Refuting",
        "Judge/Instructions", "Judge/Decoding", "Judge/Semantics", "Judge/Correspondence", "Judge/Simulation/Checker",
    ];

    /// <summary>Files of other folders that the checker rests on.</summary>
    private static readonly string[] TrustedFiles = ["Judge/Simulation/Certificates/CutVariables.cs"];

    private static readonly Dictionary<string, string> Untrusted = new()
    {
        //  folder                            why nothing that it gets wrong makes a verdict `proved`
        ["Smt/Sampling"]                   = "guesses: what it takes for equal is proved before it is used",
        ["Smt/Models"]                     = "reads models, of formulas that are not proved",
        ["Smt/Locating"]                   = "looks for Z3, which is trusted whichever it is; the report names it",
        ["Smt/Deciding"]                   = "chooses what is asked, how and for how much work, and keeps answers: that a formula cannot hold only `Smt/Refuting` says, of that very formula and by an answer to its very text",
        ["Smt/Budgets"]                    = "counts work: beyond it is unknown",
        ["Judge/Claims"]                   = "data that anybody may say: which entities correspond, of which the correspondence drops what cannot be, and every pair is proved",
        ["Judge/Naming"]                   = "names of functions, for people and for guesses",
        ["Judge/Simulation/Discharging"]   = "counts obligations and keeps the one that failed: what holds the checker knows by its refutation",
        ["Judge"]                          = "order of work, budgets and the report: no changed module is shipped but with a `ModuleProof`, which only the checker makes",
        ["Judge/Ordering"]                 = "orders blocks and choices, names headers, forgets slots: the executor merges whatever order, and refuses an edge back to no header and a slot without a value; guesses what handlers know where a block begins, which one run of each block has to confirm",
        ["Judge/Replay"]                   = "runs both modules, to refute, and says which differences the host sees without a run",
        ["Judge/Simulation/Alignment"]     = "puts trap points in an order: every order is sound",
        ["Judge/Simulation/Certificates"]  = "data and its text, which the checker checks whoever wrote it",
        ["Judge/Simulation/Search"]        = "finds certificates",
    };

    /// <summary>The rooms that the two may use; all others are judged, or see what is.</summary>
    private static readonly Dictionary<string, string[]> Rooms = new()
    {
        ["Smt"]   = ["Diagnostics", "Support", "Smt"],
        ["Judge"] = ["Diagnostics", "Support", "Smt", "Judge"],
    };

    private static string Engine => Path.Combine(SharedMaterial.Repository, "Engine");

    [TestMethod]
    public void Trusted_part_is_short_enough_to_read()
    {
        var lines = Trusted.SelectMany(FilesOf).Concat(TrustedFiles.Select(file => Path.Combine(Engine, file))).Sum(file => File.ReadLines(file).Count());
        Assert.IsLessThanOrEqualTo(MostLines, lines);
    }

    [TestMethod]
    public void Every_folder_of_the_judge_is_trusted_or_has_a_reason_not_to_be()
    {
        var folders = Rooms.Keys.SelectMany(room => Directory.GetFiles(Path.Combine(Engine, room), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Engine, Path.GetDirectoryName(file)!).Replace('\\', '/')).Distinct().Order(StringComparer.Ordinal).ToArray();
        CollectionAssert.AreEqual(Trusted.Concat(Untrusted.Keys).Order(StringComparer.Ordinal).ToArray(), folders);
    }

    /// <summary>A using directive is enough to see it, whether or not the built code does anything with it.</summary>
    [TestMethod]
    public void Sources_of_the_judge_name_nothing_that_is_judged()
    {
        foreach (var (room, may) in Rooms)
        {
            var files = Directory.GetFiles(Path.Combine(Engine, room), "*.cs", SearchOption.AllDirectories);
            var named = files.SelectMany(file => EngineName().Matches(File.ReadAllText(file)).Select(match => (File: file, Room: match.Groups[1].Value))).ToList();
            Assert.Contains(room, named.Select(name => name.Room), "the pattern is expected to see a name that is there");
            var judged = named.Where(name => !may.Contains(name.Room)).Select(name => $"{name.File} names {name.Room}").ToArray();
            CollectionAssert.AreEqual(Array.Empty<string>(), judged, string.Join("; ", judged));
        }
    }

    [TestMethod]
    public void Types_of_the_judge_use_nothing_that_is_judged()
    {
        using var engine = new EngineMetadata();
        var edges = engine.Edges().Where(edge => Rooms.ContainsKey(edge.From)).ToList();
        Assert.IsTrue(edges.Exists(edge => edge is { From: "Judge", To: "Smt" }), "the reader is expected to see an edge that is there");
        var judged = edges.Where(edge => !Rooms[edge.From].Contains(edge.To)).Select(edge => edge.Because).ToArray();
        CollectionAssert.AreEqual(Array.Empty<string>(), judged, string.Join("; ", judged));
    }

    private static string[] FilesOf(string folder) => Directory.GetFiles(Path.Combine(Engine, folder), "*.cs");

    [GeneratedRegex(@"\bPulse\.Build\.Engine\.([A-Z]\w*)")]
    private static partial Regex EngineName();
}
