using System.Globalization;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// Sorts globals into constants (immutable, or never written by live code and unknown outside), components of the state, and those that are
/// only written. Components pair by import, by export, then in order among equal types and initial values.
/// </summary>
internal static class GlobalPairing
{
    public static EntityMatch Run(ModuleView before, CodeFacts factsBefore, ModuleView after, CodeFacts factsAfter)
    {
        var stateBefore = Classify(before, factsBefore);
        var stateAfter = Classify(after, factsAfter);
        var match = new EntityMatch(stateBefore.Length, stateAfter.Length);
        match.PairByKey(b => stateBefore[b] ? before.Module.Globals[b].Import?.ToString() : null, a => stateAfter[a] ? after.Module.Globals[a].Import?.ToString() : null);
        foreach (var export in before.Module.Exports.Where(e => e.Kind == EntityKind.Global))
        {
            if (after.Module.Exports.Find(e => e.Kind == EntityKind.Global && e.Name == export.Name) is { } other && stateBefore[export.Index] && stateAfter[other.Index])
            {
                match.Pair(export.Index, other.Index);
            }
        }

        match.PairByKey(b => stateBefore[b] ? Key(before.Module.Globals[b]) : null, a => stateAfter[a] ? Key(after.Module.Globals[a]) : null);
        // Where only one side ever writes a global, it is state on both: that it is constant on one may be the very mistake.
        match.PairByKey(b => stateBefore[b] ? Key(before.Module.Globals[b]) : null, a => !stateAfter[a] ? MutableKey(after.Module.Globals[a]) : null);
        match.PairByKey(b => !stateBefore[b] ? MutableKey(before.Module.Globals[b]) : null, a => stateAfter[a] ? Key(after.Module.Globals[a]) : null);
        for (var b = 0; b < match.ToAfter.Length; b++)
        {
            if (match.ToAfter[b] is var a and >= 0 && before.Module.Globals[b] is var global && after.Module.Globals[a].Kind == global.Kind)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"global{b}");
                before.GlobalParts[b] = before.Layout.Add(PartKind.Global, BodyDecoder.WidthOf(global.Kind), name);
                after.GlobalParts[a] = before.GlobalParts[b];
            }
        }

        MarkWriteOnly(before, factsBefore, stateBefore, match.ToAfter);
        MarkWriteOnly(after, factsAfter, stateAfter, match.ToBefore);
        return match;
    }

    private static string? Key(GlobalEntity global) => global.Import is null ? $"{global.Kind} {global.Initial!.Text} {global.Initial.Value}" : null;

    private static string? MutableKey(GlobalEntity global) => global.Mutable ? Key(global) : null;

    /// <summary>Which globals are state; the others get their constant.</summary>
    private static bool[] Classify(ModuleView view, CodeFacts facts)
    {
        var state = new bool[view.Module.Globals.Count];
        foreach (var global in view.Module.Globals)
        {
            var known = view.Module.Exports.Exists(e => e.Kind == EntityKind.Global && e.Index == global.Index);
            var changes = global.Mutable && (global.Import is not null || known || facts.GlobalsWritten[global.Index]);
            if (changes)
            {
                state[global.Index] = true;
            }
            else
            {
                view.GlobalValues[global.Index] = global.Import is null ? global.Initial : new Initial(InitialKind.ImportedGlobal, (ulong)global.Index, "import");
            }
        }

        return state;
    }

    private static void MarkWriteOnly(ModuleView view, CodeFacts facts, bool[] state, int[] partners)
    {
        foreach (var global in view.Module.Globals)
        {
            view.WriteOnlyGlobals[global.Index] = state[global.Index] && partners[global.Index] < 0 && global.Import is null && !facts.GlobalsRead[global.Index]
                && !view.Module.Exports.Exists(e => e.Kind == EntityKind.Global && e.Index == global.Index);
        }
    }
}
