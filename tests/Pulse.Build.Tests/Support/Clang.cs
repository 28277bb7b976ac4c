using System.Diagnostics;

namespace Pulse.Build.Tests.Support;

/// <summary>C to a core module, by clang 19 and its linker.</summary>
internal static class Clang
{
    /// <summary>Whether they are installed.</summary>
    private static readonly bool _isPresent = Array.TrueForAll(["clang-19", "wasm-ld-19"], tool =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool))));

    /// <summary>Ends a test where they are not.</summary>
    public static void Need()
    {
        if (!_isPresent)
        {
            Assert.Inconclusive("clang-19 and wasm-ld-19 are not installed: no C was compiled");
        }
    }

    /// <summary>The module of one file.</summary>
    public static byte[] Compile(string source, string[] options, params string[] linkerOptions)
    {
        var folder = Directory.CreateTempSubdirectory("pulse-clang").FullName;
        try
        {
            var (compiled, linked) = (Path.Combine(folder, "it.o"), Path.Combine(folder, "it.wasm"));
            Start("clang-19", ["--target=wasm32-unknown-unknown", "-ffreestanding", "-w", .. options, "-c", source, "-o", compiled]);
            Start("wasm-ld-19", ["--no-entry", .. linkerOptions, compiled, "-o", linked]);
            return File.ReadAllBytes(linked);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The module of a text.</summary>
    public static byte[] CompileText(string text, string[] options, params string[] linkerOptions)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".c");
        File.WriteAllText(file, text);
        try
        {
            return Compile(file, options, linkerOptions);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Start(string tool, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, said);
    }
}
