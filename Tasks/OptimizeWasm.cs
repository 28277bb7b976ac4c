using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Build.Framework;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tasks;

/// <summary>Stage 2: <c>fused.wasm</c> → <c>optimized.wasm</c>, its provenance and the report of every proof.</summary>
[MSBuildMultiThreadableTask]
public sealed class OptimizeWasm : StageTask
{
    private InputFile? _module;
    private InputFile? _provenance;

    /// <summary>The fused module.</summary>
    [Required]
    public string Module { get; set; } = "";

    /// <summary>Its provenance.</summary>
    [Required]
    public string Provenance { get; set; } = "";

    /// <summary><c>balanced</c>, <c>size</c> or <c>speed</c>.</summary>
    public string Mode { get; set; } = "balanced";

    /// <summary>Whether calls are inlined: <c>true</c> or <c>false</c>.</summary>
    public string Inline { get; set; } = "true";

    /// <summary>Functions to inline wherever it is possible.</summary>
    public ITaskItem[] InlineFunctions { get; set; } = [];

    /// <summary>Exports from which hot paths start.</summary>
    public ITaskItem[] HotPathEntries { get; set; } = [];

    /// <summary>Exports that stay although nothing asks for them.</summary>
    public ITaskItem[] KeepExports { get; set; } = [];

    /// <summary>Vectors, each with the <c>Export</c> that handles it and, if it is known, its <c>Priority</c>.</summary>
    public ITaskItem[] InterruptHandlers { get; set; } = [];

    /// <summary><c>full</c> or <c>off</c>.</summary>
    public string Verify { get; set; } = "full";

    /// <summary><c>error</c> or <c>keep-original</c>.</summary>
    public string Unproved { get; set; } = "keep-original";

    /// <summary>The solver's library or program; empty looks in the usual places.</summary>
    public string Z3Path { get; set; } = "";

    /// <summary>Folder that receives every solver query; empty writes none.</summary>
    public string SmtDirectory { get; set; } = "";

    /// <summary>Folder that receives the certificate of each function proved by one; empty writes none.</summary>
    public string CertificateDirectory { get; set; } = "";

    /// <summary>Which dumps to write; empty writes none.</summary>
    public string DumpIr { get; set; } = "";

    /// <summary>Folder of the dumps.</summary>
    public string DumpDirectory { get; set; } = "";

    /// <inheritdoc/>
    protected override void ReadInputs()
    {
        _module = Input(Module);
        _provenance = Input(Provenance);
    }

    /// <inheritdoc/>
    protected override OutputSet? Make()
    {
        var options = new OptimizeOptions
        {
            Module = _module!,
            ProvenanceJson = Encoding.UTF8.GetString(_provenance!.Bytes.Span),
            Mode = Choice<OptimizeMode>(Mode, "PulseMode"),
            Inline = Flag(Inline, "PulseInline"),
            InlineFunctions = [.. InlineFunctions.Select(item => item.ItemSpec)],
            HotPathEntries = [.. HotPathEntries.Select(item => item.ItemSpec)],
            KeepExports = [.. KeepExports.Select(item => item.ItemSpec)],
            Handlers = [.. InterruptHandlers.Select(Handler)],
            Verify = Choice<VerifyLevel>(Verify, "PulseVerify"),
            Unproved = Choice<UnprovedPolicy>(Unproved, "PulseUnproved"),
            Progress = new ProgressLog(this),
            Z3Path = Path.GetFileName(Z3Path) == Z3Path && !File.Exists(Absolute(Z3Path)) ? Z3Path : Absolute(Z3Path),
            SmtDirectory = Absolute(SmtDirectory),
            CertificateDirectory = Absolute(CertificateDirectory),
            DumpIr = DumpIr,
            DumpDirectory = Absolute(DumpDirectory),
        };
        if (DumpIr.Length > 0 && Directory.Exists(options.DumpDirectory))
        {
            Directory.Delete(options.DumpDirectory, recursive: true);
        }

        var clock = Stopwatch.StartNew();
        if (WasmOptimizer.Optimize(options, this, Cancellation) is not { } optimized)
        {
            return null;
        }

        Log.LogMessage(MessageImportance.High, Summary(optimized, clock.Elapsed));
        foreach (var line in optimized.Interrupts)
        {
            Log.LogMessage(MessageImportance.Normal, line);
        }

        var made = new OutputSet();
        made.Add(".wasm", optimized.Module);
        made.Add(".provenance.json", optimized.ProvenanceJson ?? "{}");
        made.Add(".report.json", optimized.ReportJson);
        return made;
    }

    private string Summary(OptimizeResult optimized, TimeSpan elapsed) => string.Create(
        CultureInfo.InvariantCulture,
        $"optimized {_module!.Bytes.Length} -> {optimized.Module.Length} bytes: {optimized.Counts}, {elapsed.TotalSeconds:0.0} s");

    /// <summary>Progress as messages that a log has at its finer levels.</summary>
    private sealed class ProgressLog(OptimizeWasm task) : IProgress<string>
    {
        public void Report(string value) => task.Log.LogMessage(MessageImportance.Low, "{0}", value);
    }
}
