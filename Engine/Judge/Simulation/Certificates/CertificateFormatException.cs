using System.Globalization;

namespace Pulse.Build.Engine.Judge.Simulation.Certificates;

/// <summary>A text is no certificate.</summary>
/// <param name="line">Number of the line, from 1.</param>
/// <param name="message">What is wrong with it.</param>
internal sealed class CertificateFormatException(int line, string message)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"line {line}: {message}"))
{
    /// <summary>Number of the line, from 1.</summary>
    public int Line { get; } = line;
}
