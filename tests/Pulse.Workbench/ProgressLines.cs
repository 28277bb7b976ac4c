namespace Pulse.Workbench;

/// <summary>How far the proofs of one file are, beside its line of result.</summary>
internal sealed class ProgressLines(string file) : IProgress<string>
{
    /// <inheritdoc/>
    public void Report(string value) => Console.Error.WriteLine($"{file}: {value}");
}
