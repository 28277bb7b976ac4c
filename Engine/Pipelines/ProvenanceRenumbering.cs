using System.Text.Json;
using System.Text.Json.Nodes;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Gives the functions of a provenance the indices of the optimised module; those that are gone go.</summary>
/// <example><code>{"index": 24, "name": "app!run"}   =>   {"index": 13, "name": "app!run"}</code></example>
internal static class ProvenanceRenumbering
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, NewLine = "\n" };

    /// <param name="json">The provenance of the module that came in.</param>
    /// <param name="origins">For each function of the optimised module, its index in the module that came in.</param>
    /// <param name="path">The module, for diagnostics.</param>
    public static string Apply(string json, IReadOnlyList<int> origins, string path)
    {
        try
        {
            var root = JsonNode.Parse(json) ?? throw new JsonException("empty");
            if (root["functions"] is JsonArray functions)
            {
                var before = functions.OfType<JsonObject>().ToDictionary(f => f["index"] is { } i ? (int)i : -1);
                var after = new JsonArray();
                foreach (var (index, origin) in origins.Index())
                {
                    if (before.TryGetValue(origin, out var function))
                    {
                        var moved = (JsonObject)function.DeepClone();
                        moved["index"] = index;
                        after.Add((JsonNode)moved);
                    }
                }

                root["functions"] = after;
            }

            return root.ToJsonString(Layout) + "\n";
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new DiagnosticException(DiagnosticId.PULSE0003, new Location(path), $"the provenance beside '{path}' is not what fusion writes. Rebuild the project. ({problem.Message})");
        }
    }
}
