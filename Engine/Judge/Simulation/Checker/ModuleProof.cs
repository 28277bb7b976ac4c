using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Simulation.Certificates;
using Pulse.Build.Engine.Judge.Simulation.Discharging;
using Pulse.Build.Engine.Smt.Terms;

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

    public static ModuleProof? Of(ModulePair pair, IEnumerable<SimulationProof> proofs)
    {
        var proved = proofs.Where(proof => ReferenceEquals(proof.Pair, pair)).Select(proof => proof.Functions).ToHashSet();
        return Wanted(pair).TrueForAll(proved.Contains) && ModuleObligations.Check(pair).TrueForAll(fact => fact.Holds) ? new ModuleProof() : null;
    }
}

/// <summary>That a pair of functions is proved, all other pairs of the two modules taken for granted. Made nowhere but here.</summary>
internal sealed class SimulationProof
{
    private SimulationProof(ModulePair pair, FunctionPair functions) => (Pair, Functions) = (pair, functions);

    public ModulePair Pair { get; }

    public FunctionPair Functions { get; }

    /// <summary>The bodies are the same but for the numbering of entities.</summary>
    public static SimulationProof? ByIdentity(ModulePair pair, FunctionPair functions) => IdenticalBodies.Check(pair, functions) ? new SimulationProof(pair, functions) : null;

    /// <summary>A certificate holds of the two graphs, with the calls expanded that it names.</summary>
    public static SimulationProof? ByCertificate(ModulePair pair, FunctionPair functions, Certificate certificate, TermFactory factory, ObligationLog log)
    {
        var expanded = certificate.Expanded.ToHashSet(StringComparer.Ordinal);
        var before = Side.Of(pair.Before, functions.Before, (site, _) => expanded.Contains(site));
        var after = Side.Of(pair.After, functions.After);
        return new CertificateChecker(factory, before, after, new Obligations(factory, log)).Check(certificate) ? new SimulationProof(pair, functions) : null;
    }
}
