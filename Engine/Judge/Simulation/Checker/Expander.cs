using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Ordering;
using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Simulation.Checker;

/// <summary>
/// Builds a function's graph with chosen callees put in place of their calls, from the bodies of the same module. A callee's locals are set
/// to zero at each entry, because its graph begins with the instructions that do so; a return goes on behind the call. Its tail calls stay
/// tail calls only where the call that it stands for is one.
/// </summary>
internal sealed class Expander(ModuleView view)
{
    private const int MaximumSize = 20_000;
    private const int MaximumDepth = 16;
    private readonly Dictionary<int, FlowGraph> _bodies = [];

    /// <summary>A call site: the byte offsets of the calls that lead to it.</summary>
    public delegate bool Choice(string site, int callee);

    /// <summary>The graph, ready to execute.</summary>
    public FlowGraph Build(int function, Choice choice)
    {
        var graph = Build(function, choice, "", [function]);
        EmptyBlocks.Skip(graph);
        FlowOrder.Run(graph);
        return graph;
    }

    private FlowGraph Build(int function, Choice choice, string path, List<int> chain)
    {
        var graph = Copy(Body(function), 0, path, keepsTails: true);
        for (var b = 0; b < graph.Blocks.Count; b++)
        {
            for (var k = 0; k < graph.Blocks[b].Body.Count; k++)
            {
                var call = Resolve(graph.Blocks[b], k);
                if (call.Opcode != FlowCode.Call)
                {
                    continue;
                }

                var callee = (int)call.First;
                var site = call.Place;
                if (view.Module.Functions[callee].Body is null || chain.Contains(callee) || chain.Count >= MaximumDepth || !choice(site, callee))
                {
                    continue;
                }

                var inner = Build(callee, choice, site, [.. chain, callee]);
                Splice(graph, graph.Blocks[b], k, call, inner);
                if (graph.Blocks.Sum(x => x.Body.Count) > MaximumSize)
                {
                    throw new UnmodelledException($"more than {MaximumSize} instructions after inlining");
                }

                break; // the rest of the block stands in a block of its own, further on
            }
        }

        return graph;
    }

    private FlowGraph Body(int function) => _bodies.TryGetValue(function, out var body) ? body
        : _bodies[function] = BodyDecoder.Decode(view.Module, view.Module.Functions[function]);

    /// <summary>An indirect call whose index is the constant just pushed is a direct one, if the table is closed and the type fits.</summary>
    private FlowInstruction Resolve(FlowBlock block, int position)
    {
        var call = block.Body[position];
        if (call.Opcode != FlowCode.CallIndirect || position == 0 || block.Body[position - 1] is not { Opcode: FlowCode.Constant } index || index.Outputs[0] != call.Inputs[^1])
        {
            return call;
        }

        var entries = call.Second < (ulong)view.ClosedTables.Length ? view.ClosedTables[(int)call.Second]?.Entries : null;
        if (entries is not { } slots || index.First >= (ulong)slots.Length || slots[(int)index.First] is not (var target and >= 0)
            || !view.Module.Functions[target].Signature.Equals(view.Module.Types[(int)call.First]))
        {
            return call;
        }

        var direct = call with { Opcode = FlowCode.Call, First = (ulong)target, Second = 0, Inputs = call.Inputs[..^1] };
        block.Body[position] = direct;
        return direct;
    }

    private static FlowGraph Copy(FlowGraph source, int firstSlot, string path, bool keepsTails)
    {
        var copy = new FlowGraph(source.Signature) { Slots = source.Slots, Results = [.. source.Results.Select(r => r + firstSlot)] };
        foreach (var block in source.Blocks)
        {
            var b = copy.NewBlock();
            b.Exit = block.Exit;
            b.Selector = block.Selector < 0 ? -1 : block.Selector + firstSlot;
            b.Successors.AddRange(block.Successors);
            b.Body.AddRange(block.Body.Select(i => i with
            {
                Inputs = Array.ConvertAll(i.Inputs, slot => slot + firstSlot),
                Outputs = Array.ConvertAll(i.Outputs, slot => slot + firstSlot),
                Path = path.Length > 0 ? path : i.Path,
                IsTail = i.IsTail && keepsTails,
            }));
        }

        return copy;
    }

    private static void Splice(FlowGraph graph, FlowBlock block, int position, FlowInstruction call, FlowGraph callee)
    {
        var rest = graph.NewBlock();
        rest.Body.AddRange(block.Body.Skip(position + 1));
        rest.Exit = block.Exit;
        rest.Selector = block.Selector;
        rest.Successors.AddRange(block.Successors);

        var firstSlot = graph.Slots;
        var firstBlock = graph.Blocks.Count;
        var body = Copy(callee, firstSlot, "", call.IsTail);
        graph.Slots += callee.Slots;
        foreach (var b in body.Blocks)
        {
            b.Id += firstBlock;
            for (var i = 0; i < b.Successors.Count; i++)
            {
                b.Successors[i] += firstBlock;
            }

            if (b.Exit == FlowExit.Return)
            {
                b.Exit = FlowExit.Goto;
                b.Body.AddRange(call.Outputs.Select((output, k) => new FlowInstruction(FlowCode.Move, [body.Results[k]], [output], 0, 0, call.Site)));
                b.Successors.Add(rest.Id);
            }

            graph.Blocks.Add(b);
        }

        block.Body.RemoveRange(position, block.Body.Count - position);
        block.Body.AddRange(call.Inputs.Select((input, k) => new FlowInstruction(FlowCode.Move, [input], [firstSlot + k], 0, 0, call.Site)));
        block.Exit = FlowExit.Goto;
        block.Selector = -1;
        block.Successors.Clear();
        block.Successors.Add(firstBlock);
    }
}
