using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>Brings a function in SSA form back to a wasm body: stack code in each block, locals for what stays, structured control flow.</summary>
internal sealed class SsaToWasm
{
    /// <summary>Bytes of a body for which <see cref="EmissionStrategy.NoSink"/> is tried: in a long one it is right here and wrong there.</summary>
    private const int MaximumInPlace = 4096;

    private readonly Module _module;
    private readonly Function _function;
    private readonly DominatorTree _dominators;
    private readonly LoopForest _loops;
    private readonly List<string>? _problems;

    private SsaToWasm(Function function, Module module, List<string>? problems)
    {
        (_function, _module, _problems) = (function, module, problems);
        _dominators = new DominatorTree(new ControlFlow(function));
        _loops = new LoopForest(_dominators);
    }

    /// <summary>The body of <paramref name="function"/> in <paramref name="module"/>. What nothing needs is left out; the function stays as it is.</summary>
    public static FunctionBody Convert(Function function, Module module) => new SsaToWasm(function, module, null).Shortest();

    /// <summary>What is wrong with the locals that values would get in any body that is tried: nothing, or a defect of this room.</summary>
    public static List<string> Problems(Function function, Module module)
    {
        List<string> problems = [];
        new SsaToWasm(function, module, problems).Shortest();
        return problems;
    }

    private FunctionBody Shortest()
    {
        var choice = default(EmissionStrategy);
        var none = new LoopCopies(_function, []);
        var body = Emit(none, choice, out var candidates, out var makesLate);
        foreach (var next in Choices(makesLate && BodySize.Of(body) <= MaximumInPlace, () => choice))
        {
            var emitted = Emit(none, next, out var others, out _);
            if (BodySize.Of(emitted) < BodySize.Of(body))
            {
                (body, candidates, choice) = (emitted, others, next);
            }
        }

        if (candidates.Count == 0)
        {
            return body;
        }

        var carried = Emit(new LoopCopies(_function, candidates), choice, out _, out _);
        return BodySize.Of(carried) < BodySize.Of(body) ? carried : body;
    }

    /// <summary>What to try: each once, on top of what has been chosen by then.</summary>
    private IEnumerable<EmissionStrategy> Choices(bool inPlace, Func<EmissionStrategy> chosen)
    {
        if (inPlace)
        {
            yield return chosen() with { NoSink = true };
        }

        if (EarlyReturns.HasCandidates(_dominators.Flow))
        {
            yield return chosen() with { ReturnEarly = true };
        }

        if (ZeroInitializedLocals.HasCandidates(_dominators.Flow))
        {
            yield return chosen() with { KeepZeros = true };
        }
    }

    private FunctionBody Emit(LoopCopies carriers, EmissionStrategy choice, out List<Value> candidates, out bool makesLate)
    {
        var flow = _dominators.Flow;
        var code = new Stackifier(flow, _module, carriers, choice);
        var ranges = new LiveRanges(flow, code, carriers);
        var locals = new LocalAllocation(_dominators, _loops, code, ranges, carriers);
        var moves = new EdgeMoves(_function, code, ranges, locals);
        _problems?.AddRange(LocalAllocationVerifier.Problems(flow, code, locals, moves));
        var conditions = new Conditions(_function, code);
        var builder = new StructureBuilder(_dominators, _loops, moves, conditions);
        var nodes = new StructureSimplifier(_function, code, locals, conditions, builder.FunctionEnd).Run(builder.Build());
        new BlockResultPromotion(_dominators, _function, code, locals).Run(nodes);
        makesLate = code.MakesLate;
        candidates = LoopCopies.Candidates(_dominators, moves);
        return BodyEncoder.Encode(_function, _module, code, locals, conditions, nodes, builder.FunctionEnd);
    }
}
