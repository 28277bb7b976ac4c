using System.Diagnostics;

namespace Pulse.Build.IntegrationTests.Support;

/// <summary>Runs <c>dotnet</c> as a user would, without what the test host has put into the environment.</summary>
internal static class DotNet
{
    /// <summary>Runs <c>dotnet ARGUMENTS</c> in <paramref name="folder"/> and returns the exit status and both output streams.</summary>
    public static (int ExitCode, string Output) Run(
        string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsTestHostsOwn).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static bool IsTestHostsOwn(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("PULSE", StringComparison.Ordinal)
        || name.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase)
        || name is "DOTNET_CLI_USE_MSBUILD_SERVER" or "DOTNET_HOST_PATH";
}
