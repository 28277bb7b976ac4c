using System.Collections.Immutable;
using System.Globalization;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Correspondence;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>Compares two runs: how they ended, the host's calls, and everything that is visible afterwards.</summary>
internal sealed class OutcomeComparison(ModulePair pair)
{
    public Counterexample? Compare(Signature signature, Scenario scenario, ConcreteMachine before, Outcome x, ConcreteMachine after, Outcome y)
    {
        if (Difference(before, x, after, y) is not { } difference)
        {
            return null;
        }

        var arguments = scenario.Arguments.Select((bits, i) => $"{signature.Parameters[i].ToString().ToLowerInvariant()} {Show(bits)}");
        var state = scenario.Parts.OrderBy(p => p.Key).Select(p => $"{pair.Before.Layout.Parts[p.Key].Name} = {Show(p.Value)}")
            .Concat(scenario.ImportedGlobals.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} = {Show(g.Value)}"))
            .Concat(scenario.Bytes.OrderBy(b => b.Key).Take(16).Select(b => $"{pair.Before.Layout.Parts[b.Key.Part].Name}[{Show(b.Key.Address)}] = {b.Value}"))
            .Concat(scenario.HostOwnsTables && pair.Before.TableParts.Any(p => p >= 0) ? ["tables filled by the host"] : Array.Empty<string>())
            .Concat(scenario.Seed != 0 ? [string.Create(CultureInfo.InvariantCulture, $"memory filled from seed {scenario.Seed}")] : Array.Empty<string>());
        return new Counterexample([.. arguments], [.. state], x.ToString(), y.ToString(), difference);
    }

    private string? Difference(ConcreteMachine before, Outcome x, ConcreteMachine after, Outcome y)
    {
        if (x.Trap != y.Trap)
        {
            return x.Trap is null ? "only the optimised one traps" : y.Trap is null ? "only the original traps" : "they trap for different reasons";
        }

        if (!x.Results.AsSpan().SequenceEqual(y.Results))
        {
            return "the results differ";
        }

        for (var i = 0; i < Math.Max(before.Trace.Count, after.Trace.Count); i++)
        {
            var (a, b) = (i < before.Trace.Count ? before.Trace[i] : "none", i < after.Trace.Count ? after.Trace[i] : "none");
            if (a != b)
            {
                return string.Create(CultureInfo.InvariantCulture, $"host call {i} differs: {a} against {b}");
            }
        }

        return Memories(before, after) ?? Globals(before, after);
    }

    private string? Memories(ConcreteMachine before, ConcreteMachine after)
    {
        foreach (var (part, a) in before.Memories)
        {
            var b = after.Memories[part];
            var name = pair.Before.Layout.Parts[part].Name;
            foreach (var address in a.Written.Union(b.Written).Order())
            {
                if (a[address] != b[address])
                {
                    return $"{name}[{Show(address)}] ends as {a[address]} against {b[address]}";
                }
            }

            if (a.Pages != b.Pages)
            {
                return $"{name} ends with {a.Pages} pages against {b.Pages}";
            }
        }

        return null;
    }

    private string? Globals(ConcreteMachine before, ConcreteMachine after)
    {
        for (var b = 0; b < pair.Before.GlobalParts.Length; b++)
        {
            if (pair.Before.Module.Globals[b].Kind != ValueKind.V128 && pair.Before.GlobalParts[b] is var part and >= 0 && Array.IndexOf(pair.After.GlobalParts, part) is var a and >= 0)
            {
                var (x, y) = (before.ReadGlobal(b).Value, after.ReadGlobal(a).Value);
                if (x != y)
                {
                    return $"{pair.Before.Layout.Parts[part].Name} ends as {Show(x)} against {Show(y)}";
                }
            }
        }

        return null;
    }

    private static string Show(ulong value) => value < 4096 ? value.ToString(CultureInfo.InvariantCulture) : $"0x{value:x}";
}
