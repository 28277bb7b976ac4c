using System.Collections.Immutable;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Emission;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Engine.Passes;

/// <summary>An optimised module and what was done to get there.</summary>
/// <param name="Module">The module.</param>
/// <param name="Origins">For each function of <paramref name="Module"/>, its index in the module that came in.</param>
/// <param name="Inlined">Pairs of caller and callee, by index in the module that came in, of which calls were expanded.</param>
/// <param name="Decisions">Every inlining decision.</param>
/// <param name="Changed">How many functions were emitted anew.</param>
/// <param name="Indices">The new index of each entity of the module that came in.</param>
internal sealed record OptimizedModule(
    Module Module,
    IReadOnlyList<int> Origins,
    IReadOnlyList<(int Caller, int Callee)> Inlined,
    IReadOnlyList<InlineDecision> Decisions,
    int Changed,
    IndexMaps Indices)
{
    /// <summary>What each interrupt handler shares with other code.</summary>
    public ImmutableArray<HandlerSharing> Interrupts { get; init; } = [];

    /// <summary>Loops of the module that came in that wait for what nobody changes: the function, and the offset of the read.</summary>
    public ImmutableArray<(int Function, int Offset)> StuckLoops { get; init; } = [];

    /// <summary><paramref name="module"/> as it came in.</summary>
    public static OptimizedModule Untouched(Module module) => new(module, [.. Enumerable.Range(0, module.Functions.Count)], [], [], 0, new IndexMaps());
}

/// <summary>Runs the whole-program pipeline on a module and removes what it left dead.</summary>
internal static class ProgramOptimizer
{
    /// <summary>Optimises <paramref name="module"/>, which is valid and stays as it is.</summary>
    public static OptimizedModule Optimize(Module module, OptimizerSettings settings, InlineHints marks, Action<string, Function>? dump = null)
    {
        var positions = CodePositions.Read(module, "");
        var program = ProgramReader.Read(module.Clone());
        var names = FunctionNames.Of(module);
        var interrupts = InterruptSharing.Find(program);
        var stuck = program.Functions.Where(f => program.Body(f) is not null).SelectMany(f => StuckLoops.Find(program.Body(f)!).Select(offset => (f.Index, offset))).ToImmutableArray();
        if (interrupts.Any(handler => handler.Places.ChangesStructure))
        {
            // Tables and sizes that change at any moment have no place in the proofs, so nothing is changed that could depend on them.
            var kept = new FunctionLevel(OptimizationLevel.Original, []);
            settings = settings with { Levels = program.Functions.ToImmutableSortedDictionary(f => f.Index, _ => kept) };
        }

        var context = new PassContext(program, settings)
        {
            Names = names,
            Marks = marks,
            AfterChange = dump is null ? null : (index, pass) => dump(pass, program.Body(index)!),
        };
        foreach (var pass in Pipelines.Whole)
        {
            pass.Run(context);
        }

        var written = ProgramWriter.Write(program);
        if (settings.Goal != Goal.Speed)
        {
            KeepShorterOriginals(module, written, context);
        }

        var (pruned, maps) = settings.RemoveDead ? ModulePruner.Prune(written) : (written, new IndexMaps());
        var functions = Enumerable.Range(0, module.Functions.Count).Select(i => new FuncIndex(i));
        context.Origins.Keep([.. functions.Where(f => maps.MapOrRemoved(IndexSpace.Function, f.Index) >= 0)]);
        positions.CarryTo(pruned, context.Origins.Map);
        return new OptimizedModule(pruned, context.Origins.Map, [.. context.Origins.Inlined], context.InlineDecisions, program.Functions.Count(program.IsChanged), maps)
        {
            Interrupts = interrupts,
            StuckLoops = stuck,
        };
    }

    /// <summary>A function that took in no callee and came out longer keeps the body it had.</summary>
    private static void KeepShorterOriginals(Module before, Module after, PassContext context)
    {
        var grown = context.Origins.Inlined.Select(pair => pair.Caller).ToHashSet();
        for (var i = 0; i < before.Functions.Count; i++)
        {
            if (!grown.Contains(i)
                && before.Functions[i].Body is { } original
                && after.Functions[i].Body is { } emitted
                && BodySize.Of(emitted) > BodySize.Of(original))
            {
                after.Functions[i] = after.Functions[i] with { Body = original };
            }
        }
    }
}
