using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Ordering;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>What each slot and each global can hold before every instruction of one function of a handler.</summary>
/// <param name="module">The module of the function.</param>
/// <param name="graph">Its body.</param>
/// <param name="loose">Globals that some function of the handlers does not leave as it found them: nothing is known of these.</param>
internal sealed class ExtentAnalysis(DecodedModule module, FlowGraph graph, IReadOnlySet<int> loose)
{
    private const int MaximumVisits = 4;
    private readonly Extent?[]?[] _entries = new Extent?[graph.Blocks.Count][];
    private readonly int[] _visits = new int[graph.Blocks.Count];

    /// <summary>Calls <paramref name="visit"/> with every reachable instruction and what is known before it, and <paramref name="leave"/> with what is at each return.</summary>
    public void Run(Action<FlowInstruction, Extent?[]> visit, Action<Extent?[]> leave)
    {
        var first = new Extent?[graph.Slots + module.Globals.Count];
        Array.Fill(first, Extent.Any, 0, graph.Signature.Parameters.Length);
        foreach (var global in module.Globals)
        {
            first[Slot(global.Index)] = loose.Contains(global.Index) ? Extent.Any : Start(global);
        }

        _entries[0] = first;
        FlowOrder.Run(graph);
        FlowBlock[] blocks = [.. graph.Blocks.OrderBy(b => b.Order)];
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var block in blocks.Where(b => _entries[b.Id] is not null))
            {
                var state = (Extent?[])_entries[block.Id]!.Clone();
                block.Body.ForEach(i => Step(i, state));
                block.Successors.ForEach(next => changed |= Enter(next, state));
            }
        }

        foreach (var block in blocks.Where(b => _entries[b.Id] is not null))
        {
            var state = (Extent?[])_entries[block.Id]!.Clone();
            foreach (var instruction in block.Body)
            {
                visit(instruction, state);
                Step(instruction, state);
            }

            if (block.Exit == FlowExit.Return)
            {
                leave(state);
            }
        }
    }

    /// <summary>Where a state keeps a global.</summary>
    public int Slot(int global) => graph.Slots + global;

    private static Extent Start(GlobalEntity global) => global switch
    {
        { Mutable: false, Initial: { Kind: InitialKind.Constant } known } => Extent.Exactly(known.Value),
        { Mutable: true, Kind: ValueKind.I32 } => new Extent(0, 0, global.Index),
        _ => Extent.Any,
    };

    private bool Enter(int block, Extent?[] state)
    {
        if (_entries[block] is not { } known)
        {
            _entries[block] = (Extent?[])state.Clone();
            return true;
        }

        var changed = false;
        for (var i = 0; i < known.Length; i++)
        {
            var joined = known[i] is { } a && state[i] is { } b ? a.Join(b) : known[i] ?? state[i];
            if (joined != known[i])
            {
                known[i] = _visits[block] >= MaximumVisits ? Extent.Any : joined;
                changed = true;
            }
        }

        _visits[block] += changed ? 1 : 0;
        return changed;
    }

    private void Step(FlowInstruction i, Extent?[] state)
    {
        var inputs = Array.ConvertAll(i.Inputs, slot => state[slot] ?? Extent.Any);
        switch (i.Opcode)
        {
            case FlowCode.Move:
                state[i.Outputs[0]] = inputs[0];
                break;
            case FlowCode.Constant:
                state[i.Outputs[0]] = Extent.Exactly(i.First);
                break;
            case 0x1B:
                state[i.Outputs[0]] = inputs[0].Join(inputs[1]);
                break;
            case 0x23:
                state[i.Outputs[0]] = state[Slot((int)i.First)] ?? Extent.Any;
                break;
            case 0x24 when !loose.Contains((int)i.First):
                state[Slot((int)i.First)] = inputs[0];
                break;
            default:
                Array.ForEach(i.Outputs, slot => state[slot] = Extent.Any);
                if (i.Outputs.Length == 1 && i.Opcode is not (FlowCode.Call or FlowCode.CallIndirect))
                {
                    state[i.Outputs[0]] = Extent.Of(i.Opcode, inputs);
                }

                break;
        }
    }
}
