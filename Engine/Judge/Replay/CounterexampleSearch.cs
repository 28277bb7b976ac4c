using System.Collections.Immutable;
using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Correspondence;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>
/// Looks for a host that can tell two modules apart by way of two functions: with the solver's model first, then with a fixed list of
/// telling values. Every run starts with an instance as it is made and goes on with calls of exports, so what differs can happen.
/// What is not found proves nothing.
/// </summary>
internal sealed class CounterexampleSearch(ModulePair pair)
{
    private const int MaximumEntries = 8;
    private const int StepsPerRun = 40_000;
    private const int StepsInAll = 1_500_000;
    private const int StepsOfPatient = 1_000_000;
    private readonly (DecodedModule Before, DecodedModule After) _modules = (pair.Before.Module, pair.After.Module);
    private readonly Dictionary<int, FlowGraph> _bodiesBefore = [];
    private readonly Dictionary<int, FlowGraph> _bodiesAfter = [];

    public Counterexample? Find(FunctionPair functions, FormulaModel? model)
    {
        var all = HostEntries.Of(_modules.Before);
        var (near, far) = (new CallReach(pair.FactsBefore, _modules.Before, functions.Before), new CallReach(pair.FactsAfter, _modules.After, functions.After));
        var entries = all.Where(e => near.From(e.Function) || HostEntries.Find(_modules.After, e.Entry) is var g and >= 0 && far.From(g))
            .OrderBy(e => e.Function == functions.Before ? 0 : 1).Take(MaximumEntries).ToList();
        var budget = StepsInAll;
        foreach (var scenario in Scenarios(functions, model, entries, all, near, far))
        {
            if (budget <= 0 && !scenario.IsPatient)
            {
                continue;
            }

            var x = Run(_modules.Before, _bodiesBefore, scenario, null, ref budget);
            var y = Run(_modules.After, _bodiesAfter, scenario, x.Trace, ref budget);
            var concerned = x.Instance!.Entered.Contains(functions.Before) || y.Instance!.Entered.Contains(functions.After);
            if (concerned && TraceComparison.Compare(scenario, x, y) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>A difference that shows when the instances are made.</summary>
    public Counterexample? FindAtInstantiation()
    {
        var (guesses, budget) = (new ScenarioGuesses(_modules.Before, []), StepsInAll);
        for (var trial = 0; trial < ScenarioGuesses.Instantiations; trial++)
        {
            var scenario = ScenarioGuesses.Instantiation(trial);
            var x = Run(_modules.Before, _bodiesBefore, scenario, null, ref budget);
            if (TraceComparison.Compare(scenario, x, Run(_modules.After, _bodiesAfter, scenario, x.Trace, ref budget)) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private IEnumerable<Scenario> Scenarios(
        FunctionPair functions, FormulaModel? model, List<(HostEntry Entry, int Function)> entries, List<(HostEntry Entry, int Function)> all, CallReach near, CallReach far)
    {
        if (model is not null && entries.Count > 0 && entries[0].Function == functions.Before)
        {
            yield return ModelScenario.From(pair, entries[0].Entry, _modules.Before.Functions[functions.Before].Signature, model);
        }

        var guesses = new ScenarioGuesses(_modules.Before, all);
        if (_modules.Before.Start is { } start && near.From(start) || _modules.After.Start is { } other && far.From(other))
        {
            for (var trial = 0; trial < ScenarioGuesses.Instantiations; trial++)
            {
                yield return ScenarioGuesses.Instantiation(trial);
            }
        }

        for (var trial = 0; trial < ScenarioGuesses.Trials; trial++)
        {
            foreach (var (entry, function) in entries.Where((_, i) => i == 0 || trial < ScenarioGuesses.TrialsOfOthers))
            {
                yield return guesses.Calling(entry, function, trial);
            }
        }

        foreach (var (entry, function) in entries.Take(1))
        {
            foreach (var scenario in guesses.Patient(entry, function))
            {
                yield return scenario;
            }
        }
    }

    private static HostSide Run(DecodedModule module, Dictionary<int, FlowGraph> bodies, Scenario scenario, List<HostEvent>? other, ref int budget)
    {
        var host = new HostSide(module, bodies, scenario, other);
        var steps = scenario.IsPatient ? StepsOfPatient : StepsPerRun;
        host.Run(steps);
        budget -= scenario.IsPatient ? 0 : 1_000 + steps - Math.Max(0, host.Instance!.Steps);
        return host;
    }
}

/// <summary>The functions that the host can call once there is an instance.</summary>
internal static class HostEntries
{
    private const int MaximumSlots = 64;

    public static List<(HostEntry Entry, int Function)> Of(DecodedModule module)
    {
        var entries = new List<(HostEntry Entry, int Function)>();
        foreach (var export in module.Exports)
        {
            if (export.Kind == EntityKind.Function)
            {
                entries.Add((new HostEntry(export.Name), export.Index));
            }
            else if (export.Kind == EntityKind.Table && TableContents.Of(module, export.Index) is { } slots)
            {
                entries.AddRange(slots.Select((f, slot) => (new HostEntry(export.Name, slot), f)).Where(e => e.f >= 0).Take(MaximumSlots));
            }
        }

        return entries.FindAll(e => !module.Functions[e.Function].Signature.Parameters.Contains(ValueKind.V128));
    }

    public static int Find(DecodedModule module, HostEntry entry) => Of(module).Find(e => e.Entry == entry) is { Entry: not null } found ? found.Function : -1;
}

/// <summary>Which functions can come to call a function; those that are called by way of a table are taken to be called by every such call.</summary>
internal sealed class CallReach
{
    private readonly HashSet<int> _callers = [];

    public CallReach(CodeFacts facts, DecodedModule module, int target)
    {
        var inTables = module.Elements.SelectMany(e => e.Items).Concat(module.Tables.Select(t => t.Fill)).Where(i => i is { Kind: InitialKind.Function }).Select(i => (int)i!.Value).ToHashSet();
        inTables.UnionWith(Enumerable.Range(0, facts.Referenced.Length).Where(f => facts.Referenced[f]));
        var callers = new List<int>[module.Functions.Count];
        var indirect = new List<int>();
        foreach (var function in module.Functions)
        {
            foreach (var i in facts.CodeOf(function.Index) ?? [])
            {
                if (i.Opcode is 0x10 or 0x12 && i[0] < (ulong)callers.Length)
                {
                    (callers[i.Index(0)] ??= []).Add(function.Index);
                }
                else if (i.Opcode is 0x11 or 0x13)
                {
                    indirect.Add(function.Index);
                }
            }
        }

        var work = new Stack<int>([target]);
        while (work.TryPop(out var function))
        {
            if (_callers.Add(function))
            {
                callers[function]?.ForEach(work.Push);
                (inTables.Contains(function) ? indirect : []).ForEach(work.Push);
            }
        }
    }

    public bool From(int function) => _callers.Contains(function);
}
