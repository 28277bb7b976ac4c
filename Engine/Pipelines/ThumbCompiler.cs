using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Stage 3: a core module in, Thumb-2 machine code out, as an object and as a bootable image.</summary>
public static class ThumbCompiler
{
    /// <summary>Lowers; null when an error was reported.</summary>
    public static LowerResult? Lower(LowerOptions options, IDiagnosticSink sink, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run("lowering", options.Module.Path, sink, () => Placeholder(options, cancellation));
    }

    // PLACEHOLDER until Codegen and Firmware land: the module's bytes stand for every output.
    private static LowerResult? Placeholder(LowerOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (options.Target != "cortex-m3")
        {
            throw new DiagnosticException(DiagnosticId.PULSE4001, Location.None, options.Target, "cortex-m3");
        }

        if (options.Bounds == BoundsChecks.Mpu)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4050, Location.None);
        }

        var bytes = options.Module.Bytes;
        var image = options.Output == OutputKind.Firmware ? new FirmwareImage(bytes, bytes, ":00000001FF\n", "") : null;
        return new LowerResult(bytes, "", "", image, bytes.Length, 0);
    }
}
