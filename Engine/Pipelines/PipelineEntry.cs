using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>
/// The one place where a stage's exceptions end. Bad input arrives as <see cref="DiagnosticException"/> and is reported; a broken
/// invariant is reported as PULSE9001. A stage that was stopped has no result, so that nothing half-made is ever written.
/// </summary>
internal static class PipelineEntry
{
    /// <summary>Runs <paramref name="body"/>; null when it was stopped.</summary>
    /// <param name="stage">The stage, for PULSE9001.</param>
    /// <param name="file">Its input, for PULSE9001.</param>
    /// <param name="sink">Takes the diagnostics.</param>
    /// <param name="body">The stage; null when it reported an error and has nothing to give.</param>
    public static TResult? Run<TResult>(string stage, string file, IDiagnosticSink sink, Func<TResult?> body) where TResult : class
    {
        try
        {
            return body();
        }
        catch (DiagnosticException refusal)
        {
            sink.Report(refusal.Diagnostic);
        }
        catch (InvariantException defect)
        {
            sink.Report(Diagnostic.Create(DiagnosticId.PULSE9001, new Location(file), stage, defect.Message));
        }

        return null;
    }
}
