using System.Collections;

namespace Pulse.Build.Engine.Diagnostics;

/// <summary>A sink that keeps what it is told.</summary>
public sealed class DiagnosticList : IDiagnosticSink, IReadOnlyList<Diagnostic>
{
    private readonly List<Diagnostic> _items = [];

    /// <summary>Whether any of them is an error.</summary>
    public bool HasErrors => _items.Exists(d => d.Severity == Severity.Error);

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public Diagnostic this[int index] => _items[index];

    /// <inheritdoc/>
    public void Report(Diagnostic diagnostic) => _items.Add(diagnostic);

    /// <inheritdoc/>
    public IEnumerator<Diagnostic> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
