using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// Reads a module in the text format: <c>text → Module</c>, in three rounds. The first finds where the fields start, so that what is no text at
/// all is refused; then the types are read, and every entity gets its index and identifier; last, whatever refers to entities (bodies,
/// segments, exports) is read in the order of the text. Identifiers become a name section. Errors are PULSE1004 with line and column; what is
/// well-formed is not therefore valid (see <c>Validator</c>).
/// </summary>
/// <remarks>Core 3.0 #text-module</remarks>
internal sealed partial class WatParser
{
    private readonly string _path;
    private readonly WatLexer _lexer;
    private readonly WatCursor _cursor;
    private readonly Module _module = new();
    private readonly WatSymbols _symbols = new();
    private readonly WatTypes _types;
    private readonly WatInstructions _code;
    private readonly NameSection _names = new();
    private readonly List<int> _fields = [];
    private readonly List<Pending> _pending = [];
    private readonly List<LocalGroup> _locals = [];
    private WatToken _field;
    private bool _hasDefinitions;
    private bool _writesNames = true;

    private WatParser(ReadOnlyMemory<byte> utf8, string path, WatSourceMap? places = null)
    {
        _path = path;
        _lexer = new WatLexer(utf8, path);
        _cursor = new WatCursor(_lexer);
        _types = new WatTypes(_module, _symbols);
        _code = new WatInstructions(_cursor, _symbols, _types, places);
    }

    /// <summary>What waits for the last round.</summary>
    private enum PendingKind
    {
        ImportType,
        Body,
        TableInitial,
        TableElements,
        GlobalInitial,
        Export,
        Start,
        Element,
        Data,
    }

    /// <summary>Parses <paramref name="text"/>: a <c>(module …)</c>, or just its fields.</summary>
    public static Module Parse(string text, string path) => Parse(
        WatStrings.TryUtf8(text) ?? throw new DiagnosticException(DiagnosticId.PULSE1004, new Location(path, 1, 1), "malformed UTF-8 encoding"), path);

    /// <summary>Parses <paramref name="utf8"/>, which must be UTF-8; with <paramref name="places"/>, its code gets offsets that they know.</summary>
    public static Module Parse(ReadOnlyMemory<byte> utf8, string path, WatSourceMap? places = null) =>
        new WatParser(utf8, path, places).Parse(isQuoted: false);

    private Module Parse(bool isQuoted)
    {
        _cursor.MoveTo(0);
        var isWrapped = _cursor.TryOpen("module"u8);
        _names.ModuleName = isWrapped && _cursor.TryId() is { } id ? System.Text.Encoding.UTF8.GetString(_cursor.IdBytes(id)) : null;
        if (isWrapped && !isQuoted && (_cursor.Is(_cursor.Peek, "binary"u8) || _cursor.Is(_cursor.Peek, "quote"u8)))
        {
            return Encoded();
        }

        FindFields(isWrapped);
        foreach (var at in _fields)
        {
            _cursor.MoveTo(at);
            if (_lexer.Read(at).Kind == WatKind.Open && _cursor.TryOpen("type"u8))
            {
                DeclareType();
            }
        }

        foreach (var at in _fields)
        {
            Field(_lexer.Read(at));
        }

        foreach (var pending in _pending)
        {
            _cursor.MoveTo(pending.At);
            Resolve(pending);
        }

        WriteNames();
        return _module;
    }

    /// <summary><c>(module binary "…")</c> and <c>(module quote "…")</c>: a module in strings. Places in errors count from the start of the strings' contents.</summary>
    private Module Encoded()
    {
        var isBinary = _cursor.TryAtom("binary"u8);
        _ = isBinary || _cursor.TryAtom("quote"u8);
        var bytes = _cursor.Strings();
        _cursor.Close();
        ExpectEnd();
        return isBinary ? ModuleReader.Read(bytes, _path) : new WatParser(bytes, _path).Parse(isQuoted: true);
    }

    /// <summary>The fields of the module whose head is taken, or those that are the whole text.</summary>
    private void FindFields(bool isWrapped)
    {
        var at = isWrapped ? _cursor.Position : 0;
        for (var token = _lexer.Read(at); token.Kind is WatKind.Open or WatKind.Annotation; token = _lexer.Read(at))
        {
            at = _lexer.SkipList(token);
            var name = _lexer.Text(token)[1..];
            if (token.Kind == WatKind.Open || name.SequenceEqual("@custom"u8) || name.SequenceEqual("@datacount"u8))
            {
                _fields.Add(token.Start);
            }
        }

        _cursor.MoveTo(at);
        if (isWrapped)
        {
            _cursor.Close();
        }

        ExpectEnd();
    }

    private void ExpectEnd()
    {
        if (_cursor.Peek.Kind != WatKind.End)
        {
            throw _cursor.Error($"unexpected token {_cursor.Quote(_cursor.Peek)}");
        }
    }

    /// <summary>Types first: a type use may stand before the type it names.</summary>
    private void DeclareType()
    {
        _symbols.Declare(IndexSpace.Type, _cursor.TryId(), _module.Types.Count, _cursor);
        _cursor.Open("a function type");
        var keyword = _cursor.Atom("a function type");
        if (!_cursor.Is(keyword, "func"u8))
        {
            throw _cursor.Keyword(keyword) is "struct" or "array" or "sub"
                ? _cursor.Unsupported("garbage collection", keyword)
                : _cursor.Unexpected(keyword, "'func'");
        }

        _module.Types.Add(_types.Signature(_cursor, allowIds: true));
        _cursor.Close();
        _cursor.Close();
    }

    private void Field(WatToken open)
    {
        _field = open;
        if (open.Kind == WatKind.Annotation)
        {
            Annotation(open);
            return;
        }

        _cursor.MoveTo(open.End);
        var keyword = _cursor.Atom("a module field");
        switch (_cursor.Keyword(keyword))
        {
            case "type":
                break;
            case "import":
                Import();
                break;
            case "func":
                Function();
                break;
            case "table":
                Table();
                break;
            case "memory":
                Memory();
                break;
            case "global":
                Global();
                break;
            case "export":
                Export();
                break;
            case "start":
                Start(keyword);
                break;
            case "elem":
                _symbols.Declare(IndexSpace.Element, _cursor.TryId(), _module.Elements.Count, _cursor);
                Postpone(PendingKind.Element, _module.Elements.Count);
                _module.Elements.Add(null!);
                break;
            case "data":
                _symbols.Declare(IndexSpace.Data, _cursor.TryId(), _module.Data.Count, _cursor);
                Postpone(PendingKind.Data, _module.Data.Count);
                _module.Data.Add(null!);
                break;
            case "tag":
                throw _cursor.Unsupported("exception handling", keyword);
            case "rec":
                throw _cursor.Unsupported("garbage collection", keyword);
            default:
                throw _cursor.Unexpected(keyword, "a module field");
        }
    }

    /// <summary>Leaves what stands at the cursor to the last round.</summary>
    private void Postpone(PendingKind kind, int index) => _pending.Add(new Pending(kind, index, _cursor.Peek.Start));

    private void Resolve(Pending pending)
    {
        var index = pending.Index;
        switch (pending.Kind)
        {
            case PendingKind.ImportType:
                _module.Functions[index] = _module.Functions[index] with { Type = _types.IndexOf(_types.Use(_cursor, allowIds: true)) };
                _cursor.Close();
                break;
            case PendingKind.Body:
                Body(index);
                break;
            case PendingKind.TableInitial:
                _module.Tables[index] = _module.Tables[index] with { Initial = Expression() };
                break;
            case PendingKind.TableElements:
                _module.Elements[index] = TableElements(_module.Elements[index]);
                break;
            case PendingKind.GlobalInitial:
                _module.Globals[index] = _module.Globals[index] with { Initial = Expression() };
                break;
            case PendingKind.Export:
                var export = _module.Exports[index];
                _module.Exports[index] = export with { Index = _symbols.Resolve(SpaceOf(export.Kind), _cursor.Peek, _cursor) };
                break;
            case PendingKind.Start:
                _module.Start = new FuncIndex(_symbols.Resolve(IndexSpace.Function, _cursor.Peek, _cursor));
                break;
            case PendingKind.Element:
                _module.Elements[index] = ElementSegment();
                break;
            case PendingKind.Data:
                _module.Data[index] = DataSegment();
                break;
        }
    }

    /// <summary>
    /// <c>(@custom "name" (after data)? "bytes"*)</c>: a custom section; the name section, given without bytes, is made from the identifiers.
    /// <c>(@datacount)</c>: a data count section even where no instruction needs one.
    /// </summary>
    private void Annotation(WatToken head)
    {
        _cursor.MoveTo(head.End);
        if (_lexer.Text(head).EndsWith("datacount"u8))
        {
            _module.HasDataCount = true;
            _cursor.Close();
            return;
        }

        var name = _cursor.Name();
        var after = SectionId.Data;
        var isBefore = _cursor.IsList("before"u8);
        if (_cursor.TryOpen("after"u8) || _cursor.TryOpen("before"u8))
        {
            after = Section(isBefore);
            _cursor.Close();
        }

        _writesNames &= name != NameSection.SectionName || _cursor.AtEnd;
        var bytes = _cursor.Strings();
        _cursor.Close();
        _module.CustomSections.Add(new CustomSection(name, bytes, after));
    }

    /// <summary>The section that <c>after</c> the named one means, or <c>before</c> it.</summary>
    private int Section(bool isBefore)
    {
        var token = _cursor.Atom("a section");
        var name = _cursor.Keyword(token);
        var id = name switch { "first" => 0, "last" => SectionId.Data, _ => SectionId.FromName(name) ?? throw _cursor.Unexpected(token, "a section") };
        var at = SectionId.Order.IndexOf((byte)id);
        return !isBefore ? id : at <= 0 ? 0 : SectionId.Order[at - 1];
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

    /// <summary>A part of a field that is read when everything has its index.</summary>
    /// <param name="Kind">What it is.</param>
    /// <param name="Index">Which entity of its space it belongs to.</param>
    /// <param name="At">Where it starts.</param>
    private readonly record struct Pending(PendingKind Kind, int Index, int At);
}
