using Microsoft.Build.Framework;

namespace Pulse.Build.Tasks;

/// <summary>Says the warnings of a stage that was up to date, so that <c>-warnaserror</c> fails on the second build as on the first.</summary>
[MSBuildMultiThreadableTask]
public sealed class ReplayDiagnostics : PulseTask
{
    /// <summary>The stages' stored warnings.</summary>
    [Required]
    public ITaskItem[] Files { get; set; } = [];

    /// <inheritdoc/>
    protected override void ExecuteCore()
    {
        foreach (var file in Files)
        {
            foreach (var diagnostic in DiagnosticStore.Read(Absolute(file.ItemSpec)))
            {
                Report(diagnostic);
            }
        }
    }
}
