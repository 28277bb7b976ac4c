using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Stage 2: a core module in, a smaller and faster one out, every change proved.</summary>
public static class WasmOptimizer
{
    /// <summary>Optimises; null when an error was reported.</summary>
    public static OptimizeResult? Optimize(OptimizeOptions options, IDiagnosticSink sink, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run("optimisation", options.Module.Path, sink, () => new OptimizationRun(options, sink, cancellation).Run());
    }
}
