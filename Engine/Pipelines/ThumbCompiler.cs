using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Wasm;

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
        if (options.Output == OutputKind.Firmware)
        {
            CheckCalledByTheChip(module, options);
        }

        cancellation.ThrowIfCancellationRequested();
        var compiled = ModuleCompiler.Compile(ProgramReader.Read(module), options.Module.Path, new CompilerOptions(
            options.Bounds == BoundsChecks.None ? BoundsMode.None : BoundsMode.Software,
            options.Mode switch { OptimizeMode.Size => CostMode.Size, OptimizeMode.Speed => CostMode.Speed, _ => CostMode.Balanced }));
        cancellation.ThrowIfCancellationRequested();
        var bytes = ElfWriter.Write(compiled.Object);
        var (listing, header) = (Listing.Print(compiled), CHeader.Write(module, compiled.Plan.FunctionSymbol, options.Name));
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

    /// <summary>What nothing passes arguments to must not take any. Names that no export has are the linker's to refuse.</summary>
    private static void CheckCalledByTheChip(Module module, LowerOptions options)
    {
        var handlers = options.InterruptHandlers.Select(handler => (handler.Export, Role: $"the handler of vector '{handler.Vector}'"));
        foreach (var (name, role) in handlers.Prepend((options.Entry, Role: "the entry")))
        {
            if (module.Exports.Find(e => e.Kind == ExternKind.Function && e.Name == name) is { } export
                && module.TypeOf(new FuncIndex(export.Index)) is var type
                && (type.Parameters.Length > 0 || CallingConvention.Results(type.Results).StackBytes > 0))
            {
                throw new DiagnosticException(DiagnosticId.PULSE4053, Location.None, name, role, type);
            }
        }
    }

    private static long SizeOf(ElfObject source, bool inFlash) => source.Sections
        .Where(section => section.IsAllocated && (inFlash ? section.Type != SectionType.NoBits : (section.Flags & SectionFlags.Write) != 0))
        .Sum(section => (long)section.Size);
}
