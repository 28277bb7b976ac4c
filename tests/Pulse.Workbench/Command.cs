using System.Text;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Workbench;

/// <summary>One command of the workbench.</summary>
/// <param name="Usage">Its line of the usage text; the first word is its name.</param>
/// <param name="Options">Options that take a value.</param>
/// <param name="Flags">Options that do not.</param>
/// <param name="Run">Does it; the exit status.</param>
internal sealed record Command(string Usage, IReadOnlySet<string> Options, IReadOnlySet<string> Flags, Func<Arguments, int> Run)
{
    /// <summary>The word that calls it.</summary>
    public string Name => Usage.Split(' ')[0];

    /// <summary>Runs <paramref name="one"/> on each file, prints one line of result for each, and fails when any failed.</summary>
    /// <param name="arguments">Names the files.</param>
    /// <param name="one">The line of result of one file; null when it failed and said why to the sink.</param>
    public static int ForEach(Arguments arguments, Func<string, IDiagnosticSink, string?> one)
    {
        if (arguments.Positional.Count == 0)
        {
            throw new UsageException("no file given");
        }

        var failed = false;
        foreach (var file in arguments.Positional)
        {
            var said = new DiagnosticList();
            var line = Try(file, said, one);
            var errors = said.Where(d => d.Severity == Severity.Error).ToArray();
            var ok = line is not null && errors.Length == 0;
            failed |= !ok;
            Console.WriteLine(ok ? $"{file}: {line}" : $"{file}: FAILED {string.Join(" | ", errors.Select(e => e.ToString()))}");
            foreach (var diagnostic in said.Where(d => d.Severity == Severity.Warning))
            {
                Console.WriteLine("  " + diagnostic);
            }
        }

        return failed ? 1 : 0;
    }

    /// <summary>Whatever happens to one file is said of that file, and the next one has its turn.</summary>
    private static string? Try(string file, DiagnosticList said, Func<string, IDiagnosticSink, string?> one)
    {
        try
        {
            return one(file, said);
        }
        catch (DiagnosticException refusal)
        {
            said.Report(refusal.Diagnostic);
        }
        catch (Exception defect) when (defect is not (OutOfMemoryException or UsageException))
        {
            // The trace is for the bug report; the line of result stays one line.
            Console.Error.WriteLine(defect);
            said.Report(Diagnostic.Create(DiagnosticId.PULSE9001, new Location(file), "the workbench", $"{defect.GetType().Name}: {defect.Message}"));
        }

        return null;
    }

    /// <summary>Writes an output, its folder included.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllBytes(path, bytes);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DiagnosticException(DiagnosticId.PULSE0003, new Location(path), refusal.Message);
        }
    }

    /// <summary>Writes a text, as UTF-8.</summary>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));
}
