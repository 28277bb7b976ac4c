using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>Copies the blocks of one function into another.</summary>
/// <param name="source">Where the blocks stand.</param>
/// <param name="target">Where they are copied to.</param>
/// <param name="keepsTailCalls">Whether tail calls stay what they are, because the copy ends the target too: else stacks would grow.</param>
internal sealed class FunctionCloner(Function source, Function target, bool keepsTailCalls)
{
    private readonly EntityMap<Block, Block> _blocks = new();
    private readonly EntityMap<Value, Value> _values = new();

    /// <summary>
    /// Copies every block. A return becomes a jump to <paramref name="continuation"/> that passes the results; a tail call becomes a call
    /// followed by that jump, unless it is kept.
    /// </summary>
    /// <returns>The copy of the entry block; its parameters are the callee's parameters.</returns>
    public Block CloneBody(Block continuation)
    {
        foreach (var block in source.Blocks)
        {
            var copy = target.AddBlock();
            _blocks[block] = copy;
            foreach (var parameter in source.Parameters(block).ToArray())
            {
                _values[parameter] = target.AddParameter(copy, source.TypeOf(parameter));
            }
        }

        // In an order in which definitions come before their uses.
        foreach (var block in new ControlFlow(source).ReversePostOrder)
        {
            for (var inst = source.First(block); inst.Exists; inst = source.Next(inst))
            {
                Clone(inst, _blocks[block], continuation);
            }
        }

        return _blocks[source.Entry];
    }

    private void Clone(Inst inst, Block block, Block continuation)
    {
        var arguments = Map(source.Arguments(inst));
        switch (source.OpcodeOf(inst))
        {
            case Opcode.Return:
                Jump(block, continuation, arguments);
                return;
            case Opcode.ReturnCall or Opcode.ReturnCallIndirect when !keepsTailCalls:
                var call = target.Append(block, new InstSpec
                {
                    Opcode = source.OpcodeOf(inst) == Opcode.ReturnCall ? Opcode.Call : Opcode.CallIndirect,
                    Immediates = source.ImmediatesOf(inst),
                    Arguments = arguments,
                    Results = source.Type.Results.AsSpan(),
                    Source = source.SourceOf(inst),
                });
                Jump(block, continuation, [.. Enumerable.Range(0, target.ResultCount(call)).Select(i => target.Result(call, i))]);
                return;
        }

        var results = Enumerable.Range(0, source.ResultCount(inst)).Select(i => source.TypeOf(source.Result(inst, i))).ToArray();
        var edges = Enumerable.Range(0, source.TargetCount(inst))
            .Select(i => new Edge(_blocks[source.Target(inst, i)], Map(source.TargetArguments(inst, i))))
            .ToArray();
        var copy = target.Append(block, new InstSpec
        {
            Opcode = source.OpcodeOf(inst),
            Immediates = source.ImmediatesOf(inst),
            Arguments = arguments,
            Results = results,
            Targets = edges,
            Source = source.SourceOf(inst),
        });
        for (var i = 0; i < results.Length; i++)
        {
            _values[source.Result(inst, i)] = target.Result(copy, i);
        }
    }

    private void Jump(Block block, Block destination, Value[] arguments) =>
        target.Append(block, new InstSpec { Opcode = Opcode.Br, Targets = [new Edge(destination, arguments)] });

    private Value[] Map(ReadOnlySpan<Value> values)
    {
        var mapped = new Value[values.Length];
        for (var i = 0; i < mapped.Length; i++)
        {
            mapped[i] = _values[values[i]];
        }

        return mapped;
    }
}
