using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Stage 4: which calls survive on a hot path, why, and what they cost.</summary>
public static class HotPathAudit
{
    /// <summary>Checks; null when the inputs could not be read.</summary>
    public static AuditResult? Check(AuditOptions options, IDiagnosticSink sink, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run("the hot-path check", options.Module.Path, sink, () => Placeholder(options, cancellation));
    }

    // PLACEHOLDER until Verification's HotPathChecker lands: nothing is found.
    private static AuditResult? Placeholder(AuditOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new AuditResult([], options.Entries.IsEmpty ? "{}" : "{ }");
    }
}
