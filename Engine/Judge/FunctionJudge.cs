using Pulse.Build.Engine.Judge.Simulation.Checker;
using Pulse.Build.Engine.Judge.Simulation.Discharging;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Naming;
using Pulse.Build.Engine.Judge.Replay;
using Pulse.Build.Engine.Smt.Solving;

namespace Pulse.Build.Engine.Judge;

/// <summary>Decides one pair of functions: identity first, then proofs with each plausible set of inlined calls, then a counterexample.</summary>
internal sealed class FunctionJudge(ModulePair pair, ModuleNames names, RefinementOptions options, ISolver solver, int number)
{
    /// <summary>The verdict on a pair.</summary>
    /// <param name="functions">The pair.</param>
    /// <param name="isInReach">Whether there is work left for a proof; bodies that are the same need none.</param>
    public FunctionVerdict Judge(FunctionPair functions, bool isInReach = true)
    {
        var name = names.After.Of(functions.After);
        var verdict = new FunctionVerdict { Before = functions.Before, After = functions.After, Name = name, Verdict = Verdict.Unknown };
        if (functions.Before < 0)
        {
            return verdict with { Reason = "no function of the original module corresponds to it" };
        }

        if (SimulationProof.ByIdentity(pair, functions) is { } proof)
        {
            return verdict with { Verdict = Verdict.Proved, Proof = proof, Identical = true };
        }

        if (!isInReach)
        {
            return verdict with { Reason = ModuleBudget.Reason };
        }

        var prover = new FunctionProver(pair, names, options, solver, number);
        verdict = prover.Prove(functions, verdict);
        return verdict.Verdict == Verdict.Proved ? verdict : Refute(functions, verdict, prover.Failure);
    }

    private FunctionVerdict Refute(FunctionPair functions, FunctionVerdict verdict, FailedObligation? failure)
    {
        var model = failure is not null && failure.What.StartsWith("entry ", StringComparison.Ordinal) ? failure.Model : null;
        return new CounterexampleSearch(pair).Find(functions, model) is { } counterexample
            ? verdict with { Verdict = Verdict.Refuted, Reason = counterexample.Difference, Counterexample = counterexample } : verdict;
    }

    /// <summary>The verdict where the judge itself failed.</summary>
    public FunctionVerdict GaveUp(FunctionPair functions, Exception defect) => new()
    {
        Before = functions.Before,
        After = functions.After,
        Name = names.After.Of(functions.After),
        Verdict = Verdict.Unknown,
        Reason = $"the judge failed, which is a defect of its own ({defect.GetType().Name}: {defect.Message})",
    };
}
