using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;
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
        return PipelineEntry.Run("lowering", options.Module.Path, sink, () => Run(options, sink, cancellation));
    }

    private static LowerResult Run(LowerOptions options, IDiagnosticSink sink, CancellationToken cancellation)
    {
        Check(options);
        var module = ModuleLoading.Load(options.Module);
        CheckCalledByTheChip(module, options);
        cancellation.ThrowIfCancellationRequested();
        var settings = new CompilerOptions(
            options.Bounds == BoundsChecks.None ? BoundsMode.None : BoundsMode.Software,
            options.Mode switch { OptimizeMode.Size => CostMode.Size, OptimizeMode.Speed => CostMode.Speed, _ => CostMode.Balanced })
        {
            FillsMemories = options.Output == OutputKind.Object,
            ExactTraps = options.Traps == TrapSites.Exact,
        };
        var program = ProgramReader.Read(module);
        ShadowStackCheck.Require(program, options, sink);
        var compiled = ModuleCompiler.Compile(program, options.Module.Path, settings);
        cancellation.ThrowIfCancellationRequested();
        var firmware = options.Output == OutputKind.Firmware ? FirmwareBuilder.Build(compiled.Object, program, options) : ((LinkedFirmware Linked, FirmwareImage Image)?)null;
        if (firmware is { Linked.Map.Stack: { IsBounded: false } unbounded })
        {
            // Which functions lie on a cycle is a fact of their machine code; those are made once more, with a check of the stack.
            var recursive = unbounded.Depths.Recursive.Select(function => function.Section).ToHashSet();
            var symbols = compiled.Object.Symbols.Where(symbol => symbol.Section is { } section && recursive.Contains(section)).Select(symbol => symbol.Name);
            compiled = ModuleCompiler.Compile(ProgramReader.Read(module), options.Module.Path, settings with { StackChecked = symbols.ToHashSet(StringComparer.Ordinal) });
            firmware = FirmwareBuilder.Build(compiled.Object, program, options);
        }

        var listing = Listing.Print(compiled);

        // An image is linked by the names of the module; the object that is handed out has those of C.
        var names = new CNames(compiled.Plan, options.Name);
        LinkableObject.Rename(compiled.Object, compiled.Plan, names);
        var (bytes, header) = (ElfWriter.Write(compiled.Object), CHeader.Write(compiled.Plan, names, options.Name));
        return new LowerResult(
            bytes,
            listing,
            header,
            firmware?.Image,
            firmware?.Linked.FlashBytes ?? SizeOf(compiled.Object, inFlash: true),
            firmware?.Linked.RamBytes ?? SizeOf(compiled.Object, inFlash: false),
            firmware is { Linked.Map.Stack: var stack } ? new StackUse(stack.Depth, stack.Reserve) : null);
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

    /// <summary>
    /// What nothing passes arguments to must not take any. In an object C calls the entry, and no linker of ours sees handlers and vectors.
    /// </summary>
    private static void CheckCalledByTheChip(Module module, LowerOptions options)
    {
        var handlers = options.InterruptHandlers.Select(handler => (handler.Export, Role: $"the handler of vector '{handler.Vector}'"));
        if (options.Output == OutputKind.Object)
        {
            CheckHandlers(module, options);
        }
        else
        {
            handlers = handlers.Prepend((options.Entry, Role: "the entry"));
        }

        CheckFaultExport(module, options);
        foreach (var (name, role) in handlers)
        {
            if (Export(module, name) is { } export
                && module.TypeOf(new FuncIndex(export.Index)) is var type
                && (type.Parameters.Length > 0 || CallingConvention.Results(type.Results).StackBytes > 0))
            {
                throw new DiagnosticException(DiagnosticId.PULSE4053, Location.None, name, role, type);
            }
        }
    }

    /// <summary>What a fault calls takes words that the fault handler has: as many as it likes, in their order.</summary>
    private static void CheckFaultExport(Module module, LowerOptions options)
    {
        if (options.Output != OutputKind.Firmware || options.Faults != FaultHandling.OnFault)
        {
            return;
        }

        if (Export(module, FaultCode.Export) is not { } export)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4058, Location.None, "it is not exported");
        }

        var type = module.TypeOf(new FuncIndex(export.Index));
        if (type.Parameters.Length > 4 || type.Parameters.Any(parameter => parameter != ValType.I32) || !type.Results.IsEmpty)
        {
            throw new DiagnosticException(DiagnosticId.PULSE4058, Location.None, $"its type is {type}");
        }
    }

    /// <summary>Handlers are exports; their vectors are those of the board where the project names one.</summary>
    private static void CheckHandlers(Module module, LowerOptions options)
    {
        if (options.InterruptHandlers.FirstOrDefault(handler => Export(module, handler.Export) is null) is { } missing)
        {
            var known = string.Join(", ", module.Exports.Where(e => e.Kind == ExternKind.Function).Select(e => e.Name).Order(StringComparer.Ordinal).DefaultIfEmpty("none"));
            throw new DiagnosticException(DiagnosticId.PULSE4043, Location.None, missing.Export, missing.Vector, known);
        }

        if (options.Board.Length > 0 && !options.InterruptHandlers.IsEmpty)
        {
            VectorTable.Bind(new FirmwareOptions
            {
                Board = Boards.Find(options.Board),
                Entry = options.Entry,
                Handlers = [.. options.InterruptHandlers.Select(handler => handler.Binding)],
            });
        }
    }

    private static Export? Export(Module module, string name) => module.Exports.Find(e => e.Kind == ExternKind.Function && e.Name == name);

    private static long SizeOf(ElfObject source, bool inFlash) => source.Sections
        .Where(section => section.IsAllocated && (inFlash ? section.Type != SectionType.NoBits : (section.Flags & SectionFlags.Write) != 0))
        .Sum(section => (long)section.Size);
}
