using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// Sorts globals into constants (immutable, or never written by live code and unknown outside), components of the state that both modules
/// have, and those that are only written.
/// </summary>
internal static class GlobalUses
{
    public static EntityMatch Run(ModuleView before, CodeFacts factsBefore, ModuleView after, CodeFacts factsAfter, IEnumerable<(int Before, int After)> pairs)
    {
        var (x, y) = (before.Module.Globals, after.Module.Globals);
        var match = new EntityMatch(x.Count, y.Count, pairs, (b, a) =>
            x[b].Kind == y[a].Kind && x[b].Import == y[a].Import && (Changes(before.Module, factsBefore, x[b]) || Changes(after.Module, factsAfter, y[a])));
        for (var b = 0; b < x.Count; b++)
        {
            if (match.ToAfter[b] is var a and >= 0)
            {
                before.GlobalParts[b] = before.Layout.Add(PartKind.Global, BodyDecoder.WidthOf(x[b].Kind), FormattableString.Invariant($"global{b}"));
                after.GlobalParts[a] = before.GlobalParts[b];
            }
        }

        Rest(before, factsBefore);
        Rest(after, factsAfter);
        return match;
    }

    /// <summary>Whether anything can write a global once the module is instantiated.</summary>
    public static bool Changes(DecodedModule module, CodeFacts facts, GlobalEntity global)
        => global.Mutable && (global.Import is not null || facts.IsExported(EntityKind.Global, global.Index) || facts.Has(Use.GlobalWrite, global.Index));

    private static void Rest(ModuleView view, CodeFacts facts)
    {
        foreach (var global in view.Module.Globals)
        {
            if (!Changes(view.Module, facts, global))
            {
                view.GlobalValues[global.Index] = global.Initial ?? new Initial(InitialKind.ImportedGlobal, (ulong)global.Index, "import");
            }
            else if (view.GlobalParts[global.Index] < 0)
            {
                view.WriteOnlyGlobals[global.Index] = global.Import is null && !facts.Has(Use.GlobalRead, global.Index) && !facts.IsExported(EntityKind.Global, global.Index);
            }
        }
    }
}
