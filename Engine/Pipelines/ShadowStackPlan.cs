using System.Collections.Immutable;
using System.Globalization;
using Pulse.Build.Engine.Fusion;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>What can lie on a stack of linear memory at once: the program, and one handler of each priority.</summary>
/// <param name="Global">The stack pointer.</param>
/// <param name="Top">What it starts with.</param>
/// <param name="Program">Bytes of the program; null where there is no bound.</param>
/// <param name="Handlers">Bytes of the handlers, with what their entries leave free; null where there is no bound.</param>
/// <param name="Chains">The deepest calls, in words.</param>
internal sealed record ShadowStackPlan(int Global, uint Top, long? Program, long? Handlers, string Chains)
{
    /// <summary>Bytes in the worst case; null where there is no bound.</summary>
    public long? Bytes => Program + Handlers;

    /// <summary>
    /// Bytes that each stack of <paramref name="fused"/> needs, by memory: what its calls can take, else what the components reserved; and its handlers.
    /// </summary>
    public static Dictionary<int, long> SizesOf(FusedModule fused, ImmutableArray<InterruptHandler> handlers)
    {
        // Handlers that nobody exports are refused where they are bound.
        var known = handlers.Where(handler => fused.Module.Exports.Exists(e => e.Kind == ExternKind.Function && e.Name == handler.Export)).ToImmutableArray();
        InterruptEntries.Add(fused.Module, known.Select(handler => handler.Export));
        var plans = Of(ProgramReader.Read(fused.Module), null, known).ToDictionary(plan => plan.Global);
        var sizes = new Dictionary<int, long>();
        foreach (var stack in fused.Stacks)
        {
            var plan = plans.GetValueOrDefault(stack.Pointer);
            sizes[stack.Memory] = (plan?.Program ?? stack.Bytes) + (plan?.Handlers ?? stack.Bytes * known.Select(Level).Distinct().Count());
        }

        return sizes;
    }

    /// <summary>The plans of all stacks of <paramref name="program"/>.</summary>
    /// <param name="program">The program, with the entries of its handlers.</param>
    /// <param name="entries">Exports that run when no other runs; null for all that are no handlers.</param>
    /// <param name="handlers">Exports that interrupt them.</param>
    /// <param name="framesOnly">As <see cref="ShadowStack"/> has it.</param>
    public static ImmutableArray<ShadowStackPlan> Of(Program program, ImmutableArray<string>? entries, ImmutableArray<InterruptHandler> handlers, bool framesOnly = false)
    {
        var names = NameSection.Read(program.Module);
        var graph = new CallGraph(program);
        FuncIndex? Function(string export) =>
            program.Module.Exports.Find(e => e.Kind == ExternKind.Function && e.Name == export) is { } found ? new FuncIndex(found.Index) : null;
        var exports = entries ?? [.. program.Module.Exports.Where(e => e.Kind == ExternKind.Function).Select(e => e.Name).Except(handlers.Select(h => h.Export))];
        var roots = exports.Select(Function).Append(program.Module.Start).OfType<FuncIndex>().Distinct().ToList();
        var levels = handlers.GroupBy(Level).OrderByDescending(level => level.Key).Select(level => level.Select(h => Function(h.Export)).OfType<FuncIndex>().ToList()).ToList();
        return [.. StackPointers.Of(program, names).Order().Select(global => Of(global)).OfType<ShadowStackPlan>()];

        ShadowStackPlan? Of(int global)
        {
            if (program.Module.Globals[global].Initial is not { } initial || !initial.TryEvaluate(out var top))
            {
                return null;
            }

            var stack = new ShadowStack(program, graph, global, framesOnly);
            var parts = levels.Prepend(roots).Select(level => Deepest(stack, level)).ToList();
            long? handlerBytes = parts.Skip(1).Aggregate((long?)0, (sum, part) => sum + part.Bytes);
            return new(global, (uint)top.Bits, parts[0].Bytes, handlerBytes, string.Join(", ", parts.Where(part => part.Bytes > 0).Select(part => Describe(stack, part))));
        }

        string Describe(ShadowStack stack, (FuncIndex Root, long? Bytes) part) => string.Create(
            CultureInfo.InvariantCulture,
            $"{part.Bytes} ({string.Join(", ", stack.Chain(part.Root).Select(call => string.Create(CultureInfo.InvariantCulture, $"{NameOf(call.Function)} {call.Bytes}")))})");

        string NameOf(FuncIndex function) => names.Function(function)
            ?? program.Module.Exports.Find(e => e.Kind == ExternKind.Function && e.Index == function.Index)?.Name
            ?? string.Create(CultureInfo.InvariantCulture, $"function {function.Index}");
    }

    private static (FuncIndex Root, long? Bytes) Deepest(ShadowStack stack, List<FuncIndex> roots)
    {
        var deepest = (Root: roots.FirstOrDefault(), Bytes: (long?)0);
        foreach (var root in roots)
        {
            if (stack.Of(root) is not { } bytes)
            {
                return (root, null);
            }

            deepest = bytes > deepest.Bytes ? (root, bytes) : deepest;
        }

        return deepest;
    }

    /// <summary>Handlers of one level do not interrupt each other: those of one priority, and the faults (a fault in a fault is a HardFault).</summary>
    private static int Level(InterruptHandler handler) => handler.Vector.ToUpperInvariant() switch
    {
        "HARDFAULT" => -3,
        "NMI" => -2,
        "MEMMANAGE" or "BUSFAULT" or "USAGEFAULT" => -1,
        _ => handler.Priority ?? 0,
    };
}
