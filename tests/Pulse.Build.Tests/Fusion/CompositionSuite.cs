using System.Collections.Immutable;
using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Tests.Components;

namespace Pulse.Build.Tests.Fusion;

/// <summary>The shared compositions, where they are checked out beside the repository.</summary>
internal static class CompositionSuite
{
    /// <summary>The folder, or null.</summary>
    public static string? Folder
    {
        get
        {
            var path = Environment.GetEnvironmentVariable("PULSE_SUITES") ?? Path.Combine(ComponentBytes.Root(), "..", "shared", "suites");
            return File.Exists(Path.Combine(path, "manifest.json")) ? path : null;
        }
    }

    /// <summary>The entries of the manifest.</summary>
    public static IEnumerable<JsonElement> Entries(string folder) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json"))).RootElement.EnumerateArray();

    /// <summary>Fuses <paramref name="entry"/>; null when it was refused.</summary>
    public static FuseResult? Fuse(string folder, JsonElement entry, IDiagnosticSink sink)
    {
        var files = ImmutableArray.CreateBuilder<InputFile>();
        var instances = ImmutableArray.CreateBuilder<CompositionInstance>();
        foreach (var component in entry.GetProperty("components").EnumerateArray())
        {
            instances.Add(new CompositionInstance(component.GetProperty("instance").GetString()!, files.Count));
            var file = component.GetProperty("file").GetString()!;
            files.Add(new InputFile(file, File.ReadAllBytes(Path.Combine(folder, file))));
        }

        var plugs = entry.GetProperty("plugs").EnumerateArray().Select(p => new CompositionPlug(
            Text(p, "instance"), Text(p, "import"), Text(p, "from"), Text(p, "export")));
        var exports = entry.GetProperty("exports").EnumerateObject().Select(e => new CompositionExport(e.Name, e.Value.GetString()!, e.Name));
        return ComponentFuser.Fuse(
            new FuseOptions { Components = files.ToImmutable(), Composition = new Composition(instances.ToImmutable(), [.. plugs], [.. exports]) }, sink);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
