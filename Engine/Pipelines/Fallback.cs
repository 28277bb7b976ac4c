using System.Collections.Immutable;
using Pulse.Build.Engine.Passes;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>What was given up of one function's optimisation, or of the module's as a whole.</summary>
/// <param name="Function">Its index in the module that came in; -1 for the module.</param>
/// <param name="Level">What is left.</param>
/// <param name="Callees">Names of the callees that are not inlined, where only some are not.</param>
/// <param name="Obligation">The obligation that failed one level above, such as <c>loop2 result 0</c>; empty when the proof did not get that far.</param>
/// <param name="Reason">Why it failed.</param>
internal sealed record Fallback(int Function, FunctionLevel Level, ImmutableArray<string> Callees, string Obligation, string Reason)
{
    /// <summary>What became of it, in the words of a warning.</summary>
    public string Text => Level.Level switch
    {
        OptimizationLevel.Full => "optimised without removing what is dead",
        OptimizationLevel.WithoutCallees => $"optimised without inlining {string.Join(", ", Callees.Select(name => $"'{name}'"))}",
        OptimizationLevel.WithoutInlining => "optimised without inlining anything",
        OptimizationLevel.WithoutLoopPasses => "optimised without inlining and without moving code of loops",
        _ => "kept as it was",
    };

    /// <summary>What became of it, as reports write it.</summary>
    public string Name => Level.Level switch
    {
        OptimizationLevel.Full => "without-removing-dead",
        OptimizationLevel.WithoutCallees => "without-callees",
        OptimizationLevel.WithoutInlining => "without-inlining",
        OptimizationLevel.WithoutLoopPasses => "without-loop-passes",
        _ => "original",
    };

    /// <summary>Reason and obligation in one text; many reasons name the obligation themselves.</summary>
    public string Why => Obligation.Length == 0 || Reason.Contains(Obligation, StringComparison.Ordinal) ? Reason : $"{Reason} ('{Obligation}')";
}
