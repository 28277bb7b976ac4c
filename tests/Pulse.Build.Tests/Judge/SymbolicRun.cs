using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Ordering;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Sampling;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Tests.Judge;

/// <summary>Runs functions without loops as the judge does for a proof, on constants.</summary>
internal sealed class SymbolicRun
{
    private readonly DecodedModule _module;
    private readonly ModuleView _view;
    private readonly Dictionary<string, FlowGraph> _graphs = [];

    public SymbolicRun(byte[] bytes)
    {
        _module = ModuleDecoder.Decode(bytes, "meaning.wasm");
        var layout = new StateLayout();
        var memory = layout.AddMemory(_module.Memories[0].Limits, "m")!.Value;
        var global = layout.Add(PartKind.Global, 64, "g");
        var anything = CallEffect.Anything(layout.Parts.Count);
        _view = new ModuleView(_module, layout)
        {
            MemoryParts = [memory],
            GlobalParts = [global],
            DataNames = ["d"],
            ClosedTables = [new ClosedTable([.. _module.Elements[0].Items.Select(i => (int)i.Value), -1])],
            TableNames = ["t"],
            CallSymbols = [.. _module.Functions.Select(f => $"f{f.Index}")],
            Effects = [.. _module.Functions.Select(_ => anything)],
            IndirectEffects = [anything],
        };
    }

    /// <summary>Why it traps, or its results; null is one that the semantics leave open.</summary>
    public (TrapKind? Trap, ulong?[] Results) Run(string export, long[] operands)
    {
        if (!_graphs.TryGetValue(export, out var graph))
        {
            var index = _module.Exports.Find(e => e.Name == export)!.Index;
            _graphs[export] = graph = BodyDecoder.Decode(_module, index);
            graph.SkipEmptyBlocks();
            FlowOrder.Run(graph);
        }

        var factory = new TermFactory();
        var slots = new Term?[graph.Slots];
        for (var i = 0; i < operands.Length; i++)
        {
            slots[i] = factory.Constant(unchecked((ulong)operands[i]), 64);
        }

        var state = new MachineState(slots, _view.Layout.Fresh(factory, "s."));
        var fragment = new FragmentExecutor(factory, _view, graph).Run(graph.Blocks[0], factory.True, [], state, new Dictionary<int, int>());
        foreach (var trap in fragment.Traps)
        {
            var fires = Value(factory.Both(trap.Guard, trap.Condition));
            Assert.IsNotNull(fires, $"{export}: whether it traps is left open");
            if (fires == 1)
            {
                return (trap.Kind, []);
            }
        }

        return (null, [.. graph.Results.Select(r => Value(fragment.Return!.State.Slots[r]!))]);
    }

    /// <summary>What a term is whatever its variables and functions are: results of functions are hashes here, so one that has any is open.</summary>
    private static ulong? Value(Term term)
    {
        const int Worlds = 32;
        if (term.IsConstant)
        {
            return term.Value;
        }

        if (HasFunctions(term, []))
        {
            return null;
        }

        var value = new TermEvaluator(1).Evaluate(term);
        return Enumerable.Range(2, Worlds).All(seed => new TermEvaluator((ulong)seed).Evaluate(term) == value) ? value : null;
    }

    private static bool HasFunctions(Term term, HashSet<Term> seen) => seen.Add(term) && (term.Op == TermOp.Result || Array.Exists(term.Args, arg => HasFunctions(arg, seen)));
}
