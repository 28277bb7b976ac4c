using Pulse.Build.Engine.Diagnostics;
using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Naming;
using Pulse.Build.Engine.Judge.Replay;
using Pulse.Build.Engine.Judge.Simulation.Checker;
using Pulse.Build.Engine.Judge.Simulation.Search;
using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Smt.Locating;
using Pulse.Build.Engine.Smt.Solving;

namespace Pulse.Build.Engine.Judge;

/// <summary>
/// The judge: shows that one module refines another, from their bytes alone. Same results, memories, globals and traps, and the same host
/// calls in the same order, for all inputs, endless loops included. Each pair of functions is a proof of its own that takes the other
/// pairs for granted, which is sound because all of them are proved and every call is a step that both sides see.
/// </summary>
internal static class RefinementChecker
{
    private const int StackBytes = 256 << 20;

    public static RefinementReport Check(byte[] before, byte[] after, RefinementOptions options)
        => Check(before, after, options, Z3Locator.Find(options.Z3Path));

    /// <summary>With a solver that the caller has found already.</summary>
    public static RefinementReport Check(byte[] before, byte[] after, RefinementOptions options, ISolver solver)
    {
        var (source, target) = (ModuleDecoder.Decode(before, options.BeforeName), ModuleDecoder.Decode(after, options.AfterName));
        var pair = new ModulePair(source, target, PairSearch.Find(source, target, options.Witness));
        var names = new ModuleNames(new FunctionNames(source), new FunctionNames(target));
        var work = ModuleProof.Wanted(pair);
        var verdicts = new FunctionVerdict[work.Count];
        var failures = new Exception?[work.Count];
        var (next, done) = (-1, 0);
        var reporting = new Lock();
        var budget = new ModuleBudget(work.Count, options.History.Left(options.ModuleWork));
        var remembering = new RememberingSolver(solver, options.History.Answers);
        void Run()
        {
            for (var i = Interlocked.Increment(ref next); i < work.Count && !options.Cancellation.IsCancellationRequested; i = Interlocked.Increment(ref next))
            {
                var judge = new FunctionJudge(pair, names, options, remembering, i);
                try
                {
                    verdicts[i] = judge.Judge(work[i], !budget.IsKnownOut(i));
                    budget.Finish(i, verdicts[i].NewWork);
                }
                catch (Exception e) when (e is not (OutOfMemoryException or DiagnosticException))
                {
                    // A defect of the judge is no proof and no refutation: the build goes on without the change, and says so.
                    verdicts[i] = judge.GaveUp(work[i], e);
                    budget.Finish(i, 0);
                }
                catch (Exception e)
                {
                    failures[i] = e; // thrown again below: a thread must not take the process down
                }

                lock (reporting)
                {
                    options.Progress?.Invoke(++done, work.Count);
                }
            }
        }

        // Terms nest deeply: the threads are given room. Results stand in the order of the functions whoever computed them.
        var threads = Enumerable.Range(0, Math.Clamp(options.Threads, 1, Math.Max(1, work.Count))).Select(_ => new Thread(Run, StackBytes)).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        options.Cancellation.ThrowIfCancellationRequested();
        if (Array.Find(failures, f => f is not null) is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        options.History.Finish(budget.Spent);
        ImmutableArray<FunctionVerdict> functions = [.. verdicts.Select((v, i) => budget.Reached(i) || v.Identical ? v : new FunctionJudge(pair, names, options, remembering, i).Judge(work[i], isInReach: false))];
        return new RefinementReport
        {
            Functions = functions,
            Proof = ModuleProof.Of(pair, functions.Select(f => f.Proof).OfType<SimulationProof>()),
            IsExhausted = work.Count > 0 && !budget.Reached(work.Count - 1),
            Module = Judge(pair),
            SolverVersion = solver.Version,
            SolverPath = solver.Path,
        };
    }

    /// <summary>What does not hold of the modules is refuted where the host sees it without running them; what of instantiation is not proved, where a run shows it.</summary>
    private static ImmutableArray<ModuleVerdict> Judge(ModulePair pair)
    {
        var visible = VisibleDifferences.Of(pair);
        var verdicts = ModuleObligations.Check(pair).Select(fact => fact.Holds ? new ModuleVerdict(fact.What, Verdict.Proved, "")
            : new ModuleVerdict(fact.What, visible.Contains(fact.What) ? Verdict.Refuted : Verdict.Unknown, fact.Otherwise)).ToImmutableArray();
        return verdicts.Any(v => v.Verdict == Verdict.Unknown) && new CounterexampleSearch(pair).FindAtInstantiation() is { } found
            ? verdicts.Add(new ModuleVerdict("instantiation", Verdict.Refuted, found.Difference)) : verdicts;
    }
}
