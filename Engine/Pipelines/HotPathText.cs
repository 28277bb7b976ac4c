using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>The hot-path report for people.</summary>
internal static class HotPathText
{
    /// <summary>How the entry comes to the call: <c> (poll → step, in 2 loops)</c>; empty for a call in the entry itself outside loops.</summary>
    public static string Route(SurvivingCall call)
    {
        var parts = new List<string>();
        if (call.Path.Length > 1)
        {
            parts.Add(string.Join(" → ", call.Path));
        }

        if (call.PathLoopDepth > 0)
        {
            parts.Add(call.PathLoopDepth == 1 ? "in a loop" : string.Create(CultureInfo.InvariantCulture, $"in {call.PathLoopDepth} loops"));
        }

        return parts.Count == 0 ? "" : $" ({string.Join(", ", parts)})";
    }

    /// <summary>A head line, then two lines for each call, the hottest first.</summary>
    public static string Write(ImmutableArray<SurvivingCall> calls)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{calls.Length} {(calls.Length == 1 ? "call survives" : "calls survive")} on hot paths\n");
        foreach (var call in calls)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{call.Caller} -> {call.Callee}: {call.Reason}; about {call.Cycles} cycles\n");
            text.Append(CultureInfo.InvariantCulture, $"    {Place(call.Location)}, on the hot path of {call.Entry}{Route(call)}\n");
        }

        return text.ToString();
    }

    private static string Place(Location location) => location.Line > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{location.File}({location.Line},{Math.Max(1, location.Column)})")
        : string.Create(CultureInfo.InvariantCulture, $"{location.File} at byte 0x{location.Offset:x}");
}
