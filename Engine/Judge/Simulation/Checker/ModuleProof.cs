using Pulse.Build.Engine.Judge.Correspondence;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>That one module refines another: [M1] to [M7] hold, and every pair that a call of any proof may have used is proved. Made nowhere but here.</summary>
internal sealed class ModuleProof
{
    private ModuleProof()
    {
    }

    /// <summary>Every pair that has to be proved [M6]: each live function of the target with all of its class; with -1, if there is none.</summary>
    public static List<FunctionPair> Wanted(ModulePair pair)
    {
        var live = pair.After.Module.Functions.Where(f => f.Body is not null && pair.FactsAfter.Live[f.Index]).Select(f => f.Index);
        var byTarget = pair.Classes.Pairs.ToLookup(p => p.After);
        return [.. live.SelectMany(a => byTarget.Contains(a) ? byTarget[a] : [new FunctionPair(-1, a)])];
    }

    public static ModuleProof? Of(ModulePair pair, IEnumerable<FunctionProof> proofs)
    {
        var proved = proofs.Where(proof => ReferenceEquals(proof.Pair, pair)).Select(proof => proof.Functions).ToHashSet();
        return Wanted(pair).TrueForAll(proved.Contains) && ModuleObligations.Check(pair).All(v => v.Verdict == Verdict.Proved) ? new ModuleProof() : null;
    }
}
