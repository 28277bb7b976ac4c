using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Stage 1: components in, one core module out.</summary>
public static class ComponentFuser
{
    /// <summary>Fuses; null when an error was reported.</summary>
    public static FuseResult? Fuse(FuseOptions options, IDiagnosticSink sink, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run("fusion", options.Components is [var first, ..] ? first.Path : "", sink, () => Placeholder(options, cancellation));
    }

    // PLACEHOLDER until Fusion lands: the first component passes through.
    private static FuseResult? Placeholder(FuseOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        foreach (var component in options.Components)
        {
            if (component.Bytes.Length < 8 || !component.Bytes.Span.StartsWith("\0asm"u8))
            {
                throw new DiagnosticException(DiagnosticId.PULSE1001, Location.AtOffset(component.Path, 0), "no '\\0asm' header");
            }
        }

        if (options.Components is [var only] && only.Bytes.Span[6] == 0)
        {
            ModuleReader.Read(only.Bytes, only.Path);
        }

        return options.Components is [var first, ..] ? new FuseResult(first.Bytes, "{}") : null;
    }
}
