using Pulse.Build.Engine.Smt.Elimination;
using Pulse.Build.Engine.Smt.Sampling;
using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>
/// Reads a solver's model of an obligation at the entry as a scenario: the arguments, what the host gives, and what it can write. What the model
/// says of anything else need not be a state that the module can reach, and is left out.
/// </summary>
internal static class ModelScenario
{
    public static Scenario From(ModulePair pair, HostEntry entry, Signature signature, FormulaModel model)
    {
        var values = model.Variables.ToDictionary(v => v.Key.Name!, v => v.Value, StringComparer.Ordinal);
        var arguments = Enumerable.Range(0, signature.Parameters.Length).Select(i => values.GetValueOrDefault(EntryNames.Parameter(i)));
        var type = Results(model).Select(r => r.Source.Args[0].Name!).FirstOrDefault(n => n.StartsWith("indirect:", StringComparison.Ordinal));
        var scenario = new Scenario { Calls = [new HostCall(entry, [.. arguments])], TableType = type?[(type.LastIndexOf(':') + 1)..] };
        var places = Places(pair.Before);
        foreach (var (part, place) in places)
        {
            if (values.TryGetValue(EntryNames.Prefix + pair.Before.Layout.Parts[part].Name, out var value))
            {
                (pair.Before.Layout.Parts[part].Kind == PartKind.MemorySize ? scenario.Pages : scenario.Globals)[place] = value;
            }
        }

        foreach (var (name, value) in values.Where(v => v.Key.StartsWith("import:", StringComparison.Ordinal)))
        {
            scenario.Globals[name["import:".Length..]] = value;
        }

        AddMemory(pair, places, model, scenario);
        AddHostResults(pair, model, scenario);
        return scenario;
    }

    /// <summary>The name that the host has for each component that it can write.</summary>
    private static Dictionary<int, string> Places(ModuleView view)
    {
        var module = view.Module;
        var names = module.Memories.Where(m => m.Import is not null).Select(m => (EntityKind.Memory, m.Index, m.Import!.Key))
            .Concat(module.Globals.Where(g => g.Import is not null).Select(g => (EntityKind.Global, g.Index, g.Import!.Key)))
            .Concat(module.Exports.Select(e => (e.Kind, e.Index, e.Name)));
        var places = new Dictionary<int, string>();
        foreach (var (kind, index, place) in names)
        {
            var part = kind switch { EntityKind.Memory => view.MemoryParts[index], EntityKind.Global => view.GlobalParts[index], _ => -1 };
            if (part >= 0 && places.TryAdd(part, place) && kind == EntityKind.Memory)
            {
                places[part + 1] = place;
            }
        }

        return places;
    }

    private static void AddMemory(ModulePair pair, Dictionary<int, string> places, FormulaModel model, Scenario scenario)
    {
        var evaluator = new TermEvaluator(0, model.Variables);
        var parts = places.ToDictionary(p => EntryNames.Prefix + pair.Before.Layout.Parts[p.Key].Name, p => p.Value, StringComparer.Ordinal);
        foreach (var read in model.Unknowns)
        {
            if (read is { Address: { } address, Source: { Op: TermOp.Variable } memory } && parts.TryGetValue(memory.Name!, out var place))
            {
                scenario.Bytes[(place, evaluator.Evaluate(address))] = (byte)evaluator.Evaluate(read.Variable);
            }
        }
    }

    private static IEnumerable<Unknown> Results(FormulaModel model) => model.Unknowns.Where(unknown => unknown.Address is null);

    /// <summary>Applications were made in the order of execution, so the n-th of a symbol is its n-th call on most paths.</summary>
    private static void AddHostResults(ModulePair pair, FormulaModel model, Scenario scenario)
    {
        var imports = pair.Before.Module.Functions.Where(f => f.Import is not null).GroupBy(f => pair.Before.CallSymbols[f.Index]).ToDictionary(g => g.Key, g => g.First().Import!.Key);
        foreach (var application in Results(model).GroupBy(r => r.Source.Args[0]).OrderBy(g => g.Key.Id))
        {
            if (!imports.TryGetValue(application.Key.Name!, out var key))
            {
                continue;
            }

            if (!scenario.HostResults.TryGetValue(key, out var calls))
            {
                scenario.HostResults[key] = calls = [];
            }

            var results = new SortedDictionary<int, ulong>();
            foreach (var result in application)
            {
                results[(int)result.Source.Value] = model.Variables.GetValueOrDefault(result.Variable);
            }

            calls.Add(results);
        }
    }
}
