using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Replay;
using Pulse.Build.Engine.Judge.Simulation.Checker;

namespace Pulse.Build.Engine.Judge;

/// <summary>The three verdicts. There is no fourth: nothing is skipped, trusted or counted as proved for want of a model.</summary>
internal enum Verdict { Proved, Refuted, Unknown }

/// <summary>The verdict on something of the module as a whole: an export, a memory's initial contents, an import.</summary>
internal sealed record ModuleVerdict(string What, Verdict Verdict, string Reason);

/// <summary>
/// The verdict on one pair of functions. <see cref="Verdict.Proved"/> takes the other pairs of the report for granted: where it calls a
/// function, it is proved only if that one's pair is. Taken for itself it says something when the whole report is proved.
/// </summary>
internal sealed record FunctionVerdict
{
    /// <summary>Index in the source module, or -1 when the target function has no counterpart.</summary>
    public required int Before { get; init; }

    public required int After { get; init; }

    public required string Name { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>What shows that it is proved, if it is.</summary>
    public SimulationProof? Proof { get; init; }

    /// <summary>Why it is not proved; empty if it is.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The obligation that failed.</summary>
    public string Obligation { get; init; } = "";

    /// <summary>Inputs on which the two functions were run to different ends.</summary>
    public Counterexample? Counterexample { get; init; }

    /// <summary>Whether both bodies are the same but for the numbering of entities.</summary>
    public bool Identical { get; init; }

    public int Obligations { get; init; }

    /// <summary>Obligations settled because both sides became the same term.</summary>
    public int Syntactic { get; init; }

    /// <summary>Formulas sent to the solver, guesses of loop relations included.</summary>
    public int Queries { get; init; }

    public long LargestWork { get; init; }

    /// <summary>Work of all its proofs, without what was answered from memory.</summary>
    public long NewWork { get; init; }

    /// <summary>Assumptions that the verdict rests on, by name.</summary>
    public ImmutableArray<string> Assumptions { get; init; } = [];

    /// <summary>Source functions that were expanded in place.</summary>
    public ImmutableArray<string> Inlined { get; init; } = [];

    /// <summary>Those of them, by index in the source, in whose code the failed obligation stands; empty where that is not known.</summary>
    public ImmutableArray<int> Blamed { get; init; } = [];
}

/// <summary>Everything the judge has to say about two modules.</summary>
internal sealed record RefinementReport
{
    public required ImmutableArray<FunctionVerdict> Functions { get; init; }

    public required ImmutableArray<ModuleVerdict> Module { get; init; }

    /// <summary>What shows that all of it is proved. Nobody ships a changed module without it, whatever the verdicts say.</summary>
    public ModuleProof? Proof { get; init; }

    public required string SolverVersion { get; init; }

    public required string SolverPath { get; init; }

    /// <summary>Whether the proofs took all the work that they may take, so that some functions were not looked at.</summary>
    public bool IsExhausted { get; init; }

    public int Obligations => Functions.Sum(f => f.Obligations) + Module.Length;

    public int Syntactic => Functions.Sum(f => f.Syntactic);

    public int Queries => Functions.Sum(f => f.Queries);

    public long LargestWork => Functions.Select(f => f.LargestWork).DefaultIfEmpty().Max();

    /// <summary>
    /// Proved only if every part is: each pair of live functions in one class, that is each pair that a call of any proof may have used, and each
    /// fact of the module. Refuted if any part is.
    /// </summary>
    public Verdict Verdict => Has(Verdict.Refuted) ? Verdict.Refuted : Has(Verdict.Unknown) ? Verdict.Unknown : Verdict.Proved;

    /// <summary>
    /// The report on a module that is kept as it came in: every one of its <paramref name="functions"/> is the same, so there is nothing to prove.
    /// </summary>
    public RefinementReport OfUntouched(IEnumerable<(int Index, string Name)> functions) => new()
    {
        Functions = [.. functions.Select(f => new FunctionVerdict { Before = f.Index, After = f.Index, Name = f.Name, Verdict = Verdict.Proved, Identical = true })],
        Module = [],
        SolverVersion = SolverVersion,
        SolverPath = SolverPath,
    };

    private bool Has(Verdict verdict) => Functions.Any(f => f.Verdict == verdict) || Module.Any(m => m.Verdict == verdict);
}
