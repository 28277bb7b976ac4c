using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pulse.Build.Engine.Fusion.Entities;

namespace Pulse.Build.Engine.Fusion;

/// <summary>Where the parts of a fused module come from. It names files by their last part only, so that no machine path travels.</summary>
/// <param name="Functions">The functions by index.</param>
/// <param name="Edges">The edges between components and with the host.</param>
/// <param name="Memories">The memory plan.</param>
/// <param name="HostBoundary">The memory through which the host passes data, or null.</param>
internal sealed record ProvenanceMap(
    ImmutableArray<FunctionOrigin> Functions, ImmutableArray<EdgeRecord> Edges, ImmutableArray<PlannedMemory> Memories, HostBoundaryRecord? HostBoundary)
{
    /// <summary>The map as JSON, the same for the same input on every machine.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            Array(json, "functions", Functions, Function);
            Array(json, "edges", Edges, edge =>
            {
                json.WriteString("from", edge.From);
                json.WriteString("to", edge.To);
                json.WriteString("function", edge.Function);
                json.WriteString("type", edge.Type);
                json.WriteString("kind", edge.Kind);
            });
            Array(json, "memory", Memories, memory => Memory(json, memory));
            if (HostBoundary is not null)
            {
                json.WriteStartObject("border");
                json.WriteNumber("memory", HostBoundary.Memory);
                json.WriteString("encoding", HostBoundary.Encoding);
                json.WriteEndObject();
            }

            json.WriteEndObject();

            void Function(FunctionOrigin function)
            {
                json.WriteNumber("index", function.Index);
                json.WriteString("name", function.Name);
                json.WriteString("kind", function.Kind);
                Optional(json, "component", function.Component);
                Optional(json, "file", function.File);
                if (function.SourceIndex >= 0)
                {
                    json.WriteNumber("sourceIndex", function.SourceIndex);
                    json.WriteNumber("offset", function.Offset);
                }

                Optional(json, "edge", function.Edge);
            }
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Memory(Utf8JsonWriter json, PlannedMemory memory)
    {
        json.WriteNumber("bytes", memory.Bytes);
        json.WriteNumber("pages", memory.Pages);
        if (memory.Stack is { } stack)
        {
            json.WriteNumber("stackLow", stack.Low);
            json.WriteNumber("stackHigh", stack.High);
        }

        if (memory.KeptStack is { } kept)
        {
            json.WriteNumber("keptStackLow", kept.Low);
            json.WriteNumber("keptStackHigh", kept.High);
        }

        Array(json, "regions", memory.Regions, region =>
        {
            json.WriteString("component", region.Component);
            json.WriteString("kind", region.Kind);
            json.WriteNumber("start", region.Start);
            json.WriteNumber("size", region.Size);
        });
    }

    private static void Array<T>(Utf8JsonWriter json, string name, ImmutableArray<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}

/// <summary>Where a function comes from.</summary>
/// <param name="Index">Its index in the fused module.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Kind">"import", "code", "adapter", "shared" for a part of adapters, or "start".</param>
/// <param name="Component">The component instance whose code it is.</param>
/// <param name="File">Name of that component's file.</param>
/// <param name="SourceIndex">Its index in the source module, or -1.</param>
/// <param name="Offset">Byte offset of its code in the file.</param>
/// <param name="Edge">The edge that an adapter implements.</param>
internal sealed record FunctionOrigin(
    int Index, string Name, string Kind, string? Component = null, string? File = null, int SourceIndex = -1, int Offset = 0, string? Edge = null);

/// <summary>How the host passes data.</summary>
internal sealed record HostBoundaryRecord(int Memory, string Encoding);
