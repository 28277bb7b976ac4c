using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Rewrite;

/// <summary>Reads, validates and writes one module once, and says how much memory the process had at most.</summary>
internal static class Rewriting
{
    /// <summary>Writes the module in <paramref name="file"/> to <paramref name="output"/>, and to standard output the bytes of memory; the exit status.</summary>
    public static int Run(string file, string output)
    {
        try
        {
            var said = new DiagnosticList();
            if (CoreModule.Rewrite(new InputFile(file, File.ReadAllBytes(file)), said) is not { } parts)
            {
                Say(string.Join('\n', said));
                return 1;
            }

            using var target = File.OpenHandle(output, FileMode.Create, FileAccess.Write);
            RandomAccess.Write(target, parts, 0);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            Say(refusal.Message);
            return 1;
        }

        Say("peak " + PeakMemory().ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    /// <summary>Writes a line without the console's machinery, which would be a tenth of what is measured.</summary>
    private static void Say(string line)
    {
        using var console = Console.OpenStandardOutput();
        console.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }

    /// <summary>Bytes of memory that this process had at most; 0 where the system does not say.</summary>
    private static long PeakMemory()
    {
        const string Status = "/proc/self/status", Field = "VmHWM:";
        var line = File.Exists(Status) ? Array.Find(File.ReadAllLines(Status), l => l.StartsWith(Field, StringComparison.Ordinal)) : null;
        return line is null ? 0 : long.Parse(line.AsSpan(Field.Length, line.Length - Field.Length - " kB".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) * 1024;
    }
}
