using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Wasm.Rewriting;

/// <summary>Gives the instruction to write instead of <paramref name="instruction"/>.</summary>
internal delegate Instruction InstructionMap(in Instruction instruction);

/// <summary>Is told of each index that code refers to.</summary>
internal delegate void IndexVisitor(IndexSpace space, int index);

/// <summary>
/// Renumbers the index immediates of encoded code, without understanding it further: fusion, dead-code elimination and the optimiser's
/// pass-through of functions that it does not model all go through here. Code that does not change keeps its bytes.
/// </summary>
/// <example><code>call 3; i32.load 1 align=2   =>   call 7; i32.load align=2      (functions 3→7, memories 1→0)</code></example>
internal static class BodyRewriter
{
    /// <summary>The body with its indices renumbered; the same object when nothing changes.</summary>
    public static FunctionBody Rewrite(FunctionBody body, IndexMaps maps) => Rewrite(body, (in instruction) => Renumber(instruction, maps));

    /// <summary>The expression with its indices renumbered; the same object when nothing changes.</summary>
    public static ConstantExpression Rewrite(ConstantExpression expression, IndexMaps maps)
    {
        var code = RewriteCode(expression.Code, expression.Offset, (in instruction) => Renumber(instruction, maps));
        return code.Equals(expression.Code) ? expression : new ConstantExpression(code);
    }

    /// <summary>The body with every instruction replaced by what <paramref name="map"/> gives; the same object when nothing changes.</summary>
    public static FunctionBody Rewrite(FunctionBody body, InstructionMap map)
    {
        var code = RewriteCode(body.Code, body.Offset, map);
        return code.Equals(body.Code) ? body : new FunctionBody(body.Locals, code) { Sources = [.. CodePositions.SourcesOf(body)] };
    }

    /// <summary>The instruction with its indices renumbered.</summary>
    public static Instruction Renumber(in Instruction instruction, IndexMaps maps)
    {
        var kind = instruction.Info.Immediate;
        var result = instruction;
        if (IndexImmediates.First(kind) is { } first && instruction.A >= 0)
        {
            result = result with { A = maps.Map(first, instruction.A) };
        }

        if (IndexImmediates.Second(kind) is { } second)
        {
            result = result with { B = maps.Map(second, instruction.B) };
        }

        return result;
    }

    /// <summary>Tells <paramref name="visit"/> of every index in <paramref name="code"/>.</summary>
    public static void VisitIndices(ReadOnlySpan<byte> code, IndexVisitor visit)
    {
        var reader = new InstructionReader(code, 0, "");
        while (reader.TryRead(out var instruction))
        {
            if (IndexImmediates.First(instruction.Info.Immediate) is { } first && instruction.A >= 0)
            {
                visit(first, instruction.A);
            }

            if (IndexImmediates.Second(instruction.Info.Immediate) is { } second)
            {
                visit(second, instruction.B);
            }
        }
    }

    private static ReadOnlyMemory<byte> RewriteCode(ReadOnlyMemory<byte> code, int offset, InstructionMap map)
    {
        var output = new ByteWriter();
        var writer = new InstructionWriter(output);
        var reader = new InstructionReader(code.Span, offset, "");
        var changed = false;
        var start = 0;
        while (reader.TryRead(out var instruction))
        {
            var replacement = map(instruction);
            if (replacement == instruction)
            {
                output.Bytes(code.Span[start..reader.Position]);
            }
            else
            {
                changed = true;
                writer.Write(replacement);
            }

            start = reader.Position;
        }

        return changed ? output.ToArray() : code;
    }
}
