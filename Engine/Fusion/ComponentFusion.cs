using System.Collections.Immutable;
using Pulse.Build.Engine.Components;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Fusion;

/// <summary>What stacks take, given a module in which each has what its components reserved: bytes by memory.</summary>
internal delegate IReadOnlyDictionary<int, long> StackMeasure(FusedModule fused);

/// <summary>
/// Fuses components into one core module: <c>components → ComponentGraph → ReachableProgram → MemoryPlan → FusedModule</c>. Bad input and
/// whatever cannot be fused soundly is a diagnostic; there is no result that may be wrong.
/// </summary>
internal static class ComponentFusion
{
    /// <summary>Links core modules by name. Without <paramref name="measure"/> a stack has what the modules reserved, here and below.</summary>
    public static FusedModule Link(ImmutableArray<(string Name, CoreModuleItem Source)> modules, FusionOptions options, StackMeasure? measure = null)
    {
        var graph = CoreComposer.Compose(modules, options);
        if (graph.CoreExports.IsEmpty)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2014, new Location(modules[0].Source.Path), "no module exports anything to the world");
        }

        return Fuse(graph, options, measure);
    }

    /// <summary>Fuses <paramref name="components"/>, which are named instances, or what the options' wiring makes of them.</summary>
    public static FusedModule Fuse(IReadOnlyList<(string Name, Component Component)> components, FusionOptions options, StackMeasure? measure = null)
    {
        if (components.Count == 0)
        {
            throw new DiagnosticException(DiagnosticId.PULSE2014, Location.None, "no component is given");
        }

        var graph = Composer.Compose(components, options);
        if (graph.Exports.IsEmpty && graph.Modules.All(m => m.Module.Start is null))
        {
            throw new DiagnosticException(DiagnosticId.PULSE2014, new Location(components[0].Component.Path), "no component exports a function to the world, or has a start function");
        }

        return Fuse(graph, options, measure);
    }

    private static FusedModule Fuse(ComponentGraph graph, FusionOptions options, StackMeasure? measure)
    {
        CoreLinker.CheckImports(graph);
        var guards = new CallGuards(new MayLeaveAnalysis(graph), new MayEnterAnalysis(graph, options.Guarded.IsDefault ? new HashSet<string>() : options.Guarded.ToHashSet(StringComparer.Ordinal)));
        var program = ReachableProgram.Build(graph, guards, null, HandlePlan.Unknown);
        var shares = MemoryPlanner.Shares(program, options.Memory);
        var border = HostBoundary.Choose(program.HostBoundaryUses, shares);
        if (border is not null || program.UsesHandles)
        {
            var capacity = options.Handles > 0 || !shares ? options.Handles : FusionOptions.SharedHandles;
            var handles = new HandlePlan(program.FitsHostTable, capacity);
            program = ReachableProgram.Build(graph, guards, border, handles);
            if (program.NeedsHostTransferBuffer && !shares)
            {
                program = ReachableProgram.Build(graph, guards, border!.OfArea(program.HostBoundaryUses), handles);
            }
        }

        var fused = FusedEmitter.Emit(program, MemoryPlanner.Plan(program, shares), options.Kept);
        if (measure is not null && fused.Stacks.Length > 0)
        {
            fused = FusedEmitter.Emit(program, MemoryPlanner.Plan(program, shares, measure(fused)), options.Kept);
        }

        Validator.Require(fused.Module, "fused");
        return fused;
    }
}
