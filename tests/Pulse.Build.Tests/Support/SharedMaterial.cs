using System.Runtime.CompilerServices;

namespace Pulse.Build.Tests.Support;

/// <summary>
/// Files beside the repository (<c>../shared</c>) that are not part of it. A test that uses them says so: it is inconclusive, with the
/// path, where they are absent.
/// </summary>
internal static class SharedMaterial
{
    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));

    /// <summary>The files that match <paramref name="pattern"/> under <paramref name="folder"/>, by name; ends the test when there are none.</summary>
    public static string[] Files(string folder, string pattern)
    {
        var path = Path.Combine(Repository, "..", "shared", folder);
        var files = Directory.Exists(path) ? Directory.GetFiles(path, pattern, SearchOption.AllDirectories) : [];
        if (files.Length == 0)
        {
            Assert.Inconclusive($"no {pattern} in {Path.GetFullPath(path)}: shared material is absent");
        }

        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
