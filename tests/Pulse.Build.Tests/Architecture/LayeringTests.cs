using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Architecture;

/// <summary>
/// The rooms of the engine, the folders inside them, and what each may use, checked on the built assembly. An edge goes strictly downwards and never
/// sideways; there is no list of exemptions.
/// </summary>
[TestClass]
public sealed class LayeringTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        //  room             may use
        ["Diagnostics"]  = [],
        ["Support"]      = [],
        ["Wasm"]         = ["Diagnostics", "Support"],
        ["Elf"]          = ["Diagnostics", "Support"],
        ["Thumb"]        = ["Support"],
        ["Smt"]          = ["Diagnostics", "Support"],
        ["Components"]   = ["Diagnostics", "Wasm"],
        ["Ir"]           = ["Support", "Wasm"],
        ["Fusion"]       = ["Diagnostics", "Support", "Wasm", "Components"],
        ["Passes"]       = ["Support", "Wasm", "Ir"],
        ["Codegen"]      = ["Diagnostics", "Support", "Wasm", "Ir", "Thumb", "Elf"],
        ["Firmware"]     = ["Diagnostics", "Elf", "Thumb", "Codegen"],
        ["Judge"]        = ["Diagnostics", "Support", "Smt"],
        ["RuleProofs"]   = ["Support", "Wasm", "Passes", "Smt", "Judge"],
        ["HotPath"]      = ["Diagnostics", "Wasm", "Elf", "Thumb", "Ir"],
        ["Pipelines"]    = ["Diagnostics", "Support", "Wasm", "Elf", "Components", "Ir", "Fusion", "Passes", "Codegen", "Firmware", "Judge", "HotPath"],
    };

    /// <summary>The same for the folders of each room that has more than one.</summary>
    private static readonly Dictionary<string, string[]> AllowedInside = new()
    {
        //  folder                            may use of its room
        ["Wasm"]                           = [],
        ["Wasm.Dwarf"]                     = ["Wasm"],
        ["Wasm.CustomSections"]            = ["Wasm", "Wasm.Dwarf"],
        ["Wasm.Rewriting"]                 = ["Wasm", "Wasm.CustomSections"],
        ["Wasm.Validation"]                = ["Wasm", "Wasm.CustomSections", "Wasm.Rewriting"],
        ["Wasm.Text"]                      = ["Wasm", "Wasm.CustomSections", "Wasm.Validation"],
        ["Smt.Terms"]                      = [],
        ["Smt.Sampling"]                   = ["Smt.Terms"],
        ["Smt.Elimination"]                = ["Smt.Terms"],
        ["Smt.Text"]                       = ["Smt.Terms"],
        ["Smt.Models"]                     = [],
        ["Smt.Solving"]                    = ["Smt.Text", "Smt.Models"],
        ["Smt.Locating"]                   = ["Smt.Solving"],
        ["Smt.Budgets"]                    = [],
        ["Smt.Refuting"]                   = ["Smt.Terms", "Smt.Elimination", "Smt.Text", "Smt.Solving"],
        ["Smt.Deciding"]                   = ["Smt.Terms", "Smt.Sampling", "Smt.Elimination", "Smt.Text", "Smt.Models", "Smt.Solving", "Smt.Refuting", "Smt.Budgets"],
        ["Ir"]                             = [],
        ["Ir.Analyses"]                    = ["Ir"],
        ["Ir.Construction"]                = ["Ir", "Ir.Analyses"],
        ["Ir.Emission"]                    = ["Ir", "Ir.Analyses"],
        ["Ir.Verification"]                = ["Ir", "Ir.Analyses"],
        ["Ir.Evaluation.Scalars"]          = [],
        ["Ir.Evaluation.Vectors"]          = ["Ir.Evaluation.Scalars"],
        ["Ir.Evaluation"]                  = ["Ir", "Ir.Construction", "Ir.Evaluation.Scalars", "Ir.Evaluation.Vectors"],
        ["Fusion.Composition"]             = [],
        ["Fusion.Entities"]                = ["Fusion.Composition"],
        ["Fusion.Handles"]                 = ["Fusion.Composition", "Fusion.Entities"],
        ["Fusion.Adapters"]                = ["Fusion.Entities", "Fusion.Handles"],
        ["Fusion"]                         = ["Fusion.Composition", "Fusion.Entities", "Fusion.Handles", "Fusion.Adapters"],
        ["Passes.Rewriting"]               = [],
        ["Passes"]                         = ["Passes.Rewriting"],
        ["Codegen.Machine"]                = [],
        ["Codegen.Plan"]                   = [],
        ["Codegen.RegisterAllocator"]      = ["Codegen.Machine"],
        ["Codegen.Emission"]               = ["Codegen.Machine", "Codegen.Plan", "Codegen.RegisterAllocator"],
        ["Codegen.Lowering"]               = ["Codegen.Machine", "Codegen.Plan"],
        ["Codegen.Selection"]              = ["Codegen.Machine", "Codegen.RegisterAllocator", "Codegen.Lowering"],
        ["Codegen"]                        = ["Codegen.Machine", "Codegen.Plan", "Codegen.RegisterAllocator", "Codegen.Emission", "Codegen.Lowering", "Codegen.Selection"],
        ["Judge.Claims"]                   = [],
        ["Judge.Instructions"]             = [],
        ["Judge.Decoding"]                 = ["Judge.Instructions"],
        ["Judge.Naming"]                   = ["Judge.Decoding"],
        ["Judge.Ordering"]                 = ["Judge.Instructions", "Judge.Decoding"],
        ["Judge.Semantics"]                = ["Judge.Instructions", "Judge.Decoding", "Judge.Ordering"],
        ["Judge.Correspondence"]           = ["Judge.Claims", "Judge.Instructions", "Judge.Decoding", "Judge.Ordering", "Judge.Semantics"],
        ["Judge.Replay"]                   = ["Judge.Instructions", "Judge.Decoding", "Judge.Semantics", "Judge.Correspondence"],
        ["Judge.Simulation.Certificates"]  = ["Judge.Semantics"],
        ["Judge.Simulation.Alignment"]     = ["Judge.Instructions", "Judge.Semantics"],
        ["Judge.Simulation.Discharging"]   = [],
        ["Judge.Simulation.Checker"]       = ["Judge.Decoding", "Judge.Ordering", "Judge.Semantics", "Judge.Correspondence", "Judge.Simulation.Certificates", "Judge.Simulation.Alignment", "Judge.Simulation.Discharging"],
        ["Judge.Simulation.Search"]        = ["Judge.Claims", "Judge.Instructions", "Judge.Decoding", "Judge.Naming", "Judge.Semantics", "Judge.Correspondence", "Judge.Simulation.Certificates", "Judge.Simulation.Checker"],
        ["Judge"]                          = ["Judge.Instructions", "Judge.Decoding", "Judge.Naming", "Judge.Semantics", "Judge.Correspondence", "Judge.Replay", "Judge.Simulation.Certificates", "Judge.Simulation.Discharging", "Judge.Simulation.Checker", "Judge.Simulation.Search"],
    };

    private static readonly string[] Tables = ["Wasm/Opcodes.cs", "Thumb/Encodings.cs", "Diagnostics/DiagnosticCatalogue.cs", "Passes/Pipelines.cs"];

    private static readonly string[] Banned =
    [
        "System.Console.", "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTimeOffset.get_", "System.Environment.GetEnvironmentVariable",
        "System.Environment.get_CurrentDirectory", "System.Globalization.CultureInfo.get_CurrentCulture", "System.Random..ctor", "System.Guid.NewGuid",
    ];

    [TestMethod]
    public void Allowed_edges_have_no_cycle()
    {
        AssertGoesDown(Allowed);
        AssertGoesDown(AllowedInside);
    }

    [TestMethod]
    public void Rooms_use_only_what_they_may()
    {
        using var engine = new EngineMetadata();
        var edges = engine.Edges().ToList();
        Assert.IsTrue(edges.Exists(edge => edge is { From: "Pipelines", To: "Diagnostics" }), "the reader is expected to see an edge that is there");
        AssertAllowed(edges, Allowed);
    }

    [TestMethod]
    public void Folders_use_only_what_they_may()
    {
        using var engine = new EngineMetadata();
        AssertAllowed(EdgesInside(engine), AllowedInside);
    }

    /// <summary>An edge that nothing uses is an invitation to use it.</summary>
    [TestMethod]
    public void Allowed_edges_are_used()
    {
        using var engine = new EngineMetadata();
        AssertUsed(Allowed, engine.Edges());
        AssertUsed(AllowedInside, EdgesInside(engine));
    }

    [TestMethod]
    public void Engine_knows_no_console_clock_environment_or_culture()
    {
        using var engine = new EngineMetadata();
        var members = engine.OutsideMembers.ToList();
        Assert.Contains("System.String.Concat", members, "the reader is expected to see a member that is there");
        var used = members.Where(member => Banned.Any(banned => member.StartsWith(banned, StringComparison.Ordinal))).Distinct().ToArray();
        CollectionAssert.AreEqual(Array.Empty<string>(), used, string.Join(", ", used));
    }

    [TestMethod]
    public void Engine_knows_no_MSBuild()
    {
        using var engine = new EngineMetadata();
        Assert.IsEmpty(engine.Assemblies.Where(name => name.StartsWith("Microsoft.Build", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Engine_has_no_static_state()
    {
        using var engine = new EngineMetadata();
        var fields = engine.MutableStatics.ToArray();
        CollectionAssert.AreEqual(Array.Empty<string>(), fields, string.Join(", ", fields));
    }

    [TestMethod]
    public void Files_are_short_enough_to_read()
    {
        var engine = Path.Combine(SharedMaterial.Repository, "Engine");
        var files = Directory.GetFiles(engine, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(engine, path).Replace('\\', '/'))
            .Where(path => !path.StartsWith("obj/", StringComparison.Ordinal) && !path.StartsWith("bin/", StringComparison.Ordinal) && !Tables.Contains(path))
            .ToList();
        Assert.IsNotEmpty(files);
        var longOnes = files.Where(path => File.ReadLines(Path.Combine(engine, path)).Count() > 800).ToArray();
        CollectionAssert.AreEqual(Array.Empty<string>(), longOnes, string.Join(", ", longOnes));
    }

    [TestMethod]
    public void Rooms_pages_are_at_most_one_page()
    {
        var pages = Directory.GetFiles(Path.Combine(SharedMaterial.Repository, "Engine"), "README.md", SearchOption.AllDirectories);
        Assert.IsNotEmpty(pages);
        foreach (var page in pages)
        {
            Assert.IsLessThanOrEqualTo(60, File.ReadLines(page).Count(), page);
        }
    }

    private static List<(string From, string To, string Because)> EdgesInside(EngineMetadata engine) =>
        [.. engine.FolderEdges().Where(edge => edge.From.Split('.')[0] == edge.To.Split('.')[0])];

    private static void AssertGoesDown(Dictionary<string, string[]> allowed)
    {
        var places = allowed.Keys.ToList();
        foreach (var (place, used) in allowed)
        {
            Assert.IsTrue(used.All(other => places.IndexOf(other) is >= 0 and var at && at < places.IndexOf(place)), place);
        }
    }

    private static void AssertAllowed(List<(string From, string To, string Because)> edges, Dictionary<string, string[]> allowed)
    {
        var forbidden = edges.Where(edge => !allowed.GetValueOrDefault(edge.From, []).Contains(edge.To)).Select(edge => edge.Because).ToArray();
        CollectionAssert.AreEqual(Array.Empty<string>(), forbidden, "forbidden: " + string.Join("; ", forbidden.Take(5)));
    }

    private static void AssertUsed(Dictionary<string, string[]> allowed, IEnumerable<(string From, string To, string Because)> edges)
    {
        var used = edges.Select(edge => (edge.From, edge.To)).ToHashSet();
        var unused = allowed.SelectMany(place => place.Value.Select(other => (place.Key, Other: other))).Where(edge => !used.Contains(edge))
            .Select(edge => $"{edge.Key} -> {edge.Other}").ToArray();
        CollectionAssert.AreEqual(Array.Empty<string>(), unused, string.Join(", ", unused));
    }
}
