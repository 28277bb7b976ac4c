using System.Collections.Immutable;
using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Fusion;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Stage 1: components in, one core module out.</summary>
public static class ComponentFuser
{
    /// <summary>Fuses; null when an error was reported.</summary>
    public static FuseResult? Fuse(FuseOptions options, IDiagnosticSink sink, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run("fusion", options.Components is [var first, ..] ? first.Path : "", sink, () => Run(options, cancellation));
    }

    private static FuseResult Run(FuseOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (options.NotReentrant.Select(index => options.Components[index]).FirstOrDefault(file => !ComponentReader.IsComponent(file.Bytes.Span)) is { } core)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2016, new Location(core.Path), NameOf(core, []));
        }

        if (options.Components is [var only] && CoreModuleOf(only) is { } module)
        {
            ModuleLoading.Validate(module, only, options.Features);
            if (options.KeepExports.FirstOrDefault(kept => module.Exports.TrueForAll(e => e.Name != kept)) is { } missing)
            {
                throw new DiagnosticException(DiagnosticId.PULSE2009, Location.None, missing, "is no export of the module");
            }

            var stack = StackRegion.Of(module, only.Path);
            var memories = stack is null ? [] : module.Memories.Select(memory => PlannedMemory.Untouched(memory, stack)).ToImmutableArray();
            return new FuseResult(ModuleWriter.Write(module), new ProvenanceMap([], [], memories, null).ToJson());
        }

        var fusion = new FusionOptions(Strategy(options.Memory), options.KeepExports, WiringOf(options.Composition), options.Features.Features);
        IReadOnlyDictionary<int, long> Measure(FusedModule fused) => ShadowStackPlan.SizesOf(fused, options.InterruptHandlers);
        var cores = options.Components.Count(file => !ComponentReader.IsComponent(file.Bytes.Span));
        if (cores > 0 && cores == options.Components.Length && options.Composition is null)
        {
            var linked = ComponentFusion.Link(CoreModules(options), fusion, Measure);
            return new FuseResult(ModuleWriter.Write(linked.Module), linked.Provenance.ToJson());
        }

        var components = new List<(string Name, Component Component)>();
        foreach (var file in options.Components)
        {
            cancellation.ThrowIfCancellationRequested();
            if (file.Path.EndsWith(".wat", StringComparison.OrdinalIgnoreCase))
            {
                throw new DiagnosticException(DiagnosticId.PULSE2001, new Location(file.Path), "this is the text of a core module, not a component; components are linked with components only");
            }

            components.Add((NameOf(file, components), ComponentReader.Read(file.Bytes, file.Path)));
        }

        var guarded = options.Composition is { } composition
            ? composition.Instances.Where(instance => options.NotReentrant.Contains(instance.Component)).Select(instance => instance.Name)
            : options.NotReentrant.Select(index => components[index].Name);
        var fused = ComponentFusion.Fuse(components, fusion with { Guarded = [.. guarded] }, Measure);
        return new FuseResult(ModuleWriter.Write(fused.Module), fused.Provenance.ToJson());
    }

    /// <summary>The core module that a file holds in binary or text form, or null for a component. Alone, it is already what fusion makes.</summary>
    private static Module? CoreModuleOf(InputFile file) =>
        file.Path.EndsWith(".wat", StringComparison.OrdinalIgnoreCase) ? WatParser.Parse(file.Bytes, file.Path)
        : ComponentReader.IsComponent(file.Bytes.Span) ? null
        : ModuleReader.Read(file.Bytes, file.Path);

    /// <summary>The files, which are core modules, under the names by which they import each other.</summary>
    private static ImmutableArray<(string Name, CoreModuleItem Source)> CoreModules(FuseOptions options)
    {
        var modules = ImmutableArray.CreateBuilder<(string Name, CoreModuleItem Source)>();
        foreach (var file in options.Components)
        {
            var module = CoreModuleOf(file)!;
            ModuleLoading.Validate(module, file, options.Features);
            var name = Path.GetFileNameWithoutExtension(file.Path);
            if (modules.Any(m => m.Name == name))
            {
                throw new DiagnosticException(DiagnosticId.PULSE2005, new Location(file.Path), name, "the linked module", modules.First(m => m.Name == name).Source.Path, file.Path);
            }

            modules.Add((name, new CoreModuleItem(module, file.Path, 0)));
        }

        return modules.ToImmutable();
    }

    /// <summary>The file's name without extension; a second one of that name gets a number.</summary>
    private static string NameOf(InputFile file, List<(string Name, Component Component)> taken)
    {
        var name = Path.GetFileNameWithoutExtension(file.Path);
        var unique = name;
        for (var number = 2; taken.Exists(t => t.Name == unique); number++)
        {
            unique = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}-{number}");
        }

        return unique;
    }

    private static MemoryStrategy Strategy(MemoryMode mode) => mode switch
    {
        MemoryMode.Shared => MemoryStrategy.Shared,
        MemoryMode.Multi => MemoryStrategy.Multi,
        _ => MemoryStrategy.Auto,
    };

    private static Wiring? WiringOf(Composition? composition) => composition is null ? null : new Wiring(
        [.. composition.Instances.Select(i => new WiredInstance(i.Name, i.Component))],
        [.. composition.Plugs.Select(p => new Plug(p.Into, p.Import, p.From, p.Export))],
        [.. composition.Exports.Select(e => new WorldName(e.Name, e.Instance, e.Export))]);
}
