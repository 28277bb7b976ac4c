using Microsoft.Build.Logging.StructuredLogger;
using LoggedBuild = Microsoft.Build.Logging.StructuredLogger.Build;
using LoggedTask = Microsoft.Build.Logging.StructuredLogger.Task;

namespace Pulse.Build.IntegrationTests.Support;

/// <summary>One finished build: what it printed and what its binary log says.</summary>
internal sealed class BuildRun(int exitCode, string output, string log)
{
    private readonly Lazy<LoggedBuild> _log = new(() => BinaryLog.ReadBuild(log));

    public bool Succeeded => exitCode == 0;

    public string Output => output;

    /// <summary>Our tasks, in the order in which they ran.</summary>
    public string[] Tasks =>
    [
        .. _log.Value.FindChildrenRecursive<LoggedTask>(task => task.FromAssembly?.EndsWith("Pulse.Build.Tasks.dll", StringComparison.Ordinal) == true)
            .Select(task => task.Name),
    ];

    /// <summary>The stages that worked: they ran and did not find their outputs' content unchanged.</summary>
    public string[] Worked => [.. Tasks.Where(name => name != "ReplayDiagnostics" && !output.Contains($"{name}: every input has", StringComparison.Ordinal))];

    /// <summary>Assemblies of ours that the build process loaded.</summary>
    public string[] LoadedAssemblies =>
    [
        .. _log.Value.FindChildrenRecursive<TimedNode>().SelectMany(node => node.Children.OfType<Message>())
            .Select(message => message.Text)
            .Where(text => text.StartsWith("Assembly loaded", StringComparison.Ordinal) && text.Contains("Pulse.Build.", StringComparison.Ordinal))
            .Distinct(),
    ];

    public bool Skipped(string target)
    {
        var found = _log.Value.FindChildrenRecursive<Target>(node => node.Name == target);
        return found.Count > 0 && found.All(node => node.Skipped);
    }

    public BuildRun AssertSucceeded()
    {
        Assert.IsTrue(Succeeded, output);
        return this;
    }

    public BuildRun AssertFailed()
    {
        Assert.IsFalse(Succeeded, output);
        Assert.DoesNotContain("   at Pulse.", output, "a stack trace");
        return this;
    }
}
