using System.Text;
using Microsoft.Build.Framework;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tasks;

/// <summary>Stage 4: calls that survive on a hot path → warnings or errors, and SARIF.</summary>
[MSBuildMultiThreadableTask]
public sealed class CheckHotPathCalls : StageTask
{
    private InputFile? _module;
    private InputFile? _provenance;
    private InputFile? _object;
    private InputFile? _report;

    /// <summary>The optimised module.</summary>
    [Required]
    public string Module { get; set; } = "";

    /// <summary>Its provenance.</summary>
    [Required]
    public string Provenance { get; set; } = "";

    /// <summary>The object lowered from it.</summary>
    [Required]
    public string ObjectFile { get; set; } = "";

    /// <summary>The optimiser's report.</summary>
    [Required]
    public string OptimizerReport { get; set; } = "";

    /// <summary>Exports from which hot paths start.</summary>
    public ITaskItem[] Entries { get; set; } = [];

    /// <summary>Callees that may survive.</summary>
    public ITaskItem[] Allowed { get; set; } = [];

    /// <summary><c>warning</c>, <c>error</c> or <c>none</c>.</summary>
    public string Severity { get; set; } = "warning";

    /// <inheritdoc/>
    protected override bool ReportsOnFailure => true;

    /// <inheritdoc/>
    protected override void ReadInputs()
    {
        _module = Input(Module);
        _provenance = Input(Provenance);
        _object = Input(ObjectFile);
        _report = Input(OptimizerReport);
    }

    /// <inheritdoc/>
    protected override OutputSet? Make()
    {
        var options = new AuditOptions
        {
            Module = _module!,
            ProvenanceJson = Encoding.UTF8.GetString(_provenance!.Bytes.Span),
            Object = _object!,
            OptimizerReportJson = Encoding.UTF8.GetString(_report!.Bytes.Span),
            Entries = [.. Entries.Select(item => item.ItemSpec)],
            Allowed = [.. Allowed.Select(item => item.ItemSpec)],
            Severity = Choice<HotPathSeverity>(Severity, "PulseHotPathSeverity"),
        };
        if (HotPathAudit.Check(options, this, Cancellation) is not { } audit)
        {
            return null;
        }

        Log.LogMessage(MessageImportance.Normal, "{0} calls survive on hot paths", audit.Calls.Length);
        var made = new OutputSet();
        made.Add(".sarif", audit.Sarif);
        return made;
    }
}
