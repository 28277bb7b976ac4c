using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Compares the stacks of linear memory with what the optimised code can take of them.</summary>
internal static class ShadowStackCheck
{
    /// <summary>PULSE4056 when the deepest calls of the program and its handlers do not fit.</summary>
    public static void Require(Program program, LowerOptions options)
    {
        var entries = options.Output == OutputKind.Firmware ? [options.Entry] : (System.Collections.Immutable.ImmutableArray<string>?)null;
        foreach (var plan in ShadowStackPlan.Of(program, entries, options.InterruptHandlers))
        {
            var low = StackEnd(program.Module, plan.Top, options.ProvenanceJson, options.Module.Path);
            if (plan.Bytes is { } bytes && bytes > plan.Top - low)
            {
                throw new DiagnosticException(DiagnosticId.PULSE4056, new Location(options.Module.Path), plan.Top - low, bytes, plan.Chains);
            }
        }
    }

    /// <summary>The lowest address of the stack below <paramref name="top"/>: what fusion planned, else the end of the data in front of it.</summary>
    private static uint StackEnd(Module module, uint top, string? provenance, string path)
    {
        if (provenance is not null && Planned(provenance, top, path) is { } planned)
        {
            return planned;
        }

        ulong low = 0;
        foreach (var segment in module.Data.Where(segment => segment.Mode == SegmentMode.Active && segment.Offset is not null))
        {
            var end = segment.Offset!.TryEvaluate(out var offset) ? (offset.Bits & uint.MaxValue) + (ulong)segment.Bytes.Length : 0;
            low = end <= top ? Math.Max(low, end) : low;
        }

        return (uint)Math.Min((low + 15) & ~15UL, top);
    }

    private static uint? Planned(string provenance, uint top, string path)
    {
        try
        {
            var memories = JsonNode.Parse(provenance)?["memory"] as JsonArray ?? [];
            return memories.OfType<JsonObject>().Where(memory => (uint?)memory["stackHigh"] == top).Select(memory => (uint?)memory["stackLow"]).FirstOrDefault();
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new DiagnosticException(DiagnosticId.PULSE0003, new Location(path), string.Create(
                CultureInfo.InvariantCulture, $"the provenance beside '{path}' is not what fusion writes. Rebuild the project. ({problem.Message})"));
        }
    }
}
