using System.Diagnostics;

namespace Pulse.Build.Tests.Judge.Trial;

/// <summary>Binaryen's optimiser, where it is installed: it makes a mutant that no longer looks like its original.</summary>
internal static class WasmOpt
{
    /// <summary>The mutant after <c>wasm-opt -O2</c>; null where the program is missing or does not take the module.</summary>
    public static Mutant? Optimized(Mutant mutant)
    {
        var folder = Directory.CreateTempSubdirectory("pulse-trial").FullName;
        try
        {
            var (input, output) = (Path.Combine(folder, "in.wasm"), Path.Combine(folder, "out.wasm"));
            File.WriteAllBytes(input, mutant.Bytes);
            using var process = Process.Start(new ProcessStartInfo("wasm-opt", ["-all", "-O2", "--generate-stack-ir", input, "-o", output]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? mutant with { What = mutant.What + ", wasm-opt -O2", Bytes = File.ReadAllBytes(output) } : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }
}
