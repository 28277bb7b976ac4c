using System.Diagnostics;

namespace Pulse.Build.Tests.Firmware;

/// <summary>Boots images in <c>qemu-system-arm</c>.</summary>
internal static class Qemu
{
    /// <summary>The program, or null when it is not installed.</summary>
    public static string? Path { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .Select(folder => System.IO.Path.Combine(folder, "qemu-system-arm")).FirstOrDefault(File.Exists);

    /// <summary>Runs an ELF image until it exits through semihosting; the test is inconclusive without QEMU.</summary>
    public static (int Status, string Output) Run(string board, byte[] elf)
    {
        var (status, output, _) = RunWithErrors(board, elf);
        return (status, output);
    }

    /// <summary>The same, with what the image printed on the debug console.</summary>
    public static (int Status, string Output, string Errors) RunWithErrors(string board, byte[] elf)
    {
        if (Path is null)
        {
            Assert.Inconclusive("qemu-system-arm is not installed: the image was not booted");
        }

        var file = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName() + ".elf");
        File.WriteAllBytes(file, elf);
        try
        {
            var start = new ProcessStartInfo(Path!)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
                ArgumentList =
                {
                    "-M", board, "-nographic", "-monitor", "none", "-serial", "stdio",
                    "-semihosting-config", "enable=on,target=native", "-kernel", file,
                },
            };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(20_000))
            {
                process.Kill();
                process.WaitForExit();
                Assert.Fail("the image did not exit; it printed: " + output.Result);
            }

            return (process.ExitCode, output.Result, errors.Result);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
