using System.Collections.Immutable;
using System.Globalization;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>What <see cref="WasmOptimizer"/> made.</summary>
/// <param name="Module">The optimised module.</param>
/// <param name="ProvenanceJson">The provenance with the indices of <paramref name="Module"/>.</param>
/// <param name="ReportJson">For each function: changed, verdict, obligations, solver counts, assumptions, what was given up and why; each call's inlining decision with its reason.</param>
/// <param name="Changed">Functions that differ from the fused ones.</param>
/// <param name="Proved">Changed functions that are proved: all of them, unless proofs are switched off.</param>
public sealed record OptimizeResult(ReadOnlyMemory<byte> Module, string? ProvenanceJson, string ReportJson, int Changed, int Proved)
{
    /// <summary>Functions that are optimised with less than the options allow, because more could not be proved; all of a module that is kept whole.</summary>
    public int Fallbacks { get; init; }

    /// <summary>For each interrupt handler, one line that says what it shares with the code that it interrupts.</summary>
    public ImmutableArray<string> Interrupts { get; init; } = [];

    /// <summary>The counts in words, for a line of result.</summary>
    public string Counts => string.Create(
        CultureInfo.InvariantCulture, $"{Changed} functions changed, {Proved} proved, {Changed - Proved} unproved, {Fallbacks} with less optimisation");
}
