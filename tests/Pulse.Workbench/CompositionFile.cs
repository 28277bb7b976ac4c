using System.Text.Json;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Workbench;

/// <summary>An entry of a composition manifest: which components there are and how they are wired.</summary>
internal static class CompositionFile
{
    /// <summary>Reads <paramref name="entry"/>; component files stand in <c>build/</c> beside the manifest.</summary>
    public static FuseOptions Read(JsonElement entry, string folder)
    {
        var components = entry.GetProperty("components").EnumerateArray().ToArray();
        var instances = components.Select((c, i) => new CompositionInstance(Text(c, "instance"), i));
        var plugs = entry.GetProperty("plugs").EnumerateArray()
            .Select(p => new CompositionPlug(Text(p, "instance"), Text(p, "import"), Text(p, "from"), Text(p, "export")));
        var exports = entry.GetProperty("exports").EnumerateObject().Select(e => new CompositionExport(e.Name, e.Value.GetString()!, e.Name));
        return new FuseOptions
        {
            Components = [.. components.Select(c => Arguments.Read(Path.Combine(folder, Text(c, "file"))))],
            Composition = new Composition([.. instances], [.. plugs], [.. exports]),
        };
    }

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;
}
