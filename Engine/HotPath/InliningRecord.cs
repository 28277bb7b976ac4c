using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>What the optimiser's report says about calls: which function became which, and why calls were not inlined.</summary>
internal sealed class InliningRecord
{
    private readonly Dictionary<int, int> _origins = [];
    private readonly Dictionary<(int Caller, int Callee), string> _reasons = [];
    private readonly Dictionary<int, string> _reasonOfCallee = [];
    private readonly HashSet<int> _keptOriginal = [];

    private InliningRecord() { }

    /// <summary>Reads the report; PULSE5004 when it is not one.</summary>
    public static InliningRecord Read(string json, string path)
    {
        var record = new InliningRecord();
        try
        {
            using var report = JsonDocument.Parse(json);
            foreach (var item in Items(report.RootElement, "origins"))
            {
                record._origins[item.GetProperty("after").GetInt32()] = item.GetProperty("before").GetInt32();
            }

            foreach (var item in Items(report.RootElement, "functions"))
            {
                if (item.TryGetProperty("keptOriginal", out var kept) && kept.GetBoolean())
                {
                    record._keptOriginal.Add(item.GetProperty("before").GetInt32());
                }
            }

            foreach (var item in Items(report.RootElement, "inlining"))
            {
                record.AddDecision(item);
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new DiagnosticException(DiagnosticId.PULSE5004, new Location(path), "the optimiser's report", problem.Message);
        }

        return record;
    }

    /// <summary>
    /// Why calls from one function to another are still there; null when the record has nothing. The caller's own decision comes first; a
    /// call that inlining brought into the caller was decided where it stood before.
    /// </summary>
    public string? Reason(FuncIndex caller, FuncIndex callee)
    {
        int from = Origin(caller), to = Origin(callee);
        return _keptOriginal.Contains(from) ? HotPathReason.NotProved
            : _reasons.TryGetValue((from, to), out var own) ? own
            : _reasonOfCallee.GetValueOrDefault(to);
    }

    private static IEnumerable<JsonElement> Items(JsonElement root, string name) =>
        root.TryGetProperty(name, out var array) ? array.EnumerateArray() : [];

    private void AddDecision(JsonElement item)
    {
        var caller = item.GetProperty("caller").GetInt32();
        var callee = item.GetProperty("callee").GetInt32();
        if (item.GetProperty("inlined").GetBoolean())
        {
            return;
        }

        // A later decision was taken on the code that is left.
        var reason = item.GetProperty("reason").GetString() ?? "";
        _reasons[(caller, callee)] = reason;
        _reasonOfCallee[callee] = reason;
    }

    private int Origin(FuncIndex function) => _origins.TryGetValue(function.Index, out var before) ? before : function.Index;
}
