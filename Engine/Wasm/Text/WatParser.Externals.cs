namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>Imports, exports and the start function, as fields and as abbreviations inside definitions.</summary>
internal sealed partial class WatParser
{
    private void Import()
    {
        var (module, name) = (_cursor.Name(), _cursor.Name());
        var item = _cursor.Peek;
        _cursor.Open("an import");
        var keyword = _cursor.Atom("an import");
        var id = _cursor.TryId();
        switch (_cursor.Keyword(keyword))
        {
            case "func" when _cursor.IsList("exact"u8):
                throw _cursor.Unsupported("custom descriptors", keyword);
            case "func":
                ImportFunction(id, new Import(module, name, ExternKind.Function));
                _cursor.MoveTo(item.Start);
                _cursor.Skip();
                break;
            case "table":
                ImportTable(id, new Import(module, name, ExternKind.Table));
                _cursor.Close();
                break;
            case "memory":
                ImportMemory(id, new Import(module, name, ExternKind.Memory));
                _cursor.Close();
                break;
            case "global":
                ImportGlobal(id, new Import(module, name, ExternKind.Global));
                _cursor.Close();
                break;
            case "tag":
                throw _cursor.Unsupported("exception handling", keyword);
            default:
                throw _cursor.Unexpected(keyword, "an import");
        }

        _cursor.Close();
    }

    /// <summary>Types written out are numbered in their order in the text, those inside bodies included: all are resolved in the last round.</summary>
    private void ImportFunction(WatToken? id, Import import)
    {
        AddImport(import);
        var index = _module.Functions.Count;
        _symbols.Declare(IndexSpace.Function, id, index, _cursor);
        _module.Functions.Add(new ModuleFunction(new TypeIndex(0), import, null));
        Postpone(PendingKind.ImportType, index);
    }

    private void ImportTable(WatToken? id, Import import)
    {
        AddImport(import);
        _symbols.Declare(IndexSpace.Table, id, _module.Tables.Count, _cursor);
        var limits = WatTypes.Limits(_cursor, WatTypes.Is64(_cursor));
        _module.Tables.Add(new ModuleTable(WatTypes.ReferenceType(_cursor), limits, import));
    }

    private void ImportMemory(WatToken? id, Import import)
    {
        AddImport(import);
        _symbols.Declare(IndexSpace.Memory, id, _module.Memories.Count, _cursor);
        _module.Memories.Add(WatTypes.MemoryType(_cursor, WatTypes.Is64(_cursor), import));
    }

    private void ImportGlobal(WatToken? id, Import import)
    {
        AddImport(import);
        _symbols.Declare(IndexSpace.Global, id, _module.Globals.Count, _cursor);
        var (type, isMutable) = WatTypes.GlobalType(_cursor);
        _module.Globals.Add(new ModuleGlobal(type, isMutable, import, null));
    }

    private void AddImport(Import import)
    {
        if (_hasDefinitions)
        {
            throw _cursor.Error("import after a definition", _field);
        }

        _module.Imports.Add(import);
    }

    private void Export()
    {
        var name = _cursor.Name();
        _cursor.Open("an export");
        var keyword = _cursor.Atom("an export");
        var kind = _cursor.Keyword(keyword) switch
        {
            "func" => ExternKind.Function,
            "table" => ExternKind.Table,
            "memory" => ExternKind.Memory,
            "global" => ExternKind.Global,
            "tag" => throw _cursor.Unsupported("exception handling", keyword),
            _ => throw _cursor.Unexpected(keyword, "an export"),
        };
        Postpone(PendingKind.Export, _module.Exports.Count);
        _module.Exports.Add(new Export(name, kind, 0));
        _cursor.Index("an index");
        _cursor.Close();
        _cursor.Close();
    }

    private void Start(WatToken keyword)
    {
        if (_module.Start is not null)
        {
            throw _cursor.Error("multiple start sections", keyword);
        }

        Postpone(PendingKind.Start, 0);
        _module.Start = new FuncIndex(0);
        _cursor.Index("a function");
        _cursor.Close();
    }

    private void InlineExports(ExternKind kind, int index)
    {
        while (_cursor.TryOpen("export"u8))
        {
            _module.Exports.Add(new Export(_cursor.Name(), kind, index));
            _cursor.Close();
        }
    }

    private Import? InlineImport(ExternKind kind)
    {
        if (!_cursor.TryOpen("import"u8))
        {
            return null;
        }

        var result = new Import(_cursor.Name(), _cursor.Name(), kind);
        _cursor.Close();
        return result;
    }
}
