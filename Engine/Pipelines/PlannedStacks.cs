using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Where the stacks of linear memory lie, from what fusion writes beside the module.</summary>
internal static class PlannedStacks
{
    /// <summary>The lowest address and the end of each stack of which that is known; a pointer starts at the end.</summary>
    public static ImmutableArray<(uint Low, uint High)> Read(string? provenance, string path)
    {
        try
        {
            var memories = provenance is null ? [] : JsonNode.Parse(provenance)?["memory"] as JsonArray ?? [];
            return [.. memories.OfType<JsonObject>().SelectMany(memory => new[] { Range(memory, "stackLow", "stackHigh"), Range(memory, "keptStackLow", "keptStackHigh") })
                .OfType<(uint, uint)>()];
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new DiagnosticException(DiagnosticId.PULSE0003, new Location(path), $"the provenance beside '{path}' is not what fusion writes. Rebuild the project. ({problem.Message})");
        }
    }

    private static (uint Low, uint High)? Range(JsonObject memory, string low, string high)
        => memory[low] is { } from && memory[high] is { } to && (uint)from <= (uint)to ? ((uint)from, (uint)to) : null;
}
