using Microsoft.Build.Framework;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tasks;

/// <summary>Stage 1: components → <c>fused.wasm</c> and its provenance.</summary>
[MSBuildMultiThreadableTask]
public sealed class FuseComponents : StageTask
{
    private readonly List<InputFile> _components = [];

    /// <summary>Components, core modules or WAT texts.</summary>
    public ITaskItem[] Components { get; set; } = [];

    /// <summary><c>auto</c>, <c>shared</c> or <c>multi</c>.</summary>
    public string Memory { get; set; } = "auto";

    /// <summary>Proposals that the core modules may use.</summary>
    public string Features { get; set; } = "all";

    /// <summary>Exports that stay although nothing asks for them.</summary>
    public ITaskItem[] KeepExports { get; set; } = [];

    /// <summary>Vectors bound to exports; stacks in linear memory have room for them.</summary>
    public ITaskItem[] InterruptHandlers { get; set; } = [];

    /// <inheritdoc/>
    protected override void ReadInputs()
    {
        if (Components.Length == 0)
        {
            throw new DiagnosticException(DiagnosticId.PULSE0005, new Location(ProjectFile));
        }

        _components.AddRange(Components.Select(item => Input(item.ItemSpec)));
    }

    /// <inheritdoc/>
    protected override OutputSet? Make()
    {
        var options = new FuseOptions
        {
            Components = [.. _components],
            Memory = Choice<MemoryMode>(Memory, "PulseMemory"),
            Features = FeatureSet.Parse(Features, "PulseFeatures", ProjectFile),
            KeepExports = [.. KeepExports.Select(item => item.ItemSpec)],
            NotReentrant = [.. Components.Index().Where(item => IsNotReentrant(item.Item)).Select(item => item.Index)],
            InterruptHandlers = [.. InterruptHandlers.Select(Handler)],
        };
        if (ComponentFuser.Fuse(options, this, Cancellation) is not { } fused)
        {
            return null;
        }

        Log.LogMessage(MessageImportance.Normal, "fused {0} components into {1} bytes", Components.Length, fused.Module.Length);
        var made = new OutputSet();
        made.Add(".wasm", fused.Module);
        made.Add(".provenance.json", fused.ProvenanceJson);
        return made;
    }

    private bool IsNotReentrant(ITaskItem component)
        => component.GetMetadata("Reentrant") is { Length: > 0 } text && !Flag(text, $"Reentrant of WasmComponent '{component.ItemSpec}'");
}
