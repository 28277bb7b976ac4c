using System.Collections.Immutable;

namespace Pulse.Build.Engine.Wasm.Rewriting;

/// <summary>
/// Reorders and drops the entities of a module as <see cref="IndexMaps"/> say, and renumbers everything that refers to them: bodies,
/// constant expressions, segments, exports, the start function, element entries, types of functions and names. An export or start
/// function whose entity is gone goes with it; anything else that still refers to it breaks an invariant.
/// </summary>
internal static class ModuleRemapper
{
    /// <summary>The renumbered module. Imported entities must stay in front of defined ones.</summary>
    public static Module Apply(Module module, IndexMaps maps)
    {
        var result = new Module { HasDataCount = module.HasDataCount, Source = module.Source };
        Reorder(module.Types, result.Types, maps[IndexSpace.Type]);
        Reorder(module.Functions, result.Functions, maps[IndexSpace.Function]);
        Reorder(module.Tables, result.Tables, maps[IndexSpace.Table]);
        Reorder(module.Memories, result.Memories, maps[IndexSpace.Memory]);
        Reorder(module.Globals, result.Globals, maps[IndexSpace.Global]);
        Reorder(module.Elements, result.Elements, maps[IndexSpace.Element]);
        Reorder(module.Data, result.Data, maps[IndexSpace.Data]);
        Replace(result.Functions, function => Function(function, maps));
        Replace(result.Tables, table => table.Initial is { } initial ? Same(table, initial, Expression(initial, maps), e => table with { Initial = e }) : table);
        Replace(result.Globals, global => global.Initial is { } initial ? Same(global, initial, Expression(initial, maps), e => global with { Initial = e }) : global);
        Replace(result.Elements, segment => Element(segment, maps));
        Replace(result.Data, segment => Data(segment, maps));
        result.Imports.AddRange(OrderedImports(module, result));
        Exports(module, result, maps);
        result.CustomSections.AddRange(module.CustomSections);
        CustomSections.NameSection.Remap(result, maps);
        CustomSections.MemorySection.Remap(result, maps);
        return result;
    }

    private static void Reorder<T>(List<T> from, List<T> to, int[]? map)
    {
        if (map is null)
        {
            to.AddRange(from);
            return;
        }

        var order = Enumerable.Range(0, from.Count).Where(i => map[i] >= 0).OrderBy(i => map[i]);
        to.AddRange(order.Select(i => from[i]));
    }

    private static void Replace<T>(List<T> items, Func<T, T> map)
    {
        for (var i = 0; i < items.Count; i++)
        {
            items[i] = map(items[i]);
        }
    }

    private static TOwner Same<TOwner, T>(TOwner owner, T before, T after, Func<T, TOwner> changed)
        where T : class => ReferenceEquals(before, after) ? owner : changed(after);

    private static ModuleFunction Function(ModuleFunction function, IndexMaps maps)
    {
        var type = new TypeIndex(maps.Map(IndexSpace.Type, function.Type.Index));
        var body = function.Body is { } old ? BodyRewriter.Rewrite(old, maps) : null;
        return type == function.Type && ReferenceEquals(body, function.Body) ? function : function with { Type = type, Body = body };
    }

    private static ConstantExpression Expression(ConstantExpression expression, IndexMaps maps) => BodyRewriter.Rewrite(expression, maps);

    private static ElementSegment Element(ElementSegment segment, IndexMaps maps)
    {
        var renumbered = segment with
        {
            Table = segment.Mode == SegmentMode.Active ? new TableIndex(maps.Map(IndexSpace.Table, segment.Table.Index)) : segment.Table,
            Offset = segment.Offset is { } offset ? Expression(offset, maps) : null,
        };
        var functions = segment.Functions.Select(f => new FuncIndex(maps.Map(IndexSpace.Function, f.Index))).ToImmutableArray();
        var expressions = segment.Expressions.Select(e => Expression(e, maps)).ToImmutableArray();
        return functions.SequenceEqual(segment.Functions) && expressions.SequenceEqual(segment.Expressions)
            ? renumbered
            : renumbered with { Functions = functions, Expressions = expressions };
    }

    private static DataSegment Data(DataSegment segment, IndexMaps maps) => segment with
    {
        Memory = segment.Mode == SegmentMode.Active ? new MemoryIndex(maps.Map(IndexSpace.Memory, segment.Memory.Index)) : segment.Memory,
        Offset = segment.Offset is { } offset ? Expression(offset, maps) : null,
    };

    /// <summary>The imports that are left, each space in its new order, the kinds interleaved as they were.</summary>
    private static IEnumerable<Import> OrderedImports(Module module, Module result)
    {
        var queues = new Dictionary<ExternKind, Queue<Import>>
        {
            [ExternKind.Function] = new(result.Functions.Select(f => f.Import).OfType<Import>()),
            [ExternKind.Table] = new(result.Tables.Select(t => t.Import).OfType<Import>()),
            [ExternKind.Memory] = new(result.Memories.Select(m => m.Import).OfType<Import>()),
            [ExternKind.Global] = new(result.Globals.Select(g => g.Import).OfType<Import>()),
        };
        foreach (var import in module.Imports)
        {
            if (queues[import.Kind].TryDequeue(out var next))
            {
                yield return next;
            }
        }
    }

    private static void Exports(Module module, Module result, IndexMaps maps)
    {
        foreach (var export in module.Exports)
        {
            var index = maps.MapOrRemoved(SpaceOf(export.Kind), export.Index);
            if (index >= 0)
            {
                result.Exports.Add(index == export.Index ? export : export with { Index = index });
            }
        }

        if (module.Start is { } start && maps.MapOrRemoved(IndexSpace.Function, start.Index) is var kept and >= 0)
        {
            result.Start = new FuncIndex(kept);
        }
    }

    private static IndexSpace SpaceOf(ExternKind kind) => kind switch
    {
        ExternKind.Function => IndexSpace.Function,
        ExternKind.Table => IndexSpace.Table,
        ExternKind.Memory => IndexSpace.Memory,
        _ => IndexSpace.Global,
    };
}
