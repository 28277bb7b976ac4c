using Pulse.Build.Engine.Judge.Claims;
using System.Globalization;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Decoding;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>
/// Guesses which entities of two modules correspond. A wrong guess costs a proof, never its truth: whatever is found is checked by
/// <see cref="ModulePair"/>, and every pair that is used is proved.
/// </summary>
internal static class PairSearch
{
    public static EntityPairs Find(DecodedModule before, DecodedModule after, RefinementWitness witness)
    {
        var (factsBefore, factsAfter) = (new CodeFacts(before), new CodeFacts(after));
        var tables = StorePairing.Tables(before, factsBefore, after, factsAfter, witness.Tables);
        return new EntityPairs
        {
            Functions = new FunctionPairing(before, factsBefore, after, factsAfter).Find(witness.Functions, tables),
            Memories = [.. StorePairing.Memories(before, factsBefore, after, factsAfter, witness.Memories).Pairs],
            Tables = [.. tables.Pairs],
            Globals = [.. Globals(before, factsBefore, after, factsAfter).Pairs],
            Data =
            [
                .. Dropped(
                    before.Data.Count, b => factsBefore.Has(Use.DataDrop, b), b => Convert.ToHexString(before.Data[b].Bytes.Span),
                    after.Data.Count, a => factsAfter.Has(Use.DataDrop, a), a => Convert.ToHexString(after.Data[a].Bytes.Span)).Pairs,
            ],
            Elements =
            [
                .. Dropped(
                    before.Elements.Count, b => factsBefore.Has(Use.ElementDrop, b), b => Types(before, b),
                    after.Elements.Count, a => factsAfter.Has(Use.ElementDrop, a), a => Types(after, a)).Pairs,
            ],
        };
    }

    /// <summary>By import, by export, then in order among equal types and initial values.</summary>
    private static KeyPairing Globals(DecodedModule before, CodeFacts factsBefore, DecodedModule after, CodeFacts factsAfter)
    {
        var match = new KeyPairing(before.Globals.Count, after.Globals.Count);
        bool IsState(int b) => factsBefore.Changes(before.Globals[b]);
        bool WillBeState(int a) => factsAfter.Changes(after.Globals[a]);
        match.PairByKey(b => before.Globals[b].Import?.Key, a => after.Globals[a].Import?.Key);
        foreach (var export in before.Exports.Where(e => e.Kind == EntityKind.Global))
        {
            if (after.Exports.Find(e => e.Kind == EntityKind.Global && e.Name == export.Name) is { } other)
            {
                match.Pair(export.Index, other.Index);
            }
        }

        match.PairByKey(b => IsState(b) ? Key(before.Globals[b]) : null, a => WillBeState(a) ? Key(after.Globals[a]) : null);

        // Where only one side ever writes a global, it is state on both: that it is constant on one may be the very mistake.
        match.PairByKey(b => IsState(b) ? Key(before.Globals[b]) : null, a => MutableKey(after.Globals[a]));
        match.PairByKey(b => MutableKey(before.Globals[b]), a => WillBeState(a) ? Key(after.Globals[a]) : null);
        return match;
    }

    private static string? Key(GlobalEntity global)
        => global.Import is null ? string.Create(CultureInfo.InvariantCulture, $"{global.Kind} {global.Initial!.Text} {global.Initial.Value}") : null;

    private static string? MutableKey(GlobalEntity global) => global.Mutable ? Key(global) : null;

    /// <summary>Those that are dropped pair first: an equal one that is not dropped has its length for good.</summary>
    private static KeyPairing Dropped(
        int countBefore, Func<int, bool> before, Func<int, string> keyBefore, int countAfter, Func<int, bool> after, Func<int, string> keyAfter)
    {
        var match = new KeyPairing(countBefore, countAfter);
        match.PairByKey(b => before(b) ? keyBefore(b) : null, a => after(a) ? keyAfter(a) : null);
        match.PairByKey(b => before(b) ? keyBefore(b) : null, keyAfter);
        match.PairByKey(keyBefore, a => after(a) ? keyAfter(a) : null);
        return match;
    }

    private static string Types(DecodedModule module, int segment)
        => string.Join(';', module.Elements[segment].Items.Select(i => i.Kind == InitialKind.Function ? module.Functions[(int)i.Value].Signature.Text : i.Kind.ToString()));
}
