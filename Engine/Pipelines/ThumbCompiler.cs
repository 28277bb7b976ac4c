using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;

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
        var module = ModuleReader.Read(options.Module.Bytes, options.Module.Path);
        Validator.Validate(module, options.Module.Path);
        cancellation.ThrowIfCancellationRequested();
        var compiled = ModuleCompiler.Compile(ProgramReader.Read(module), options.Module.Path, new CompilerOptions(
            options.Bounds == BoundsChecks.None ? BoundsMode.None : BoundsMode.Software,
            options.Mode switch { OptimizeMode.Size => CostMode.Size, OptimizeMode.Speed => CostMode.Speed, _ => CostMode.Balanced }));
        cancellation.ThrowIfCancellationRequested();
        var bytes = ElfWriter.Write(compiled.Object);
        var (listing, header) = (Listing.Print(compiled), CHeader.Print(compiled, options.Name));
        if (options.Output == OutputKind.Object)
        {
            return new LowerResult(bytes, listing, header, null, SizeOf(compiled.Object, inFlash: true), SizeOf(compiled.Object, inFlash: false));
        }

        var linked = FirmwareLinker.Link([(compiled.Object, options.Name)], FirmwareOf(options, compiled));
        var image = new FirmwareImage(ElfWriter.Write(linked.Image), FlashImage.Bytes(linked), FlashImage.IntelHex(linked), MapFile.Write(linked, options.Name));
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

    private static FirmwareOptions FirmwareOf(LowerOptions options, CompiledModule compiled) => new()
    {
        Board = Boards.Find(options.Board),
        Entry = options.Entry,
        Initializers = compiled.Plan.Module.Start is null ? [] : [ObjectBuilder.StartSymbol],
        Handlers = [.. options.InterruptHandlers.Select(handler => new InterruptBinding(handler.Vector, handler.Export))],
    };

    private static long SizeOf(ElfObject source, bool inFlash) => source.Sections
        .Where(section => section.IsAllocated && (inFlash ? section.Type != SectionType.NoBits : (section.Flags & SectionFlags.Write) != 0))
        .Sum(section => (long)section.Size);
}
