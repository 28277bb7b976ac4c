using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Architecture;

/// <summary>
/// The rooms of the engine and what each may use, checked on the built assembly. An edge goes strictly downwards and never sideways;
/// there is no list of exemptions.
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

    private static readonly string[] Tables = ["Wasm/Opcodes.cs", "Thumb/Encodings.cs", "Diagnostics/DiagnosticCatalogue.cs", "Passes/Pipelines.cs"];

    private static readonly string[] Banned =
    [
        "System.Console.", "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTimeOffset.get_", "System.Environment.GetEnvironmentVariable",
        "System.Environment.get_CurrentDirectory", "System.Globalization.CultureInfo.get_CurrentCulture", "System.Random..ctor", "System.Guid.NewGuid",
    ];

    [TestMethod]
    public void Allowed_edges_have_no_cycle()
    {
        var rooms = Allowed.Keys.ToList();
        foreach (var (room, used) in Allowed)
        {
            Assert.IsTrue(used.All(other => rooms.IndexOf(other) < rooms.IndexOf(room)), room);
        }
    }

    [TestMethod]
    public void Rooms_use_only_what_they_may()
    {
        using var engine = new EngineMetadata();
        var edges = engine.Edges().ToList();
        Assert.IsTrue(edges.Exists(edge => edge is { From: "Pipelines", To: "Diagnostics" }), "the reader is expected to see an edge that is there");
        CollectionAssert.AreEqual(
            Array.Empty<string>(),
            edges.Where(edge => !Allowed.TryGetValue(edge.From, out var used) || !used.Contains(edge.To)).Select(edge => edge.Because).ToArray(),
            "forbidden: " + string.Join("; ", edges.Where(edge => !Allowed[edge.From].Contains(edge.To)).Select(edge => edge.Because).Take(5)));
    }

    /// <summary>An edge that nothing uses is an invitation to use it.</summary>
    [TestMethod]
    public void Allowed_edges_are_used()
    {
        using var engine = new EngineMetadata();
        var edges = engine.Edges().Select(edge => (edge.From, edge.To)).ToHashSet();
        var unused = Allowed.SelectMany(room => room.Value.Select(used => (room.Key, used))).Where(edge => !edges.Contains(edge)).Select(edge => $"{edge.Key} -> {edge.used}").ToArray();
        CollectionAssert.AreEqual(Array.Empty<string>(), unused, string.Join(", ", unused));
    }

    /// <summary>Folders of a room stand in layers too: one that uses another is not used by it, not even by way of a third.</summary>
    [TestMethod]
    [DataRow("Wasm")]
    [DataRow("Codegen")]
    [DataRow("Fusion")]
    [DataRow("Smt")]
    [DataRow("Components")]
    [DataRow("Firmware")]
    [DataRow("Thumb")]
    public void Folders_of_a_room_have_no_cycle(string room)
    {
        using var engine = new EngineMetadata();
        var edges = engine.FolderEdges().Where(edge => edge.From.Split('.')[0] == room && edge.To.Split('.')[0] == room).ToList();
        var folders = edges.SelectMany(edge => new[] { edge.From, edge.To }).ToHashSet();

        // What uses no folder that is left is taken away, until nothing is left or every one uses another.
        while (folders.RemoveWhere(folder => !edges.Exists(edge => edge.From == folder && folders.Contains(edge.To))) > 0)
        {
        }

        var cycle = edges.Where(edge => folders.Contains(edge.From) && folders.Contains(edge.To)).Select(edge => edge.Because).Distinct().ToArray();
        CollectionAssert.AreEqual(Array.Empty<string>(), cycle, string.Join("\n", cycle.Take(20)));
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
}
