namespace Pulse.Build.Engine.Pipelines;

/// <summary>What <see cref="WasmOptimizer"/> made.</summary>
/// <param name="Module">The optimised module.</param>
/// <param name="ProvenanceJson">The provenance with the indices of <paramref name="Module"/>.</param>
/// <param name="ReportJson">For each function: changed, verdict, obligations, solver counts, assumptions; each call's inlining decision with its reason.</param>
/// <param name="Changed">Functions that differ from the fused ones.</param>
/// <param name="Proved">Changed functions that are proved.</param>
/// <param name="Unproved">Changed functions that are not proved: kept as they were, or unchecked.</param>
public sealed record OptimizeResult(
    ReadOnlyMemory<byte> Module, string? ProvenanceJson, string ReportJson, int Changed, int Proved, int Unproved);
