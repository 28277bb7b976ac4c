using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Names what stopped a firmware that ran.</summary>
public static class FaultReport
{
    /// <summary>PULSE6001 with what happened and where; null when the image cannot be read, which is reported.</summary>
    /// <param name="image">The ELF that ran.</param>
    /// <param name="address">The digits of the line <c>PULSE fault 0x…</c>, or any address of code.</param>
    /// <param name="status">What the emulation ended with; null when nobody knows.</param>
    /// <param name="sink">Takes what is wrong with the image.</param>
    public static Diagnostic? Explain(InputFile image, uint address, int? status, IDiagnosticSink sink)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run("the report of a fault", image.Path, sink, () => Diagnostic.Create(
            DiagnosticId.PULSE6001, new Location(image.Path), FaultExplanation.Explain(ElfReader.ReadImage(image.Bytes, image.Path), address, status)));
    }
}
