using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Ir;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Stage 3: a core module in, Thumb-2 machine code out, as an object and as a bootable image.</summary>
public static class ThumbCompiler
{
    private const string KnownTarget = "cortex-m3";

    /// <summary>Lowers; null when an error was reported.</summary>
    public static LowerResult? Lower(LowerOptions options, IDiagnosticSink sink, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run("lowering", options.Module.Path, sink, () => Run(options, cancellation));
    }

    private static LowerResult Run(LowerOptions options, CancellationToken cancellation)
    {
        Check(options);
        var module = ModuleLoading.Load(options.Module);
        cancellation.ThrowIfCancellationRequested();
        var compiled = ModuleCompiler.Compile(ProgramReader.Read(module), options.Module.Path, new CompilerOptions(
            options.Bounds == BoundsChecks.None ? BoundsMode.None : BoundsMode.Software,
            options.Mode switch { OptimizeMode.Size => CostMode.Size, OptimizeMode.Speed => CostMode.Speed, _ => CostMode.Balanced }));
        cancellation.ThrowIfCancellationRequested();
        var bytes = ElfWriter.Write(compiled.Object);
        var (listing, header) = (Listing.Print(compiled), CHeader.Write(module, options.Name));
        if (options.Output == OutputKind.Object)
        {
            return new LowerResult(bytes, listing, header, null, SizeOf(compiled.Object, inFlash: true), SizeOf(compiled.Object, inFlash: false));
        }

        var (linked, image) = FirmwareBuilder.Build(compiled.Object, options);
        return new LowerResult(bytes, listing, header, image, linked.FlashBytes, linked.RamBytes);
    }

    private static void Check(LowerOptions options)
    {
        if (options.Target != KnownTarget)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4001, Location.None, options.Target, KnownTarget);
        }

        if (options.Bounds == BoundsChecks.Mpu)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4050, Location.None);
        }
    }

    private static long SizeOf(ElfObject source, bool inFlash) => source.Sections
        .Where(section => section.IsAllocated && (inFlash ? section.Type != SectionType.NoBits : (section.Flags & SectionFlags.Write) != 0))
        .Sum(section => (long)section.Size);
}
