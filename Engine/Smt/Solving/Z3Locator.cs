using System.Runtime.InteropServices;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Smt.Solving;

/// <summary>
/// Finds Z3, in this order: the pinned path (a library or a program, and nothing else if it is given); beside the engine under
/// runtimes/RID/native; the native folders that a restore produced; the system's library; the z3 program.
/// </summary>
internal static class Z3Locator
{
    /// <summary>The first Z3 that loads.</summary>
    /// <param name="pinned">PulseZ3Path, or empty.</param>
    /// <param name="nativeFolders">Folders of a restored package that may hold the library.</param>
    public static ISolver Find(string pinned, IEnumerable<string> nativeFolders)
    {
        if (pinned.Length > 0)
        {
            return TryLoad(pinned) ?? TryRun(pinned) ?? throw Missing($"'{pinned}' is neither a Z3 library nor the z3 program");
        }

        foreach (var candidate in Candidates(nativeFolders))
        {
            if (TryLoad(candidate) is { } solver)
            {
                return solver;
            }
        }

        return TryRun("z3") ?? throw Missing("no pinned path, no native library, no z3 on the path");
    }

    private static IEnumerable<string> Candidates(IEnumerable<string> nativeFolders)
    {
        var (file, system) = OperatingSystem.IsWindows() ? ("libz3.dll", "win") : OperatingSystem.IsMacOS() ? ("libz3.dylib", "osx") : ("libz3.so", "linux");
        var rid = $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", rid, "native", file);
        yield return Path.Combine(AppContext.BaseDirectory, file);
        foreach (var folder in nativeFolders)
        {
            yield return Path.Combine(folder, file);
        }

        if (OperatingSystem.IsLinux())
        {
            yield return "libz3.so.4";
        }

        yield return file;
    }

    private static ISolver? TryLoad(string path)
    {
        if (!NativeLibrary.TryLoad(path, out var library))
        {
            return null;
        }

        try
        {
            return new Z3LibrarySolver(library, path);
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static ISolver? TryRun(string path) => Z3ProcessSolver.TryStart(path);

    private static DiagnosticException Missing(string what) => new(DiagnosticId.PULSE3001, Location.None, what);
}
