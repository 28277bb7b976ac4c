using System.Reflection;

namespace Pulse.Build.IntegrationTests.Support;

/// <summary>Where the sources and the built tasks are.</summary>
internal static class Repository
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    public static string TasksDirectory { get; } = Metadata("TasksDirectory");

    /// <summary>Copies what a fresh clone would have of <paramref name="relative"/>, a file or a folder.</summary>
    public static void CopyTo(string destination, string relative)
    {
        var source = Path.Combine(Root, relative);
        if (File.Exists(source))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(destination, relative))!);
            File.Copy(source, Path.Combine(destination, relative));
            return;
        }

        foreach (var entry in Directory.EnumerateFileSystemEntries(source).Select(Path.GetFileName))
        {
            if (entry is not ("bin" or "obj" or "node_modules" or "out"))
            {
                CopyTo(destination, Path.Combine(relative, entry!));
            }
        }
    }

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
