using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Passes diagnostics on and remembers whether one was an error: a stage with errors gives no result.</summary>
internal sealed class ErrorWatch(IDiagnosticSink inner) : IDiagnosticSink
{
    public bool HasErrors { get; private set; }

    public void Report(Diagnostic diagnostic)
    {
        HasErrors |= diagnostic.Severity == Severity.Error;
        inner.Report(diagnostic);
    }
}
