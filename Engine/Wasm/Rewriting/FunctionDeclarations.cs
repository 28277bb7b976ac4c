namespace Pulse.Build.Engine.Wasm.Rewriting;

/// <summary>
/// <c>ref.func f</c> in a body is valid only where <c>f</c> stands outside of bodies too: in an export, a segment or an initial value.
/// When what stood there is gone, a declarative segment says it.
/// </summary>
/// <example><code>(table $gone …) (elem (table $gone) (i32.const 0) $f)  … ref.func $f   =>   (elem declare func $f)  … ref.func $f</code></example>
internal static class FunctionDeclarations
{
    /// <summary>Adds to <paramref name="module"/> the segment that it lacks.</summary>
    public static void Complete(Module module)
    {
        var declared = new HashSet<int>(module.Exports.Where(e => e.Kind == ExternKind.Function).Select(e => e.Index));
        declared.UnionWith(module.Elements.SelectMany(e => e.Functions).Select(f => f.Index));
        var initial = module.Globals.Select(g => g.Initial).Concat(module.Tables.Select(t => t.Initial)).Concat(module.Elements.SelectMany(e => e.Expressions));
        foreach (var expression in initial)
        {
            if (expression is not null)
            {
                BodyRewriter.VisitIndices(expression.Code.Span, (space, index) => _ = space == IndexSpace.Function && declared.Add(index));
            }
        }

        var missing = new SortedSet<int>();
        foreach (var body in module.Functions.Select(f => f.Body))
        {
            var reader = new InstructionReader(body is null ? [] : body.Code.Span, 0, "");
            while (reader.TryRead(out var instruction))
            {
                if (instruction.Opcode == Opcode.RefFunc && !declared.Contains(instruction.A))
                {
                    missing.Add(instruction.A);
                }
            }
        }

        if (missing.Count > 0)
        {
            module.Elements.Add(new ElementSegment(SegmentMode.Declarative, default, null, ValType.FuncRef, [.. missing.Select(f => new FuncIndex(f))], []));
        }
    }
}
