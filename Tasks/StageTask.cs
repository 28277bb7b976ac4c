using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Build.Framework;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tasks;

/// <summary>
/// A task that makes files from files. MSBuild's time stamps decide whether it is loaded at all; a content key then decides whether it
/// works: under an equal key the outputs are touched and kept. The outputs appear together, after everything has succeeded.
/// </summary>
public abstract class StageTask : PulseTask
{
    private readonly List<Diagnostic> _said = [];
    private readonly List<InputFile> _inputs = [];

    /// <summary>The stage's option values, one a line; part of the content key.</summary>
    [Required]
    public string OptionsFile { get; set; } = "";

    /// <summary>Where this stage's warnings are kept, so that an up-to-date build can say them again.</summary>
    [Required]
    public string DiagnosticsFile { get; set; } = "";

    /// <summary>Every file that the stage makes; the key is kept beside the first one.</summary>
    [Required]
    public ITaskItem[] Outputs { get; set; } = [];

    /// <summary>True when the stage did its work; otherwise its stored warnings have to be replayed.</summary>
    [Output]
    public bool Ran { get; private set; }

    /// <inheritdoc/>
    public sealed override void Report(Diagnostic diagnostic)
    {
        base.Report(diagnostic);
        _said.Add(diagnostic);
    }

    /// <summary>Whether the outputs are a report that is wanted most when the stage fails.</summary>
    protected virtual bool ReportsOnFailure => false;

    /// <summary>Reads the inputs through <see cref="Input"/>, in the order in which they enter the key.</summary>
    protected abstract void ReadInputs();

    /// <summary>Makes the outputs' content by extension or name; null when an error was reported.</summary>
    protected abstract OutputSet? Make();

    /// <inheritdoc/>
    protected sealed override void ExecuteCore()
    {
        Input(OptionsFile);
        ReadInputs();
        var outputs = Outputs.Select(item => Absolute(item.ItemSpec)).ToImmutableArray();
        var key = new ContentKey(outputs, GetType(), _inputs);
        if (key.Holds())
        {
            key.Touch();
            Log.LogMessage(MessageImportance.Normal, "{0}: every input has the content of the last run, the outputs stay", GetType().Name);
            return;
        }

        Ran = true;
        key.Forget();
        var made = Make();
        DiagnosticStore.Write(Absolute(DiagnosticsFile), _said);

        // Promoted warnings count as errors here: no key is stored, so the next build runs the stage, and fails, again.
        var failed = Log.HasLoggedErrors;
        if (made is not null && (!failed || ReportsOnFailure))
        {
            made.Commit(outputs);
        }

        if (made is not null && !failed)
        {
            key.Store();
        }
    }

    /// <summary>Reads an input and makes it part of the key.</summary>
    protected InputFile Input(string path)
    {
        var full = Absolute(path);
        if (!File.Exists(full))
        {
            throw new DiagnosticException(DiagnosticId.PULSE0002, new Location(ProjectFile), path);
        }

        var input = new InputFile(path, File.ReadAllBytes(full));
        _inputs.Add(input);
        return input;
    }

    /// <summary>Parses the value of a property that has a list of values.</summary>
    protected TChoice Choice<TChoice>(string text, string property) where TChoice : struct, Enum =>
        ChoiceParser.Parse<TChoice>(text, property, ProjectFile);

    /// <summary>Parses the value of a property that is true or false.</summary>
    protected bool Flag(string text, string property) => bool.TryParse(text, out var value)
        ? value
        : throw new DiagnosticException(DiagnosticId.PULSE0004, new Location(ProjectFile), text, property, "one of: true, false");

    /// <summary>Reads an InterruptHandler item.</summary>
    protected InterruptHandler Handler(ITaskItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var export = item.GetMetadata("Export");
        if (export.Length == 0)
        {
            throw new DiagnosticException(DiagnosticId.PULSE0006, new Location(ProjectFile), item.ItemSpec);
        }

        var (priority, enabled) = (item.GetMetadata("Priority"), item.GetMetadata("Enabled"));
        return new InterruptHandler(item.ItemSpec, export)
        {
            Priority = priority.Length == 0 ? null
                : byte.TryParse(priority, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
                : throw new DiagnosticException(DiagnosticId.PULSE0004, new Location(ProjectFile), priority, $"Priority of InterruptHandler '{item.ItemSpec}'", "a number from 0 to 255"),
            Enabled = enabled.Length > 0 && Flag(enabled, $"Enabled of InterruptHandler '{item.ItemSpec}'"),
        };
    }

    /// <summary>Parses the value of a property that is a number of bytes, decimal or, after 0x, hexadecimal.</summary>
    protected uint Number(string text, string property) => (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
        ? value
        : throw new DiagnosticException(DiagnosticId.PULSE0004, new Location(ProjectFile), text, property, "a number of bytes");
}
