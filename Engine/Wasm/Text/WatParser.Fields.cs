using System.Collections.Immutable;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>Definitions: functions, tables, memories, globals and segments.</summary>
internal sealed partial class WatParser
{
    private static IndexSpace SpaceOf(ExternKind kind) => kind switch
    {
        ExternKind.Function => IndexSpace.Function,
        ExternKind.Table => IndexSpace.Table,
        ExternKind.Memory => IndexSpace.Memory,
        _ => IndexSpace.Global,
    };

    private void Function()
    {
        var id = _cursor.TryId();
        var index = _module.Functions.Count;
        InlineExports(ExternKind.Function, index);
        if (InlineImport(ExternKind.Function) is { } import)
        {
            ImportFunction(id, import);
            return;
        }

        _hasDefinitions = true;
        _symbols.Declare(IndexSpace.Function, id, index, _cursor);
        _module.Functions.Add(null!);
        Postpone(PendingKind.Body, index);
    }

    private void Body(int index)
    {
        var use = _types.Use(_cursor, allowIds: true);
        var type = _types.IndexOf(use);
        _code.Begin(use.Type.Parameters.Length);
        foreach (var (parameter, id) in _types.ParameterIds)
        {
            _code.NameLocal(parameter, id);
        }

        var locals = Locals();
        var offset = _code.CodeStart;
        _module.Functions[index] = new ModuleFunction(type, null, new FunctionBody(locals, _code.Encode(), offset));
        _module.HasDataCount |= _code.UsesDataSegments;
        if (_code.LocalNames is { } localNames)
        {
            _names.LocalNames[index] = localNames;
        }

        if (_code.LabelNames is { } labelNames)
        {
            _names.LabelNames[index] = labelNames;
        }
    }

    private ImmutableArray<LocalGroup> Locals()
    {
        _locals.Clear();
        while (_cursor.TryOpen("local"u8))
        {
            var id = _cursor.TryId();
            while (id is not null || !_cursor.AtEnd)
            {
                AddLocal(_locals, WatTypes.ValueType(_cursor));
                _code.AddLocal(id);
                if (id is not null)
                {
                    break;
                }
            }

            _cursor.Close();
        }

        return [.. _locals];
    }

    private static void AddLocal(List<LocalGroup> locals, ValType type)
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

    private void Table()
    {
        var id = _cursor.TryId();
        var index = _module.Tables.Count;
        InlineExports(ExternKind.Table, index);
        if (InlineImport(ExternKind.Table) is { } import)
        {
            ImportTable(id, import);
            _cursor.Close();
            return;
        }

        _hasDefinitions = true;
        _symbols.Declare(IndexSpace.Table, id, index, _cursor);
        var is64 = WatTypes.Is64(_cursor);
        if (WatTypes.IsReferenceType(_cursor))
        {
            TableWithElements(index, is64);
            return;
        }

        var limits = WatTypes.Limits(_cursor, is64);
        _module.Tables.Add(new ModuleTable(WatTypes.ReferenceType(_cursor), limits, null));
        if (_cursor.AtEnd)
        {
            _cursor.Close();
        }
        else
        {
            Postpone(PendingKind.TableInitial, index);
        }
    }

    /// <summary><c>reftype (elem …)</c>: a table exactly as large as its elements.</summary>
    private void TableWithElements(int index, bool is64)
    {
        var type = WatTypes.ReferenceType(_cursor);
        if (!_cursor.TryOpen("elem"u8))
        {
            throw _cursor.Unexpected(_cursor.Peek, "'(elem'");
        }

        Postpone(PendingKind.TableElements, _module.Elements.Count);
        var size = 0UL;
        for (; !_cursor.AtEnd; size++)
        {
            _cursor.Skip();
        }

        _cursor.Close();
        _cursor.Close();
        _module.Tables.Add(new ModuleTable(type, new Limits(size, size, is64), null));
        _module.Elements.Add(new ElementSegment(SegmentMode.Active, new TableIndex(index), Zero(is64), type, [], []));
    }

    private ElementSegment TableElements(ElementSegment empty) =>
        _cursor.Peek.Kind == WatKind.Open ? empty with { Expressions = Items() } : empty with { Functions = Indices() };

    private void Memory()
    {
        var id = _cursor.TryId();
        var index = _module.Memories.Count;
        InlineExports(ExternKind.Memory, index);
        if (InlineImport(ExternKind.Memory) is { } import)
        {
            ImportMemory(id, import);
            _cursor.Close();
            return;
        }

        _hasDefinitions = true;
        _symbols.Declare(IndexSpace.Memory, id, index, _cursor);
        var is64 = WatTypes.Is64(_cursor);
        if (_cursor.Peek.Kind == WatKind.Open)
        {
            MemoryWithData(index, is64);
        }
        else
        {
            _module.Memories.Add(WatTypes.MemoryType(_cursor, is64, null));
        }

        _cursor.Close();
    }

    /// <summary><c>(pagesize n)? (data "…")</c>: a memory just large enough for its bytes.</summary>
    private void MemoryWithData(int index, bool is64)
    {
        var stated = WatTypes.StatedPageSizeLog2(_cursor);
        if (!_cursor.TryOpen("data"u8))
        {
            throw _cursor.Unexpected(_cursor.Peek, "'(data'");
        }

        var bytes = _cursor.Strings();
        _cursor.Close();
        var memory = new ModuleMemory(new Limits(0, 0, is64), null, stated);
        var pages = ((ulong)bytes.Length + (1UL << memory.PageSizeLog2) - 1) >> memory.PageSizeLog2;
        _module.Memories.Add(memory with { Limits = new Limits(pages, pages, is64) });
        _module.Data.Add(new DataSegment(SegmentMode.Active, new MemoryIndex(index), Zero(is64), bytes));
    }

    private static ConstantExpression Zero(bool is64) => is64 ? ConstantExpression.I64(0) : ConstantExpression.I32(0);

    private void Global()
    {
        var id = _cursor.TryId();
        var index = _module.Globals.Count;
        InlineExports(ExternKind.Global, index);
        if (InlineImport(ExternKind.Global) is { } import)
        {
            ImportGlobal(id, import);
            _cursor.Close();
            return;
        }

        _hasDefinitions = true;
        _symbols.Declare(IndexSpace.Global, id, index, _cursor);
        var (type, isMutable) = WatTypes.GlobalType(_cursor);
        _module.Globals.Add(new ModuleGlobal(type, isMutable, null, null));
        Postpone(PendingKind.GlobalInitial, index);
    }

    private ElementSegment ElementSegment()
    {
        var mode = _cursor.TryAtom("declare"u8) ? SegmentMode.Declarative : SegmentMode.Passive;
        var table = mode == SegmentMode.Passive ? ElementTable() : null;
        ConstantExpression? offset = null;
        if (mode == SegmentMode.Passive && (table is not null || (_cursor.Peek.Kind == WatKind.Open && !_cursor.IsList("ref"u8))))
        {
            mode = SegmentMode.Active;
            offset = Offset();
        }

        var index = new TableIndex(table ?? 0);
        if (WatTypes.IsReferenceType(_cursor))
        {
            var type = WatTypes.ReferenceType(_cursor);
            return new ElementSegment(mode, index, offset, type, [], Items());
        }

        return _cursor.TryAtom("func"u8) || mode == SegmentMode.Active
            ? new ElementSegment(mode, index, offset, ValType.FuncRef, Indices(), [])
            : throw _cursor.Unexpected(_cursor.Peek, "an element list");
    }

    /// <summary>The table of an active segment, if it is given: <c>(table x)</c>, or as an old abbreviation the index alone.</summary>
    private int? ElementTable()
    {
        if (_cursor.TryOpen("table"u8))
        {
            var table = _symbols.Resolve(IndexSpace.Table, _cursor.Index("a table"), _cursor);
            _cursor.Close();
            return table;
        }

        if (_cursor.TryIndex() is not { } token)
        {
            return null;
        }

        return _cursor.Peek.Kind == WatKind.Open ? _symbols.Resolve(IndexSpace.Table, token, _cursor) : throw _cursor.Unexpected(token, "an element list");
    }

    /// <summary>Indices of functions up to the end of the list.</summary>
    private ImmutableArray<FuncIndex> Indices()
    {
        var result = ImmutableArray.CreateBuilder<FuncIndex>();
        while (!_cursor.AtEnd)
        {
            result.Add(new FuncIndex(_symbols.Resolve(IndexSpace.Function, _cursor.Index("a function"), _cursor)));
        }

        _cursor.Close();
        return result.ToImmutable();
    }

    /// <summary><c>(item instr*)</c> or one folded instruction, each, up to the end of the list.</summary>
    private ImmutableArray<ConstantExpression> Items()
    {
        var result = ImmutableArray.CreateBuilder<ConstantExpression>();
        while (!_cursor.AtEnd)
        {
            result.Add(_cursor.TryOpen("item"u8) ? Expression() : Single());
        }

        _cursor.Close();
        return result.ToImmutable();
    }

    private DataSegment DataSegment()
    {
        var memory = 0;
        if (_cursor.TryOpen("memory"u8))
        {
            memory = _symbols.Resolve(IndexSpace.Memory, _cursor.Index("a memory"), _cursor);
            _cursor.Close();
        }
        else if (_cursor.TryIndex() is { } token)
        {
            memory = _symbols.Resolve(IndexSpace.Memory, token, _cursor);
        }

        var offset = _cursor.Peek.Kind == WatKind.Open ? Offset() : null;
        var bytes = _cursor.Strings();
        _cursor.Close();
        return new DataSegment(offset is null ? SegmentMode.Passive : SegmentMode.Active, new MemoryIndex(memory), offset, bytes);
    }

    /// <summary><c>(offset instr*)</c> or one folded instruction.</summary>
    private ConstantExpression Offset() => _cursor.TryOpen("offset"u8) ? Expression() : Single();

    /// <summary>Instructions up to the end of the list.</summary>
    private ConstantExpression Expression()
    {
        _code.Begin(0);
        var offset = _code.CodeStart;
        return new ConstantExpression(_code.Encode(), offset);
    }

    private ConstantExpression Single()
    {
        _code.Begin(0);
        var offset = _code.CodeStart;
        return new ConstantExpression(_code.EncodeOne(), offset);
    }
}
