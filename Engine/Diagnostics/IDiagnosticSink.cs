namespace Pulse.Build.Engine.Diagnostics;

/// <summary>Receives diagnostics in the order they arise.</summary>
public interface IDiagnosticSink
{
    /// <summary>Takes one diagnostic.</summary>
    void Report(Diagnostic diagnostic);
}
