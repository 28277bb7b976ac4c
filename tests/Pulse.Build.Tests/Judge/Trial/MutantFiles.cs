namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>Where a run that was asked for keeps the pairs that it found fault with.</summary>
internal static class MutantFiles
{
    private static int _next;

    /// <summary>Writes the pair to the folder <c>PULSE_MUTANT_FOLDER</c>, if it is set; what to add to the message.</summary>
    public static string Keep(byte[] before, byte[] after)
    {
        if (Environment.GetEnvironmentVariable("PULSE_MUTANT_FOLDER") is not { Length: > 0 } folder)
        {
            return "";
        }

        Directory.CreateDirectory(folder);
        var name = Path.Combine(folder, Interlocked.Increment(ref _next).ToString("D3", System.Globalization.CultureInfo.InvariantCulture));
        File.WriteAllBytes(name + ".before.wasm", before);
        File.WriteAllBytes(name + ".after.wasm", after);
        return $" ({name}.*.wasm)";
    }
}
