using Pulse.Build.Engine.Judge.Simulation.Checker;
using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>Reads a solver's model of an obligation at the entry as a scenario.</summary>
internal static class ModelScenario
{
    public static Scenario From(ModulePair pair, Signature signature, FormulaModel model)
    {
        var values = model.Variables.ToDictionary(v => v.Key.Name!, v => v.Value, StringComparer.Ordinal);
        var arguments = Enumerable.Range(0, signature.Parameters.Length).Select(i => values.GetValueOrDefault(Side.ParameterName(i))).ToArray();
        var scenario = new Scenario
        {
            Arguments = arguments,
            HostOwnsTables = model.Results.Any(r => r.Result.Args[0].Name!.StartsWith("indirect:", StringComparison.Ordinal)),
        };
        foreach (var part in pair.Before.Layout.Parts.Where(p => p.Width > 0))
        {
            if (values.TryGetValue(Side.EntryPrefix + part.Name, out var value))
            {
                scenario.Parts[part.Index] = value;
            }
        }

        foreach (var (name, value) in values.Where(v => v.Key.StartsWith("import:", StringComparison.Ordinal)))
        {
            scenario.ImportedGlobals[name["import:".Length..]] = value;
        }

        AddMemory(pair, model, scenario);
        AddHostResults(model, scenario);
        return scenario;
    }

    private static void AddMemory(ModulePair pair, FormulaModel model, Scenario scenario)
    {
        var evaluator = new TermEvaluator(0, model.Variables);
        var parts = pair.Before.Layout.Parts.ToDictionary(p => Side.EntryPrefix + p.Name, p => p.Index, StringComparer.Ordinal);
        foreach (var read in model.Reads)
        {
            if (read.Memory.Op == TermOp.Variable && parts.TryGetValue(read.Memory.Name!, out var part))
            {
                scenario.Bytes[(part, evaluator.Evaluate(read.Address))] = (byte)evaluator.Evaluate(read.Byte);
            }
        }
    }

    /// <summary>Applications were made in the order of execution, so the n-th of a symbol is its n-th call on most paths.</summary>
    private static void AddHostResults(FormulaModel model, Scenario scenario)
    {
        foreach (var application in model.Results.GroupBy(r => r.Result.Args[0]).OrderBy(g => g.Key.Id))
        {
            var symbol = application.Key.Name!;
            if (!scenario.HostResults.TryGetValue(symbol, out var calls))
            {
                scenario.HostResults[symbol] = calls = [];
            }

            var results = new SortedDictionary<int, ulong>();
            foreach (var result in application)
            {
                results[(int)result.Result.Value] = model.Variables.GetValueOrDefault(result.Variable);
            }

            calls.Add(results);
        }
    }
}
