using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// Reads a module in the text format: <c>text → Module</c>. First the types are read, then every entity gets its index and identifier, then
/// bodies, segments and exports are resolved in their order in the text. Identifiers become a name section. Errors are PULSE1004 with line
/// and column; what is well-formed is not therefore valid (see <c>Validator</c>).
/// </summary>
/// <remarks>Core 3.0 #text-module</remarks>
internal sealed partial class WatParser
{
    private readonly string _path;
    private readonly Module _module = new();
    private readonly WatSymbols _symbols = new();
    private readonly WatTypes _types;
    private readonly NameSection _names = new();
    private readonly List<Action> _deferred = [];
    private bool _hasDefinitions;
    private bool _writesNames = true;

    private WatParser(string path)
    {
        _path = path;
        _types = new WatTypes(_module, _symbols);
    }

    /// <summary>Parses <paramref name="text"/>: a <c>(module …)</c>, or just its fields.</summary>
    public static Module Parse(string text, string path) => new WatParser(path).Parse(WatLexer.Read(text, path));

    /// <summary>Parses <paramref name="utf8"/>, which must be UTF-8.</summary>
    public static Module Parse(ReadOnlySpan<byte> utf8, string path)
    {
        var text = WatStrings.TryUtf8(utf8.ToArray())
            ?? throw new DiagnosticException(DiagnosticId.PULSE1004, new Location(path, 1, 1), "malformed UTF-8 encoding");
        return Parse(text, path);
    }

    private Module Parse(List<WatNode> nodes)
    {
        var top = new WatNode(WatKind.List, "", 1, 1);
        top.Items.AddRange(nodes);
        var cursor = new WatCursor(top, _path);
        if (cursor.TryList("module") is { } module)
        {
            cursor.ExpectEnd();
            _names.ModuleName = module.TryId()?.Text;
            if (module.Peek is { Kind: WatKind.Atom, Text: "binary" or "quote" })
            {
                return Encoded(module);
            }

            cursor = module;
        }

        DeclareTypes(cursor.Owner);
        while (!cursor.AtEnd)
        {
            if (cursor.Peek is { Kind: WatKind.Annotation } annotation)
            {
                Annotation(new WatCursor(annotation, _path));
                cursor.Next("an annotation");
            }
            else
            {
                Field(cursor.List("a module field"));
            }
        }

        _deferred.ForEach(action => action());
        WriteNames();
        return _module;
    }

    /// <summary><c>(module binary "…")</c> and <c>(module quote "…")</c>: a module in strings. Places in errors count from the start of the strings' contents.</summary>
    private Module Encoded(WatCursor module)
    {
        var kind = module.Next("'binary' or 'quote'");
        var bytes = module.Strings();
        module.ExpectEnd();
        return kind.Text == "binary" ? ModuleReader.Read(bytes, _path) : Parse(bytes, _path);
    }

    /// <summary>Types first: a type use may stand before the type it names.</summary>
    private void DeclareTypes(WatNode fields)
    {
        foreach (var node in fields.Items.Where(node => node.IsList("type")))
        {
            var field = new WatCursor(node, _path, 1);
            _symbols.Declare(IndexSpace.Type, field.TryId(), _module.Types.Count, field);
            var definition = field.List("a function type");
            field.ExpectEnd();
            var keyword = definition.Atom("a function type");
            if (keyword.Text != "func")
            {
                throw keyword.Text is "struct" or "array" or "sub"
                    ? definition.Unsupported("garbage collection", keyword)
                    : definition.Error($"unexpected token '{keyword.Text}': 'func' expected", keyword);
            }

            _module.Types.Add(WatTypes.FunctionType(definition));
        }
    }

    private void Field(WatCursor field)
    {
        var keyword = field.Atom("a module field");
        switch (keyword.Text)
        {
            case "type":
                break;
            case "import":
                Import(field);
                break;
            case "func":
                Function(field);
                break;
            case "table":
                Table(field);
                break;
            case "memory":
                Memory(field);
                break;
            case "global":
                Global(field);
                break;
            case "export":
                Export(field);
                break;
            case "start":
                Start(field, keyword);
                break;
            case "elem":
                Element(field);
                break;
            case "data":
                Data(field);
                break;
            case "tag":
                throw field.Unsupported("exception handling", keyword);
            case "rec":
                throw field.Unsupported("garbage collection", keyword);
            default:
                throw field.Error($"unexpected token '{keyword.Text}': a module field expected", keyword);
        }
    }

    private void Import(WatCursor field)
    {
        var (module, name) = (field.Name(), field.Name());
        var item = field.List("an import");
        field.ExpectEnd();
        var keyword = item.Atom("an import");
        var id = item.TryId();
        switch (keyword.Text)
        {
            case "func":
                ImportFunction(item, id, new Import(module, name, ExternKind.Function));
                break;
            case "table":
                ImportTable(item, id, new Import(module, name, ExternKind.Table));
                break;
            case "memory":
                ImportMemory(item, id, new Import(module, name, ExternKind.Memory));
                break;
            case "global":
                ImportGlobal(item, id, new Import(module, name, ExternKind.Global));
                break;
            case "tag":
                throw item.Unsupported("exception handling", keyword);
            default:
                throw item.Error($"unexpected token '{keyword.Text}': an import expected", keyword);
        }

        if (keyword.Text != "func")
        {
            item.ExpectEnd();
        }
    }

    /// <summary>Types written out are numbered in their order in the text, those inside bodies included: all are resolved in the second round.</summary>
    private void ImportFunction(WatCursor item, WatNode? id, Import import)
    {
        AddImport(import, item);
        var index = _module.Functions.Count;
        _symbols.Declare(IndexSpace.Function, id, index, item);
        _module.Functions.Add(new ModuleFunction(new TypeIndex(0), import, null));
        _deferred.Add(() =>
        {
            _module.Functions[index] = new ModuleFunction(_types.IndexOf(_types.Use(item, allowIds: true)), import, null);
            item.ExpectEnd();
        });
    }

    private void ImportTable(WatCursor item, WatNode? id, Import import)
    {
        AddImport(import, item);
        _symbols.Declare(IndexSpace.Table, id, _module.Tables.Count, item);
        var limits = WatTypes.Limits(item, WatTypes.Is64(item));
        _module.Tables.Add(new ModuleTable(WatTypes.ReferenceType(item), limits, import));
    }

    private void ImportMemory(WatCursor item, WatNode? id, Import import)
    {
        AddImport(import, item);
        _symbols.Declare(IndexSpace.Memory, id, _module.Memories.Count, item);
        _module.Memories.Add(WatTypes.MemoryType(item, WatTypes.Is64(item), import));
    }

    private void ImportGlobal(WatCursor item, WatNode? id, Import import)
    {
        AddImport(import, item);
        _symbols.Declare(IndexSpace.Global, id, _module.Globals.Count, item);
        var (type, isMutable) = WatTypes.GlobalType(item);
        _module.Globals.Add(new ModuleGlobal(type, isMutable, import, null));
    }

    private void AddImport(Import import, WatCursor at)
    {
        if (_hasDefinitions)
        {
            throw at.Error("import after a definition", at.Owner);
        }

        _module.Imports.Add(import);
    }

    private void Export(WatCursor field)
    {
        var name = field.Name();
        var item = field.List("an export");
        field.ExpectEnd();
        var keyword = item.Atom("an export");
        var (kind, space) = keyword.Text switch
        {
            "func" => (ExternKind.Function, IndexSpace.Function),
            "table" => (ExternKind.Table, IndexSpace.Table),
            "memory" => (ExternKind.Memory, IndexSpace.Memory),
            "global" => (ExternKind.Global, IndexSpace.Global),
            "tag" => throw item.Unsupported("exception handling", keyword),
            _ => throw item.Error($"unexpected token '{keyword.Text}': an export expected", keyword),
        };
        var index = item.Index("an index");
        item.ExpectEnd();
        var at = _module.Exports.Count;
        _module.Exports.Add(new Export(name, kind, 0));
        _deferred.Add(() => _module.Exports[at] = new Export(name, kind, _symbols.Resolve(space, index, item)));
    }

    private void Start(WatCursor field, WatNode keyword)
    {
        if (_module.Start is not null)
        {
            throw field.Error("multiple start sections", keyword);
        }

        var index = field.Index("a function");
        field.ExpectEnd();
        _module.Start = new FuncIndex(0);
        _deferred.Add(() => _module.Start = new FuncIndex(_symbols.Resolve(IndexSpace.Function, index, field)));
    }

    /// <summary>
    /// <c>(@custom "name" (after data)? "bytes"*)</c>: a custom section; the name section, given without bytes, is made from the identifiers.
    /// <c>(@datacount)</c>: a data count section even where no instruction needs one.
    /// </summary>
    private void Annotation(WatCursor annotation)
    {
        if (annotation.Owner.Text == "datacount")
        {
            _module.HasDataCount = true;
            annotation.ExpectEnd();
            return;
        }

        var name = annotation.Name();
        var after = annotation.TryList("after") is { } place ? SectionAfter(place) : annotation.TryList("before") is { } before ? SectionBefore(before) : SectionId.Data;
        _writesNames &= name != NameSection.SectionName || annotation.AtEnd;
        var bytes = annotation.Strings();
        annotation.ExpectEnd();
        _module.CustomSections.Add(new CustomSection(name, bytes, after));
    }

    private static int SectionAfter(WatCursor place)
    {
        var node = place.Atom("a section");
        if (node.Text is "first" or "last")
        {
            return node.Text == "first" ? 0 : SectionId.Data;
        }

        return SectionId.FromName(node.Text) ?? throw place.Error($"unexpected token '{node.Text}': a section expected", node);
    }

    private static int SectionBefore(WatCursor place)
    {
        var id = SectionAfter(place);
        var at = SectionId.Order.IndexOf((byte)id);
        return at <= 0 ? 0 : SectionId.Order[at - 1];
    }

    private void WriteNames()
    {
        foreach (var space in Enum.GetValues<IndexSpace>())
        {
            foreach (var (index, id) in _symbols.Of(space))
            {
                _names.Names(space)[index] = id;
            }
        }

        if (_writesNames)
        {
            _names.WriteTo(_module);
        }
    }
}
