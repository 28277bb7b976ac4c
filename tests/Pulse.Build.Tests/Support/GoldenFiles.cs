namespace Pulse.Build.Tests.Support;

/// <summary>Files under <c>tests/golden</c>.</summary>
internal static class GoldenFiles
{
    /// <summary>The path of <paramref name="name"/>.</summary>
    public static string Path(string name) => System.IO.Path.Combine(SharedMaterial.Repository, "tests", "golden", name);

    /// <summary>The bytes of <paramref name="name"/>.</summary>
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path(name));
}
