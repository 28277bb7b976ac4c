using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Diagnostics;

[TestClass]
public sealed class ProvokedTests
{
    /// <summary>A code that no test names is one that nobody has seen.</summary>
    [TestMethod]
    public void Every_diagnostic_is_named_by_a_test()
    {
        // Some stand in the golden file that provokes them.
        var sources = Directory.EnumerateFiles(Path.Combine(SharedMaterial.Repository, "tests"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".wat")
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.EndsWith("ProvokedTests.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .ToArray();
        var unseen = DiagnosticCatalogue.Rows.Where(row => !Array.Exists(sources, s => s.Contains(row.Id.ToString(), StringComparison.Ordinal)));
        Assert.AreEqual("", string.Join(", ", unseen.Select(row => row.Id)));
    }

    [TestMethod]
    public void Every_room_has_a_page()
    {
        var rooms = Directory.EnumerateDirectories(Path.Combine(SharedMaterial.Repository, "Engine"))
            .Where(folder => Path.GetFileName(folder) is not ("bin" or "obj"))
            .Where(folder => !File.Exists(Path.Combine(folder, "README.md")));
        Assert.AreEqual("", string.Join(", ", rooms.Select(Path.GetFileName)));
    }
}
