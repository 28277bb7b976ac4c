using System.Collections.Immutable;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>What <see cref="HotPathAudit"/> is asked to do.</summary>
public sealed record AuditOptions
{
    /// <summary>The optimised module.</summary>
    public required InputFile Module { get; init; }

    /// <summary>The object lowered from it: the calls that count are those in machine code. Without a path every call of the module counts.</summary>
    public required InputFile Object { get; init; }

    /// <summary>The optimiser's report: why a call was not inlined.</summary>
    public required string OptimizerReportJson { get; init; }

    /// <summary>The provenance of <see cref="Module"/>, or null.</summary>
    public string? ProvenanceJson { get; init; }

    /// <summary>Exports from which hot paths start.</summary>
    public required ImmutableArray<string> Entries { get; init; }

    /// <summary>Callees that may survive.</summary>
    public ImmutableArray<string> Allowed { get; init; } = [];

    /// <summary>The severity of each surviving call's diagnostic.</summary>
    public HotPathSeverity Severity { get; init; } = HotPathSeverity.Warning;
}
