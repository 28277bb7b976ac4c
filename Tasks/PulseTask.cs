using System.Diagnostics.CodeAnalysis;
using Microsoft.Build.Framework;
using Pulse.Build.Engine.Diagnostics;
using Task = Microsoft.Build.Utilities.Task;

namespace Pulse.Build.Tasks;

/// <summary>
/// Base of every task: paths through the task's own environment, cancellation, coded diagnostics, and the one place where an
/// unexpected exception becomes PULSE9001 instead of a stack trace.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "MSBuild never disposes a task, and Cancel may come after Execute has returned.")]
public abstract class PulseTask : Task, IMultiThreadableTask, ICancelableTask, IDiagnosticSink
{
    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>Set by MSBuild: the project's folder and environment, not the process's.</summary>
    public TaskEnvironment TaskEnvironment { get; set; } = TaskEnvironment.Fallback;

    /// <summary>Where diagnostics point that have no file of their own.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>The page that explains the codes; a code is its anchor. Empty gives no link.</summary>
    public string HelpPage { get; set; } = "";

    /// <summary>Raised when the build is stopped.</summary>
    protected CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Stops the stage at its next check.</summary>
    public void Cancel() => _cancellation.Cancel();

    /// <summary>Runs the task; everything that goes wrong ends as a coded error.</summary>
    public sealed override bool Execute()
    {
        try
        {
            ExecuteCore();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (DiagnosticException refusal)
        {
            Report(refusal.Diagnostic);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // The system's message names the file.
            Report(Diagnostic.Create(DiagnosticId.PULSE0003, new Location(ProjectFile), refused.Message));
        }
        catch (Exception defect) when (defect is not OutOfMemoryException)
        {
            Log.LogMessage(MessageImportance.Low, "{0}", defect);
            Report(Diagnostic.Create(DiagnosticId.PULSE9001, Location.None, GetType().Name, $"{defect.GetType().Name}: {defect.Message}"));
        }

        return !Log.HasLoggedErrors;
    }

    /// <summary>Logs <paramref name="diagnostic"/>: start position only and always a line, because log matchers ask for that form.</summary>
    public virtual void Report(Diagnostic diagnostic)
    {
        ArgumentNullException.ThrowIfNull(diagnostic);
        var (code, text, place) = (diagnostic.Code, diagnostic.Message, diagnostic.Location);
        var file = Absolute(place.File.Length > 0 ? place.File : ProjectFile);
        var line = Math.Max(1, place.Line);
        var link = HelpPage.Length > 0 ? $"{HelpPage}#{code.ToLowerInvariant()}" : null;
        switch (diagnostic.Severity)
        {
            case Severity.Error:
                Log.LogError(null, code, null, link, file, line, place.Column, 0, 0, text);
                break;
            case Severity.Warning:
                Log.LogWarning(null, code, null, link, file, line, place.Column, 0, 0, text);
                break;
            default:
                Log.LogMessage(null, code, null, file, line, place.Column, 0, 0, MessageImportance.Normal, text);
                break;
        }
    }

    /// <summary>The work; throws what it cannot do.</summary>
    protected abstract void ExecuteCore();

    /// <summary>The path as the project means it; never relative to the process.</summary>
    protected string Absolute(string path) => string.IsNullOrEmpty(path) ? "" : TaskEnvironment.GetAbsolutePath(path);
}
