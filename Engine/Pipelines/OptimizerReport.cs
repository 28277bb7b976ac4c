using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>The optimiser's report as JSON: what was proved and how, what was kept, and why each call was or was not inlined.</summary>
internal static class OptimizerReport
{
    private static readonly JsonWriterOptions Layout = new() { Indented = true, NewLine = "\n" };

    /// <summary>Writes the report; the same input gives the same text.</summary>
    public static string Write(OptimizedModule optimized, RefinementReport? report, FunctionNames names, FallbackLadder ladder, ImmutableArray<InterruptFacts> interrupts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Layout))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", 1);
            if (report is not null)
            {
                json.WriteString("verdict", report.Verdict.ToString().ToLowerInvariant());
                json.WriteString("solver", report.SolverVersion);
                json.WriteNumber("largestWork", report.LargestWork);
                Strings(json, "assumptions", [.. report.Functions.SelectMany(f => f.Assumptions).Append(Assumptions.Interrupts).Distinct().Order(StringComparer.Ordinal)]);
                Functions(json, report, ladder);
                Fallbacks(json, names, ladder);
                Module(json, report);
            }
            else
            {
                json.WriteString("verdict", "off");
            }

            InterruptReport.Write(json, interrupts);
            Origins(json, optimized, names);
            Decisions(json, optimized, names);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void Functions(Utf8JsonWriter json, RefinementReport report, FallbackLadder ladder)
    {
        json.WriteStartArray("functions");
        foreach (var verdict in report.Functions)
        {
            json.WriteStartObject();
            json.WriteString("name", verdict.Name);
            json.WriteNumber("before", verdict.Before);
            json.WriteNumber("after", verdict.After);
            json.WriteBoolean("changed", !verdict.Identical);
            var fallback = ladder.KeepsModule ? ladder.Module : ladder.Of(verdict.Before);
            json.WriteString("fallback", fallback?.Name ?? "none");
            json.WriteBoolean("keptOriginal", fallback is { Level.Level: OptimizationLevel.Original });
            if (fallback is not null)
            {
                Why(json, fallback);
            }

            json.WriteString("verdict", verdict.Verdict.ToString().ToLowerInvariant());
            json.WriteNumber("obligations", verdict.Obligations);
            json.WriteNumber("syntactic", verdict.Syntactic);
            json.WriteNumber("queries", verdict.Queries);
            json.WriteNumber("largestWork", verdict.LargestWork);
            Strings(json, "assumptions", verdict.Assumptions);
            Strings(json, "inlined", verdict.Inlined);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Those of functions that inlining removed in the end too; the module's own, if it has one, has the function -1.</summary>
    private static void Fallbacks(Utf8JsonWriter json, FunctionNames names, FallbackLadder ladder)
    {
        json.WriteStartArray("fallbacks");
        foreach (var fallback in ladder.Module is { } whole ? ladder.Functions.Prepend(whole) : ladder.Functions)
        {
            json.WriteStartObject();
            json.WriteNumber("function", fallback.Function);
            json.WriteString("name", fallback.Function < 0 ? "" : names[new FuncIndex(fallback.Function)]);
            json.WriteString("fallback", fallback.Name);
            Why(json, fallback);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Why(Utf8JsonWriter json, Fallback fallback)
    {
        Strings(json, "notInlined", fallback.Callees);
        json.WriteString("obligation", fallback.Obligation);
        json.WriteString("reason", fallback.Reason);
    }

    private static void Module(Utf8JsonWriter json, RefinementReport report)
    {
        json.WriteStartArray("module");
        foreach (var verdict in report.Module)
        {
            json.WriteStartObject();
            json.WriteString("what", verdict.What);
            json.WriteString("verdict", verdict.Verdict.ToString().ToLowerInvariant());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Origins(Utf8JsonWriter json, OptimizedModule optimized, FunctionNames names)
    {
        json.WriteStartArray("origins");
        foreach (var (after, before) in optimized.Origins.Index())
        {
            json.WriteStartObject();
            json.WriteNumber("after", after);
            json.WriteNumber("before", before);
            json.WriteString("name", names[new FuncIndex(before)]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Decisions(Utf8JsonWriter json, OptimizedModule optimized, FunctionNames names)
    {
        json.WriteStartArray("inlining");
        foreach (var decision in optimized.Decisions)
        {
            json.WriteStartObject();
            json.WriteNumber("caller", decision.Caller);
            json.WriteNumber("callee", decision.Callee);
            json.WriteString("callerName", names[new FuncIndex(decision.Caller)]);
            json.WriteString("calleeName", names[new FuncIndex(decision.Callee)]);
            json.WriteBoolean("inlined", decision.Inlined);
            json.WriteString("reason", decision.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Strings(Utf8JsonWriter json, string property, ImmutableArray<string> values)
    {
        json.WriteStartArray(property);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
