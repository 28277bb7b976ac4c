namespace Pulse.Build.Engine.Diagnostics;

/// <summary>How a diagnostic affects the build.</summary>
public enum Severity
{
    /// <summary>Said at normal verbosity only.</summary>
    Message,

    /// <summary>Shown; <c>-warnaserror</c> and the like may promote it.</summary>
    Warning,

    /// <summary>The stage fails and writes nothing.</summary>
    Error,
}
