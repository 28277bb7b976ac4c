using System.Collections.Immutable;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>
/// What is optimised with less, because more could not be proved. After each verdict every function that is not proved goes down one level;
/// when that helps no more, the module keeps what is dead, and in the end it stays as it came in. Each step takes something away for good,
/// so there is a last one; the same verdicts give the same steps. Where no work is left for proofs, all levels are taken at once.
/// </summary>
internal sealed class FallbackLadder(FunctionNames names)
{
    /// <summary>The levels below <see cref="OptimizationLevel.WithoutCallees"/>, with the question whether one takes anything away.</summary>
    private static readonly ImmutableArray<(OptimizationLevel Level, Func<bool, bool> TakesAway)> _rungs =
    [
        (OptimizationLevel.WithoutInlining, inlined => inlined),
        (OptimizationLevel.WithoutLoopPasses, _ => Passes.Pipelines.HasLoopPasses),
        (OptimizationLevel.Original, _ => true),
    ];

    private readonly SortedDictionary<int, Fallback> _functions = [];

    /// <summary>What is left of the optimisation of each function that went down.</summary>
    public ImmutableSortedDictionary<int, FunctionLevel> Levels => _functions.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.Level);

    /// <summary>The functions that went down, in their order.</summary>
    public IReadOnlyCollection<Fallback> Functions => _functions.Values;

    /// <summary>What the module as a whole gave up, or null.</summary>
    public Fallback? Module { get; private set; }

    /// <summary>Whether what is dead is still removed.</summary>
    public bool RemovesDead => Module is null;

    /// <summary>Whether nothing is left to try: the module ships as it came in.</summary>
    public bool KeepsModule => Module is { Level.Level: OptimizationLevel.Original };

    /// <summary>The fallback of a function of the module that came in, or null.</summary>
    public Fallback? Of(int function) => _functions.GetValueOrDefault(function);

    /// <summary>Goes down after a <paramref name="report"/> on <paramref name="optimized"/> that leaves something unproved.</summary>
    public void Descend(RefinementReport report, OptimizedModule optimized)
    {
        var unproved = report.Functions.Where(f => f.Verdict == Verdict.Unknown).ToList();
        var before = Levels;
        foreach (var verdict in unproved.Where(f => f.Before >= 0))
        {
            // One function of the original may stand for several of the result: it goes down once.
            var level = before.GetValueOrDefault(verdict.Before, FunctionLevel.Full);
            if (level.Level < OptimizationLevel.Original && (Of(verdict.Before)?.Level ?? FunctionLevel.Full) == level)
            {
                var next = report.IsExhausted ? new FunctionLevel(OptimizationLevel.Original, []) : Next(level, verdict, optimized.Inlined);
                _functions[verdict.Before] = new Fallback(
                    verdict.Before, next, [.. next.Callees.Select(f => names[new FuncIndex(f)])], verdict.Obligation, verdict.Reason);
            }
        }

        if (before.SequenceEqual(Levels))
        {
            DescendModule(unproved, report);
        }
    }

    private void DescendModule(List<FunctionVerdict> unproved, RefinementReport report)
    {
        var (what, reason) = report.Module.FirstOrDefault(m => m.Verdict == Verdict.Unknown) is { } failed ? (failed.What, failed.Reason)
            : unproved is [var stuck, ..] ? ($"function '{stuck.Name}'", stuck.Reason)
            : ("", "the judge gives no reason");
        var level = Module is null ? FunctionLevel.Full : new FunctionLevel(OptimizationLevel.Original, []);
        Module = new Fallback(-1, level, [], what, reason);
    }

    private static FunctionLevel Next(FunctionLevel level, FunctionVerdict verdict, IReadOnlyList<(int Caller, int Callee)> inlined)
    {
        var brought = inlined.Where(pair => pair.Caller == verdict.Before).Select(pair => pair.Callee).ToImmutableSortedSet();
        if (level.Level == OptimizationLevel.Full && !verdict.Blamed.IsEmpty && !brought.IsEmpty)
        {
            return new FunctionLevel(OptimizationLevel.WithoutCallees, [.. verdict.Blamed]);
        }

        var next = _rungs.First(rung => rung.Level > level.Level && rung.TakesAway(!brought.IsEmpty)).Level;
        return new FunctionLevel(next, []);
    }
}
