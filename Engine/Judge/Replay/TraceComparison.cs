using System.Globalization;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>
/// Compares what a host saw of two modules: the first event that differs. A run that was cut may have gone on as the other did, so nothing
/// behind its end counts.
/// </summary>
internal static class TraceComparison
{
    public static Counterexample? Compare(Scenario scenario, HostSide x, HostSide y)
    {
        var common = Math.Min(x.Trace.Count, y.Trace.Count);
        var at = Enumerable.Range(0, common).FirstOrDefault(i => x.Trace[i] != y.Trace[i], -1);
        if (at < 0)
        {
            return null;
        }

        var (a, b) = (x.Trace[at], y.Trace[at]);
        var difference = a.What != b.What || a.Key != b.Key ? string.Create(CultureInfo.InvariantCulture, $"event {at} is {a.What} against {b.What}")
            : string.Create(CultureInfo.InvariantCulture, $"what the host can see differs at event {at}, {a.What}{Places(x, y, at)}");
        var last = scenario.Calls.LastOrDefault();
        var state = scenario.Calls.SkipLast(1).Select(c => $"{c.Entry}({string.Join(", ", c.Arguments.Select(Show))}) before it")
            .Concat(scenario.Callback is { } callback ? [$"the host calling back {callback.Entry}({string.Join(", ", callback.Arguments.Select(Show))})"] : Array.Empty<string>())
            .Concat(scenario.Globals.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key} = {Show(p.Value)}"))
            .Concat(scenario.Pages.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key} of {p.Value} pages"))
            .Concat(scenario.Bytes.OrderBy(p => p.Key.Place, StringComparer.Ordinal).ThenBy(p => p.Key.Address).Take(16).Select(p => $"{p.Key.Place}[{Show(p.Key.Address)}] = {p.Value}"))
            .Concat(scenario.TableType is { } type ? [$"tables filled with functions {type}"] : Array.Empty<string>())
            .Concat(scenario.Seed != 0 ? [string.Create(CultureInfo.InvariantCulture, $"what the host gives from seed {scenario.Seed}")] : Array.Empty<string>());
        return new Counterexample(last is null ? "instantiation" : last.Entry.ToString(), [.. last?.Arguments.Select(Show) ?? []], [.. state], a.What, b.What, difference);
    }

    /// <summary>The first byte that differs, where the runs stopped at that event.</summary>
    private static string Places(HostSide x, HostSide y, int at)
    {
        if (at + 1 != x.Trace.Count || at + 1 != y.Trace.Count)
        {
            return "";
        }

        foreach (var name in x.Memories)
        {
            if (x.Memory(name) is { } a && y.Memory(name) is { } b)
            {
                foreach (var address in a.Written.Union(b.Written).Order().Where(p => a[p] != b[p]).Take(1))
                {
                    return $": {name}[{Show(address)}] is {a[address]} against {b[address]}";
                }
            }
        }

        return "";
    }

    private static string Show(ulong value) => value < 4096 ? value.ToString(CultureInfo.InvariantCulture) : $"0x{value:x}";
}
