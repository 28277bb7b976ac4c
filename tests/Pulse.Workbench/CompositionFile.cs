using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Workbench;

/// <summary>An entry of a composition manifest: which components there are and how they are wired.</summary>
internal sealed class CompositionFile(JsonElement entry, string manifest)
{
    /// <summary>The entries of <paramref name="manifest"/> by name; PULSE0003 when it holds none, or more than the <paramref name="single"/> one.</summary>
    public static IReadOnlyList<(string Name, CompositionFile Composition)> Entries(InputFile manifest, bool single)
    {
        JsonElement root;
        try
        {
            root = JsonSerializer.Deserialize<JsonElement>(manifest.Bytes.Span);
        }
        catch (JsonException problem)
        {
            throw Refused(manifest.Path, problem.Message);
        }

        JsonElement[] entries = root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : [root];
        if (entries.Length == 0 || (single && entries.Length > 1))
        {
            throw Refused(manifest.Path, $"{entries.Length} entries where {(single ? "one is" : "some are")} expected");
        }

        return [.. entries.Select(entry => (Text(entry, "name", manifest.Path), new CompositionFile(entry, manifest.Path)))];
    }

    /// <summary>What the entry asks for; component files stand beside the manifest, in <paramref name="folder"/>.</summary>
    public FuseOptions Read(string folder)
    {
        var components = Items("components");
        var instances = components.Select((c, i) => new CompositionInstance(Text(c, "instance"), i));
        var plugs = Items("plugs").Select(p => new CompositionPlug(Text(p, "instance"), Text(p, "import"), Text(p, "from"), Text(p, "export")));
        var exports = Property(entry, "exports", JsonValueKind.Object, manifest).EnumerateObject()
            .Select(e => new CompositionExport(e.Name, e.Value.ValueKind == JsonValueKind.String ? e.Value.GetString()! : throw Refused(manifest, $"the export '{e.Name}' names no instance"), e.Name));
        return new FuseOptions
        {
            Components = [.. components.Select(c => Arguments.Read(Path.Combine(folder, Text(c, "file"))))],
            Composition = new Composition([.. instances], [.. plugs], [.. exports]),
        };
    }

    private JsonElement[] Items(string name) => [.. Property(entry, name, JsonValueKind.Array, manifest).EnumerateArray()];

    private string Text(JsonElement element, string name) => Text(element, name, manifest);

    private static string Text(JsonElement element, string name, string manifest) => Property(element, name, JsonValueKind.String, manifest).GetString()!;

    private static JsonElement Property(JsonElement element, string name, JsonValueKind kind, string manifest) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value
            : throw Refused(manifest, $"an entry has no '{name}', or it is no {kind.ToString().ToLowerInvariant()}");

    private static DiagnosticException Refused(string manifest, string why) =>
        new(DiagnosticId.PULSE0003, new Location(manifest), $"'{manifest}' is not a composition: {why}");
}
