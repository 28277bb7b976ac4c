using System.Globalization;

namespace Pulse.Build.Engine.Fusion.Composition;

/// <summary>The name of an import or export, which may end in a version.</summary>
/// <remarks>Explainer.md #import-and-export-definitions, <c>canonversion</c></remarks>
internal static class InterfaceName
{
    /// <summary>Whether an export of name <paramref name="export"/> may satisfy an import of name <paramref name="import"/>.</summary>
    /// <example><code>a:b/c@0.2.6 satisfies a:b/c@0.2.0; a:b/c@0.3.0 does not, nor does a:b/c.</code></example>
    public static bool Satisfies(string export, string import) =>
        export == import || (Split(export) is var (exportBase, exportTrack) && Split(import) is var (importBase, importTrack)
            && exportTrack is not null && exportBase == importBase && exportTrack == importTrack);

    /// <summary>The name without its version, and the part of the version within which releases are compatible.</summary>
    private static (string Base, string? Track) Split(string name)
    {
        var at = name.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
        {
            return (name, null);
        }

        var version = name[(at + 1)..];
        var release = version.Split('+')[0];
        var numbers = release.Split('.');
        if (release.Contains('-', StringComparison.Ordinal) || !numbers.All(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            return (name[..at], release);
        }

        var track = numbers.Length > 0 && numbers[0] != "0" ? numbers[0] : numbers.Length > 1 && numbers[1] != "0" ? "0." + numbers[1] : release;
        return (name[..at], track);
    }
}
