using System.Runtime.InteropServices;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Smt.Solving;

namespace Pulse.Build.Engine.Smt.Locating;

/// <summary>
/// Finds Z3, in this order: the pinned path (a library or a program, and nothing else if it is given); runtimes/RID/native beside the engine; the native
/// folder of the restored package; the system's library; the z3 program.
/// </summary>
internal static class Z3Locator
{
    /// <summary>The first Z3 that loads.</summary>
    /// <param name="pinned">PulseZ3Path, or empty.</param>
    /// <exception cref="DiagnosticException">PULSE3001: there is none.</exception>
    public static ISolver Find(string pinned)
    {
        if (pinned.Length > 0)
        {
            return (ISolver?)Z3Library.TryLoad(pinned) ?? Z3ProcessSolver.TryStart(pinned) ?? throw Missing($"'{pinned}' is neither a Z3 library nor the z3 program");
        }

        return (ISolver?)Candidates().Select(Z3Library.TryLoad).FirstOrDefault(solver => solver is not null)
            ?? Z3ProcessSolver.TryStart("z3") ?? throw Missing("no pinned path, no native library, no z3 on the path");
    }

    /// <summary>Where the library may be, in order.</summary>
    public static IEnumerable<string> Candidates()
    {
        var (file, system) = OperatingSystem.IsWindows() ? ("libz3.dll", "win") : OperatingSystem.IsMacOS() ? ("libz3.dylib", "osx") : ("libz3.so", "linux");
        var native = Path.Combine("runtimes", $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}", "native", file);
        yield return Path.Combine(Path.GetDirectoryName(typeof(Z3Locator).Assembly.Location)!, native);

        // Bindings that were not copied beside the engine are in lib/TFM of the package.
        yield return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(Microsoft.Z3.Native).Assembly.Location)!, "..", "..", native));
        if (OperatingSystem.IsLinux())
        {
            yield return "libz3.so.4";
        }

        yield return file;
        if (OperatingSystem.IsMacOS())
        {
            yield return "/opt/homebrew/lib/libz3.dylib";
        }
    }

    private static DiagnosticException Missing(string what) => new(DiagnosticId.PULSE3001, Location.None, what);
}
