using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>A place that a handler touches, in words.</summary>
/// <param name="What"><c>global 3</c>, <c>memory 0: 552 to 555</c>, <c>memory 0: from 32</c>, <c>memory 0</c> as a whole, or the stack frame.</param>
/// <param name="Access"><c>reads</c>, <c>writes</c> or <c>frame</c>.</param>
/// <param name="Component">Whose place it is; empty when nobody says.</param>
internal sealed record SharedPlace(string What, string Access, string Component);

/// <summary>What a report says of an interrupt handler.</summary>
internal sealed record InterruptFacts(string Handler, string Vector, int? Priority, ImmutableArray<SharedPlace> Places, ImmutableArray<(string Function, int Accesses)> Functions)
{
    /// <summary>
    /// Components that the handler enters, and that other functions run in too: it may find one of them in the middle of something, which the
    /// Component Model forbids. <c>Reentrant="false"</c> makes it a trap.
    /// </summary>
    public ImmutableArray<string> Enters { get; init; } = [];

    /// <summary>The facts of each handler; <paramref name="provenance"/> is the JSON of fusion, or null.</summary>
    public static ImmutableArray<InterruptFacts> Of(ImmutableArray<HandlerSharing> handlers, string? provenance, FunctionNames names, string path)
    {
        var regions = provenance is null || handlers.IsEmpty ? [] : Regions(provenance, path);
        var owners = provenance is null || handlers.IsEmpty ? [] : Owners(provenance, path);
        return [.. handlers.Select(sharing => new InterruptFacts(
            sharing.Handler.Export,
            sharing.Handler.Vector,
            sharing.Handler.Priority,
            [.. PlacesOf(sharing, regions)],
            [.. sharing.Functions.Select(user => (names[new FuncIndex(user.Function)], user.Accesses))])
        {
            Enters = [.. owners.Where(owner => sharing.Reached.Contains(owner.Function)).Select(owner => owner.Component).Distinct(StringComparer.Ordinal)
                .Where(component => owners.Any(owner => owner.Component == component && !sharing.Reached.Contains(owner.Function)))],
        })];
    }

    /// <summary>One line: the handler, its places, and who shares them.</summary>
    public override string ToString()
    {
        var places = Places.Length == 0 ? "nothing" : string.Join(", ", Places.Select(place => $"{place.What}{(place.Component.Length > 0 ? $" of {place.Component}" : "")} ({place.Access})"));
        var users = Functions.Length == 0 ? "no other function" : string.Join(", ", Functions.Select(user => string.Create(CultureInfo.InvariantCulture, $"{user.Function} ({user.Accesses})")));
        return $"interrupt handler {Handler}: touches {places}; accesses that are events for it: {users}{(Enters.IsEmpty ? "" : "; enters " + string.Join(", ", Enters))}";
    }

    private static IEnumerable<SharedPlace> PlacesOf(HandlerSharing sharing, ImmutableArray<Region> regions)
    {
        var places = sharing.Places;
        if (places.ChangesStructure)
        {
            yield return new SharedPlace("tables, segments or sizes of memories", "writes", "");
        }

        foreach (var global in places.GlobalsTouched)
        {
            yield return new SharedPlace(string.Create(CultureInfo.InvariantCulture, $"global {global}"), places.GlobalsWritten.Contains(global) ? "writes" : "reads", "");
        }

        foreach (var (memory, from, to, written) in places.Bytes())
        {
            var isOpen = to > uint.MaxValue;
            var what = !isOpen ? $"memory {memory}: {from} to {to - 1}" : from > 0 ? $"memory {memory}: from {from}" : $"memory {memory}";
            var owners = regions.Where(r => r.Memory == memory && r.Start < to && from < r.End).Select(r => r.Component).Distinct(StringComparer.Ordinal);
            yield return new SharedPlace(what, written ? "writes" : "reads", isOpen ? "" : string.Join(", ", owners));
        }

        foreach (var (global, memory) in places.Frames)
        {
            yield return new SharedPlace($"memory {memory} below global {global}", "frame", "");
        }
    }

    private sealed record Region(int Memory, string Component, ulong Start, ulong End);

    private static ImmutableArray<Region> Regions(string provenance, string path) => Read<Region>(provenance, path, root => (root["memory"] as JsonArray ?? [])
        .SelectMany((memory, index) => (memory?["regions"] as JsonArray ?? []).OfType<JsonObject>().Select(region =>
            new Region(index, (string)Required(region, "component")!, (ulong)Required(region, "start"), (ulong)Required(region, "start") + (ulong)Required(region, "size")))));

    /// <summary>The functions that are code of a component, with the component.</summary>
    private static ImmutableArray<(int Function, string Component)> Owners(string provenance, string path) => Read<(int, string)>(provenance, path, root => (root["functions"] as JsonArray ?? [])
        .OfType<JsonObject>().Where(function => (string?)function["kind"] == "code" && function["component"] is not null)
        .Select(function => ((int)Required(function, "index"), (string)Required(function, "component")!)));

    private static ImmutableArray<T> Read<T>(string provenance, string path, Func<JsonObject, IEnumerable<T>> part)
    {
        try
        {
            return JsonNode.Parse(provenance) is JsonObject root ? [.. part(root)] : [];
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new DiagnosticException(DiagnosticId.PULSE0003, new Location(path), $"the provenance beside '{path}' is not what fusion writes. Rebuild the project. ({problem.Message})");
        }
    }

    private static JsonNode Required(JsonObject region, string name) => region[name] ?? throw new FormatException($"a region has no '{name}'");
}
