namespace Pulse.Build.Engine.Diagnostics;

/// <summary>Stops a stage because of its input; caught once, at the pipeline's entry.</summary>
public sealed class DiagnosticException : Exception
{
    /// <summary>Carries <paramref name="diagnostic"/> to the pipeline's entry.</summary>
    public DiagnosticException(Diagnostic diagnostic)
        : base(diagnostic?.ToString()) => Diagnostic = diagnostic ?? throw new ArgumentNullException(nameof(diagnostic));

    /// <summary>Formats the catalogue's text of <paramref name="id"/>.</summary>
    public DiagnosticException(DiagnosticId id, Location location, params object[] arguments)
        : this(Diagnostic.Create(id, location, arguments)) { }

    /// <summary>What is wrong and where.</summary>
    public Diagnostic Diagnostic { get; }
}
