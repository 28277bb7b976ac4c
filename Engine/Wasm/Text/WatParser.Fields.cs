using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>Definitions: functions, tables, memories, globals and segments.</summary>
internal sealed partial class WatParser
{
    private void Function(WatCursor field)
    {
        var id = field.TryId();
        InlineExports(field, ExternKind.Function, _module.Functions.Count);
        if (InlineImport(field, ExternKind.Function) is { } import)
        {
            ImportFunction(field, id, import);
            return;
        }

        _hasDefinitions = true;
        var index = _module.Functions.Count;
        _symbols.Declare(IndexSpace.Function, id, index, field);
        _module.Functions.Add(new ModuleFunction(new TypeIndex(0), null, null));
        _deferred.Add(() => Body(field, index));
    }

    private void Body(WatCursor field, int index)
    {
        var use = _types.Use(field, allowIds: true);
        var type = _types.IndexOf(use);
        var code = new WatInstructions(_symbols, _types);
        for (var i = 0; i < use.Type.Parameters.Length; i++)
        {
            code.AddLocal(i < use.ParameterIds.Count ? use.ParameterIds[i] : null, field);
        }

        var locals = ImmutableArray.CreateBuilder<LocalGroup>();
        while (field.TryList("local") is { } group)
        {
            for (var id = group.TryId(); id is not null || !group.AtEnd; id = null)
            {
                AddLocal(locals, WatTypes.ValueType(group));
                code.AddLocal(id, group);
                if (id is not null)
                {
                    group.ExpectEnd();
                }
            }
        }

        _module.Functions[index] = new ModuleFunction(type, null, new FunctionBody(locals.ToImmutable(), code.Encode(field)));
        _module.HasDataCount |= code.UsesDataSegments;
        if (code.LocalNames.Count > 0)
        {
            _names.LocalNames[index] = code.LocalNames;
        }

        if (code.LabelNames.Count > 0)
        {
            _names.LabelNames[index] = code.LabelNames;
        }
    }

    private static void AddLocal(ImmutableArray<LocalGroup>.Builder locals, ValType type)
    {
        if (locals.Count > 0 && locals[^1].Type == type)
        {
            locals[^1] = new LocalGroup(locals[^1].Count + 1, type);
        }
        else
        {
            locals.Add(new LocalGroup(1, type));
        }
    }

    private void Table(WatCursor field)
    {
        var id = field.TryId();
        var index = _module.Tables.Count;
        InlineExports(field, ExternKind.Table, index);
        if (InlineImport(field, ExternKind.Table) is { } import)
        {
            ImportTable(field, id, import);
            field.ExpectEnd();
            return;
        }

        _hasDefinitions = true;
        _symbols.Declare(IndexSpace.Table, id, index, field);
        var is64 = WatTypes.Is64(field);
        if (WatTypes.IsReferenceType(field.Peek))
        {
            TableWithElements(field, index, is64);
            return;
        }

        var limits = WatTypes.Limits(field, is64);
        var table = new ModuleTable(WatTypes.ReferenceType(field), limits, null);
        _module.Tables.Add(table);
        if (!field.AtEnd)
        {
            _deferred.Add(() => _module.Tables[index] = table with { Initial = Expression(field) });
        }
    }

    /// <summary><c>reftype (elem …)</c>: a table exactly as large as its elements.</summary>
    private void TableWithElements(WatCursor field, int index, bool is64)
    {
        var type = WatTypes.ReferenceType(field);
        var list = field.TryList("elem") ?? throw field.Error("unexpected token: '(elem' expected");
        field.ExpectEnd();
        var size = (ulong)(list.Owner.Items.Count - 1);
        _module.Tables.Add(new ModuleTable(type, new Limits(size, size, is64), null));
        var at = _module.Elements.Count;
        _module.Elements.Add(null!);
        _deferred.Add(() =>
        {
            var (functions, expressions) = list.Peek is { Kind: WatKind.List } ? ([], Items(list)) : (Indices(list), ImmutableArray<ConstantExpression>.Empty);
            var offset = is64 ? ConstantExpression.I64(0) : ConstantExpression.I32(0);
            _module.Elements[at] = new ElementSegment(SegmentMode.Active, new TableIndex(index), offset, type, functions, expressions);
        });
    }

    private void Memory(WatCursor field)
    {
        var id = field.TryId();
        var index = _module.Memories.Count;
        InlineExports(field, ExternKind.Memory, index);
        if (InlineImport(field, ExternKind.Memory) is { } import)
        {
            ImportMemory(field, id, import);
            field.ExpectEnd();
            return;
        }

        _hasDefinitions = true;
        _symbols.Declare(IndexSpace.Memory, id, index, field);
        var is64 = WatTypes.Is64(field);
        if (field.Peek is { Kind: WatKind.List })
        {
            MemoryWithData(field, index, is64);
        }
        else
        {
            _module.Memories.Add(WatTypes.MemoryType(field, is64, null));
        }

        field.ExpectEnd();
    }

    /// <summary><c>(pagesize n)? (data "…")</c>: a memory just large enough for its bytes.</summary>
    private void MemoryWithData(WatCursor field, int index, bool is64)
    {
        var pageSizeLog2 = WatTypes.PageSizeLog2(field);
        var data = field.TryList("data") ?? throw field.Error("unexpected token: '(data' expected");
        var bytes = data.Strings();
        data.ExpectEnd();
        var pages = ((ulong)bytes.Length + (1UL << pageSizeLog2) - 1) >> pageSizeLog2;
        _module.Memories.Add(new ModuleMemory(new Limits(pages, pages, is64), null, pageSizeLog2));
        var offset = is64 ? ConstantExpression.I64(0) : ConstantExpression.I32(0);
        _module.Data.Add(new DataSegment(SegmentMode.Active, new MemoryIndex(index), offset, bytes));
    }

    private void Global(WatCursor field)
    {
        var id = field.TryId();
        var index = _module.Globals.Count;
        InlineExports(field, ExternKind.Global, index);
        if (InlineImport(field, ExternKind.Global) is { } import)
        {
            ImportGlobal(field, id, import);
            field.ExpectEnd();
            return;
        }

        _hasDefinitions = true;
        _symbols.Declare(IndexSpace.Global, id, index, field);
        var (type, isMutable) = WatTypes.GlobalType(field);
        _module.Globals.Add(new ModuleGlobal(type, isMutable, null, null));
        _deferred.Add(() => _module.Globals[index] = new ModuleGlobal(type, isMutable, null, Expression(field)));
    }

    private void Element(WatCursor field)
    {
        var at = _module.Elements.Count;
        _symbols.Declare(IndexSpace.Element, field.TryId(), at, field);
        _module.Elements.Add(null!);
        _deferred.Add(() => _module.Elements[at] = ElementSegment(field));
    }

    private ElementSegment ElementSegment(WatCursor field)
    {
        var mode = field.TryAtom("declare") ? SegmentMode.Declarative : SegmentMode.Passive;
        var table = 0;
        ConstantExpression? offset = null;
        var hasTable = false;
        if (mode == SegmentMode.Passive && field.TryList("table") is { } use)
        {
            hasTable = true;
            table = _symbols.Resolve(IndexSpace.Table, use.Index("a table"), use);
            use.ExpectEnd();
        }
        else if (mode == SegmentMode.Passive && field.Peek is { IsIndex: true } node)
        {
            // An old abbreviation: the table's index alone.
            hasTable = true;
            table = _symbols.Resolve(IndexSpace.Table, field.Index("a table"), field);
            InvalidUnlessList(field, node);
        }

        if (mode == SegmentMode.Passive && (hasTable || (field.Peek is { Kind: WatKind.List } list && !list.IsList("ref"))))
        {
            mode = SegmentMode.Active;
            offset = Offset(field);
        }

        if (WatTypes.IsReferenceType(field.Peek))
        {
            var type = WatTypes.ReferenceType(field);
            return new ElementSegment(mode, new TableIndex(table), offset, type, [], Items(field));
        }

        if (!field.TryAtom("func") && mode != SegmentMode.Active)
        {
            throw field.Error("unexpected token: an element list expected");
        }

        return new ElementSegment(mode, new TableIndex(table), offset, ValType.FuncRef, Indices(field), []);
    }

    private static void InvalidUnlessList(WatCursor field, WatNode node)
    {
        if (field.Peek is not { Kind: WatKind.List })
        {
            throw field.Error($"unexpected token '{node.Text}'", node);
        }
    }

    private ImmutableArray<FuncIndex> Indices(WatCursor list)
    {
        var result = ImmutableArray.CreateBuilder<FuncIndex>();
        while (!list.AtEnd)
        {
            result.Add(new FuncIndex(_symbols.Resolve(IndexSpace.Function, list.Index("a function"), list)));
        }

        return result.ToImmutable();
    }

    /// <summary><c>(item instr*)</c> or one folded instruction, each.</summary>
    private ImmutableArray<ConstantExpression> Items(WatCursor list)
    {
        var result = ImmutableArray.CreateBuilder<ConstantExpression>();
        while (!list.AtEnd)
        {
            result.Add(list.TryList("item") is { } item ? Expression(item) : Single(list));
        }

        return result.ToImmutable();
    }

    private void Data(WatCursor field)
    {
        var at = _module.Data.Count;
        _symbols.Declare(IndexSpace.Data, field.TryId(), at, field);
        _module.Data.Add(null!);
        _deferred.Add(() => _module.Data[at] = DataSegment(field));
    }

    private DataSegment DataSegment(WatCursor field)
    {
        var memory = 0;
        if (field.TryList("memory") is { } use)
        {
            memory = _symbols.Resolve(IndexSpace.Memory, use.Index("a memory"), use);
            use.ExpectEnd();
        }
        else if (field.TryIndex() is { } node)
        {
            memory = _symbols.Resolve(IndexSpace.Memory, node, field);
        }

        var offset = field.Peek is { Kind: WatKind.List } ? Offset(field) : null;
        var bytes = field.Strings();
        field.ExpectEnd();
        return new DataSegment(offset is null ? SegmentMode.Passive : SegmentMode.Active, new MemoryIndex(memory), offset, bytes);
    }

    /// <summary><c>(offset instr*)</c> or one folded instruction.</summary>
    private ConstantExpression Offset(WatCursor field) => field.TryList("offset") is { } list ? Expression(list) : Single(field);

    private ConstantExpression Expression(WatCursor list) => new(new WatInstructions(_symbols, _types).Encode(list));

    private ConstantExpression Single(WatCursor list) => new(new WatInstructions(_symbols, _types).EncodeOne(list));

    private void InlineExports(WatCursor field, ExternKind kind, int index)
    {
        while (field.TryList("export") is { } export)
        {
            _module.Exports.Add(new Export(export.Name(), kind, index));
            export.ExpectEnd();
        }
    }

    private static Import? InlineImport(WatCursor field, ExternKind kind)
    {
        if (field.TryList("import") is not { } import)
        {
            return null;
        }

        var result = new Import(import.Name(), import.Name(), kind);
        import.ExpectEnd();
        return result;
    }
}
