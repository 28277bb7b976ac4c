using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Ir.Emission;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Brings a function in SSA form back to a wasm body: stack code in each block, locals for what stays, structured control flow.</summary>
internal sealed class SsaToWasm
{
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
        var choice = default(EmissionChoice);
        var none = new Carriers(_function, []);
        var body = Emit(none, choice, out var candidates);
        foreach (var other in Choices())
        {
            var next = new EmissionChoice(choice.KeepZeros || other.KeepZeros, choice.ReturnEarly || other.ReturnEarly);
            var emitted = Emit(none, next, out var others);
            if (BodySize.Of(emitted) < BodySize.Of(body))
            {
                (body, candidates, choice) = (emitted, others, next);
            }
        }

        if (candidates.Count == 0)
        {
            return body;
        }

        var carried = Emit(new Carriers(_function, candidates), choice, out _);
        return BodySize.Of(carried) < BodySize.Of(body) ? carried : body;
    }

    private IEnumerable<EmissionChoice> Choices()
    {
        if (EarlyReturns.HasCandidates(_dominators.Flow))
        {
            yield return new EmissionChoice(KeepZeros: false, ReturnEarly: true);
        }

        if (FirstContents.HasCandidates(_dominators.Flow))
        {
            yield return new EmissionChoice(KeepZeros: true, ReturnEarly: false);
        }
    }

    private FunctionBody Emit(Carriers carriers, EmissionChoice choice, out List<Value> candidates)
    {
        var flow = _dominators.Flow;
        var code = new Stackifier(flow, _module, carriers, choice);
        var ranges = new LiveRanges(flow, code, carriers);
        var locals = new LocalAllocation(_dominators, _loops, code, ranges, carriers);
        var moves = new EdgeMoves(_function, code, ranges, locals);
        _problems?.AddRange(LocalsCheck.Problems(flow, code, locals, moves));
        var conditions = new Conditions(_function, code);
        var builder = new StructureBuilder(_dominators, _loops, moves, conditions);
        var nodes = new StructureSimplifier(_function, code, locals, conditions, builder.FunctionEnd).Run(builder.Build());
        candidates = Carriers.Candidates(_dominators, moves);
        return BodyEncoder.Encode(_function, _module, code, locals, conditions, nodes, builder.FunctionEnd);
    }
}
