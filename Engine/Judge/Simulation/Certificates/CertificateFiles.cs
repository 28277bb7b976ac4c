using System.Globalization;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Certificates;

/// <summary>Certificates as files, <c>fNNNN.certificate</c> by the number of the pair of functions in the report.</summary>
internal static class CertificateFiles
{
    public static void Write(string folder, int number, Certificate certificate)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(PathOf(folder, number), CertificateText.Print(certificate));
    }

    /// <summary>The certificate that was written, or null when there is none.</summary>
    /// <exception cref="CertificateFormatException">The file holds something else.</exception>
    public static Certificate? Read(string folder, int number, TermFactory factory)
        => PathOf(folder, number) is var path && File.Exists(path) ? CertificateParser.Parse(File.ReadAllText(path), factory) : null;

    private static string PathOf(string folder, int number) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"f{number:D4}.certificate"));
}
