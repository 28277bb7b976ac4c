using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>The hot-path report for tools, as a SARIF log with one run. The same calls give the same text on every machine.</summary>
/// <remarks>SARIF 2.1.0, OASIS standard</remarks>
internal static class HotPathSarif
{
    private static readonly JsonWriterOptions Layout = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the log.</summary>
    public static string Write(ImmutableArray<SurvivingCall> calls, HotPathSeverity severity)
    {
        var level = severity switch { HotPathSeverity.Error => "error", HotPathSeverity.Warning => "warning", _ => "note" };
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Layout))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            WriteTool(json);
            json.WriteString("columnKind", "unicodeCodePoints");
            WriteResults(json, calls, level);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void WriteTool(Utf8JsonWriter json)
    {
        var row = DiagnosticCatalogue.Find(DiagnosticId.PULSE5001);
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "Pulse.Build.Sdk");
        json.WriteStartArray("rules");
        json.WriteStartObject();
        json.WriteString("id", row.Id.ToString());
        json.WriteString("name", "SurvivingHotPathCall");
        WriteText(json, "shortDescription", "A call survives on a hot path.");
        WriteText(json, "fullDescription", row.Explanation);
        json.WriteStartObject("defaultConfiguration");
        json.WriteString("level", "warning");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteResults(Utf8JsonWriter json, ImmutableArray<SurvivingCall> calls, string level)
    {
        json.WriteStartArray("results");
        var repetitions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var call in calls)
        {
            var identity = $"{call.Caller}->{call.Callee}";
            var repetition = repetitions[identity] = repetitions.GetValueOrDefault(identity) + 1;
            WriteResult(json, call, level, string.Create(CultureInfo.InvariantCulture, $"{identity}#{repetition}"));
        }

        json.WriteEndArray();
    }

    private static void WriteResult(Utf8JsonWriter json, SurvivingCall call, string level, string fingerprint)
    {
        var message = Diagnostic.Create(
            DiagnosticId.PULSE5001, Location.None, call.Caller, call.Callee, call.Entry, call.Reason, call.Cycles, HotPathText.Route(call));
        json.WriteStartObject();
        json.WriteString("ruleId", message.Code);
        json.WriteNumber("ruleIndex", 0);
        json.WriteString("level", level);
        WriteText(json, "message", message.Message);
        json.WriteStartArray("locations");
        json.WriteStartObject();
        WritePlace(json, call.Location);
        WriteFunctions(json, [call.Caller]);
        json.WriteEndObject();
        json.WriteEndArray();
        WritePath(json, call);
        json.WriteStartObject("partialFingerprints");
        json.WriteString("hotPathCall/v1", fingerprint);
        json.WriteEndObject();
        WriteProperties(json, call);
        json.WriteEndObject();
    }

    private static void WritePlace(Utf8JsonWriter json, Location location)
    {
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", Uri(location.File));
        json.WriteEndObject();
        json.WriteStartObject("region");
        if (location.Line > 0)
        {
            json.WriteNumber("startLine", location.Line);
            if (location.Column > 0)
            {
                json.WriteNumber("startColumn", location.Column);
            }
        }
        else
        {
            json.WriteNumber("byteOffset", Math.Max(0, location.Offset));
            json.WriteNumber("byteLength", 1);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFunctions(Utf8JsonWriter json, ReadOnlySpan<string> functions)
    {
        json.WriteStartArray("logicalLocations");
        foreach (var function in functions)
        {
            json.WriteStartObject();
            json.WriteString("fullyQualifiedName", function);
            json.WriteString("kind", "function");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The path from the entry as a stack: the caller on top.</summary>
    private static void WritePath(Utf8JsonWriter json, SurvivingCall call)
    {
        json.WriteStartArray("stacks");
        json.WriteStartObject();
        json.WriteStartArray("frames");
        foreach (var function in call.Path.Reverse())
        {
            json.WriteStartObject();
            json.WriteStartObject("location");
            WriteFunctions(json, [function]);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteProperties(Utf8JsonWriter json, SurvivingCall call)
    {
        json.WriteStartObject("properties");
        json.WriteString("entry", call.Entry);
        json.WriteString("caller", call.Caller);
        json.WriteString("callee", call.Callee);
        json.WriteString("reason", call.Reason);
        json.WriteNumber("cycles", call.Cycles);
        json.WriteNumber("loopDepth", call.LoopDepth);
        json.WriteNumber("pathLoopDepth", call.PathLoopDepth);
        json.WriteStartArray("targets");
        foreach (var target in call.Targets)
        {
            json.WriteStringValue(target);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string property, string text)
    {
        json.WriteStartObject(property);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    /// <summary>A URI reference: an absolute path becomes a <c>file:</c> URI, a relative one stays relative.</summary>
    private static string Uri(string path)
    {
        var forward = path.Replace('\\', '/');
        var escaped = string.Join('/', forward.Split('/').Select(System.Uri.EscapeDataString));
        return forward switch
        {
            ['/', ..] => "file://" + escaped,
            [var drive, ':', ..] => $"file:///{drive}:{escaped[(escaped.IndexOf('/', StringComparison.Ordinal) is var slash && slash < 0 ? escaped.Length : slash)..]}",
            _ => escaped,
        };
    }
}
