using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>The calls in a module's bodies, with the loops around each. Calls that control never reaches are left out.</summary>
internal static class WasmCalls
{
    /// <summary>The calls in the body of <paramref name="caller"/>, in the order of the code.</summary>
    public static List<WasmCall> In(Module module, FuncIndex caller, string path)
    {
        var calls = new List<WasmCall>();
        if (module.Functions[caller.Index].Body is not { } body)
        {
            return calls;
        }

        var loops = WasmToSsa.Convert(module, caller) is { } function ? NaturalLoops(function) : SyntacticLoops(body, path);
        var reader = new InstructionReader(body.Code.Span, body.Offset, path);
        while (reader.TryRead(out var instruction))
        {
            if (!loops.TryGetValue(instruction.Offset, out var depth))
            {
                continue;
            }

            var isIndirect = instruction.Info.Immediate == ImmediateKind.TypeTable;
            calls.Add(new WasmCall(
                caller, isIndirect ? null : new FuncIndex(instruction.A), new TableIndex(isIndirect ? instruction.B : 0),
                new TypeIndex(isIndirect ? instruction.A : 0), instruction.Offset, depth));
        }

        return calls;
    }

    private static bool IsCall(Opcode opcode) =>
        opcode is Opcode.Call or Opcode.CallIndirect or Opcode.ReturnCall or Opcode.ReturnCallIndirect;

    /// <summary>Loop depth of each call that is reached, by its offset.</summary>
    private static Dictionary<int, int> NaturalLoops(Function function)
    {
        var forest = new LoopForest(function);
        var depths = new Dictionary<int, int>();
        foreach (var block in function.Blocks)
        {
            for (var inst = function.First(block); inst.Exists; inst = function.Next(inst))
            {
                if (IsCall(function.OpcodeOf(inst)))
                {
                    depths[function.SourceOf(inst)] = forest.Depth(block);
                }
            }
        }

        return depths;
    }

    /// <summary>For a body that the IR does not model: every <c>loop</c> around the call counts that some branch goes back to.</summary>
    private static Dictionary<int, int> SyntacticLoops(FunctionBody body, string path)
    {
        var calls = new List<(int Offset, int[] Loops)>();
        var labels = new List<int>();
        var repeated = new HashSet<int>();
        var count = 0;
        var reader = new InstructionReader(body.Code.Span, body.Offset, path);
        while (reader.TryRead(out var instruction))
        {
            if (instruction.Info.Immediate == ImmediateKind.BlockType)
            {
                labels.Add(instruction.Opcode == Opcode.Loop ? ++count : 0);
            }
            else if (instruction.Opcode == Opcode.End && labels.Count > 0)
            {
                labels.RemoveAt(labels.Count - 1);
            }
            else if (IsCall(instruction.Opcode))
            {
                calls.Add((instruction.Offset, [.. labels.Where(loop => loop > 0)]));
            }
            else if (instruction.Info.Immediate is ImmediateKind.Label or ImmediateKind.LabelTable)
            {
                foreach (var depth in instruction.Labels ?? [instruction.A])
                {
                    repeated.Add(depth < labels.Count ? labels[^(depth + 1)] : 0);
                }
            }
        }

        return calls.ToDictionary(call => call.Offset, call => call.Loops.Count(repeated.Contains));
    }
}
