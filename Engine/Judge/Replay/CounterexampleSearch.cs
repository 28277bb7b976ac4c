using System.Globalization;
using Pulse.Build.Engine.Judge.Simulation.Checker;
using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>
/// Looks for inputs on which two functions run to different ends: the solver's model first, then a fixed list of telling values. What it
/// finds was run on both sides; what it does not find proves nothing.
/// </summary>
internal sealed class CounterexampleSearch(ModulePair pair)
{
    private const int Trials = 48;
    private const int StepsPerRun = 40_000;
    private const int StepsInAll = 1_500_000;

    private static readonly ulong[] Integers =
    [
        0, 1, 2, ulong.MaxValue, 3, 0x8000_0000, 0x7FFF_FFFF, 4, 16, unchecked((ulong)-16), 7, 8, 1024, 255, 256, 5, 1000, 65535, 65536, 0xFFFF_FFFF,
        0x8000_0000_0000_0000, 31, 32, 33, 63, 64, 2000, 6, 9, 10, 12, 48, 100,
    ];

    private static readonly ulong[] Floats = [0, 0x3F80_0000, 0xBF80_0000, 0x4049_0FDB, 0x7F80_0000, 0x7FC0_0000, 0x8000_0000, 0x3F00_0000];

    public Counterexample? Find(FunctionPair functions, FailedObligation? failure)
    {
        var signature = pair.Before.Module.Functions[functions.Before].Signature;
        if (signature.Parameters.Contains(ValueKind.V128))
        {
            return null;
        }

        var budget = StepsInAll;
        if (failure?.Model is { } model && failure.What.StartsWith("entry ", StringComparison.Ordinal))
        {
            var scenario = ModelScenario.From(pair, signature, model);
            if (Try(functions, signature, scenario, ref budget) is { } found)
            {
                return found;
            }
        }

        for (var trial = 0; trial < Trials && budget > 0; trial++)
        {
            if (Try(functions, signature, Guess(signature, trial), ref budget) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private Scenario Guess(Signature signature, int trial)
    {
        var arguments = new ulong[signature.Parameters.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            var kind = signature.Parameters[i];
            var values = kind is ValueKind.F32 or ValueKind.F64 ? Floats : Integers;
            var pick = values[(trial * (2 * i + 1) + i * (trial / 7)) % values.Length];
            arguments[i] = kind == ValueKind.F64 ? pick << 32 : kind == ValueKind.I64 ? pick : pick & uint.MaxValue;
        }

        var scenario = new Scenario { Seed = trial % 2 == 0 ? 0 : (ulong)trial, Arguments = arguments, HostOwnsTables = trial % 4 >= 2 };
        if (trial % 3 == 2)
        {
            foreach (var part in pair.Before.Layout.Parts.Where(p => p.Kind == PartKind.Global && p.Width > 0))
            {
                scenario.Parts[part.Index] = Integers[(trial + part.Index) % Integers.Length] & TermFactory.Mask(part.Width);
            }
        }

        return scenario;
    }

    private Counterexample? Try(FunctionPair functions, Signature signature, Scenario scenario, ref int budget)
    {
        var before = Run(pair.Before, functions.Before, signature, scenario, out var outcomeBefore);
        var after = Run(pair.After, functions.After, signature, scenario, out var outcomeAfter);
        budget -= 2_000 + (outcomeBefore is null || outcomeAfter is null ? 2 * StepsPerRun : 0);
        return outcomeBefore is null || outcomeAfter is null ? null
            : new OutcomeComparison(pair).Compare(signature, scenario, before, outcomeBefore, after, outcomeAfter);
    }

    private static IEnumerable<ulong> Bits(Term result) => result.Width == Sort.Vector ? result.Args.Select(half => half.Value) : [result.Value];

    /// <summary>Runs one side; a null outcome means that the run was given up.</summary>
    private ConcreteMachine Run(ModuleView view, int function, Signature signature, Scenario scenario, out Outcome? outcome)
    {
        var machine = new ConcreteMachine(view, pair.Before.Module, pair.Before.MemoryParts, scenario, StepsPerRun);
        try
        {
            var arguments = scenario.Arguments.Select((bits, i) => machine.Constant(bits, BodyDecoder.WidthOf(signature.Parameters[i]))).ToArray();
            outcome = new Outcome(null, [.. machine.Call(function, arguments).SelectMany(Bits)]);
        }
        catch (TrapException e)
        {
            outcome = new Outcome(e.Kind, []);
        }
        catch (Exception e) when (e is GiveUpException or UnmodelledException or UnknownInstructionException)
        {
            outcome = null;
        }

        return machine;
    }
}

/// <summary>How a run ended: the trap, or the results.</summary>
internal sealed record Outcome(TrapKind? Trap, ulong[] Results)
{
    public override string ToString() => Trap is not null ? $"traps ({Trap})"
        : Results.Length == 0 ? "returns" : "returns " + string.Join(", ", Results.Select(r => r.ToString(CultureInfo.InvariantCulture)));
}
