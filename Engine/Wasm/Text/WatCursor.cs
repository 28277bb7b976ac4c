using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// Walks the tokens of a text, past annotations. Every "expected" of the grammar is a method here; each failure has line and column. A list is
/// entered by <see cref="Open"/> or <see cref="TryOpen"/> and left by <see cref="Close"/>.
/// </summary>
internal sealed class WatCursor(WatLexer lexer)
{
    private const int LongestQuotation = 60;
    private const int LongestKeyword = 60;

    /// <summary>The keywords of fields, of which a text can have as many as it has fields.</summary>
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<byte>> Common =
        new HashSet<string>(["type", "import", "func", "table", "memory", "global", "export", "start", "elem", "data"], Utf8Comparer.Instance)
            .GetAlternateLookup<ReadOnlySpan<byte>>();

    private WatToken _peek;
    private int _peekedAt = -1;

    /// <summary>The next token, not taken. It is looked for when it is asked for: behind the end of a field may stand any number of annotations.</summary>
    public WatToken Peek
    {
        get
        {
            if (_peekedAt != Position)
            {
                (_peek, _peekedAt) = (ReadAt(Position), Position);
            }

            return _peek;
        }
    }

    /// <summary>Where the next token is looked for: behind the last one taken, in front of annotations.</summary>
    public int Position { get; private set; }

    /// <summary>The token behind the next, not taken.</summary>
    public WatToken PeekSecond => ReadAt(Peek.End);

    /// <summary>Whether the list, or the text, has no more elements.</summary>
    public bool AtEnd => Peek.Kind is WatKind.Close or WatKind.End;

    /// <summary>Goes to the first token at <paramref name="at"/> or later.</summary>
    public void MoveTo(int at) => Position = at;

    /// <summary>The error <paramref name="message"/> at <paramref name="token"/>, or at the next token.</summary>
    public DiagnosticException Error(string message, WatToken? token = null) => lexer.Error(message, (token ?? Peek).Start);

    /// <summary>The error that <paramref name="token"/> stands where <paramref name="expected"/> should.</summary>
    public DiagnosticException Unexpected(WatToken token, string expected) => Error($"unexpected token {Quote(token)}: {expected} expected", token);

    /// <summary>The refusal of <paramref name="proposal"/> by name, at <paramref name="token"/>.</summary>
    public DiagnosticException Unsupported(string proposal, WatToken token) => new(DiagnosticId.PULSE1003, lexer.Place(token.Start), proposal);

    /// <summary><paramref name="token"/> for a message, shortened.</summary>
    public string Quote(WatToken token)
    {
        var text = lexer.Text(token);
        var shown = text.Length <= LongestQuotation ? Encoding.UTF8.GetString(text) : Encoding.UTF8.GetString(text[..LongestQuotation]) + "…";
        return token.Kind == WatKind.Id ? shown : $"'{shown}'";
    }

    /// <summary>The characters of <paramref name="token"/>.</summary>
    public ReadOnlySpan<byte> Text(WatToken token) => lexer.Text(token);

    /// <summary><paramref name="token"/> as a string, for a choice among few keywords; empty when it is longer than any.</summary>
    public string Keyword(WatToken token)
    {
        var text = lexer.Text(token);
        return Common.TryGetValue(text, out var keyword) ? keyword : text.Length <= LongestKeyword ? Encoding.UTF8.GetString(text) : "";
    }

    /// <summary>What <paramref name="id"/> names, in UTF-8 and without the dollar; invalid after the next string.</summary>
    public ReadOnlySpan<byte> IdBytes(WatToken id) => lexer.Text(id)[1] == '"' ? lexer.Decode(id) : lexer.Text(id)[1..];

    /// <summary>Whether <paramref name="token"/> is the keyword <paramref name="text"/>.</summary>
    public bool Is(WatToken token, ReadOnlySpan<byte> text) => token.Kind == WatKind.Atom && lexer.Text(token).SequenceEqual(text);

    /// <summary>Whether <paramref name="token"/> can be an index: a number without a sign, or an identifier.</summary>
    public bool IsIndex(WatToken token) => token.Kind == WatKind.Id || (token.Kind == WatKind.Atom && char.IsAsciiDigit((char)lexer.Text(token)[0]));

    /// <summary>Whether the next element is a list that starts with the keyword <paramref name="head"/>.</summary>
    public bool IsList(ReadOnlySpan<byte> head) => Peek.Kind == WatKind.Open && Is(ReadAt(Peek.End), head);

    /// <summary>Takes the next token, which <paramref name="expected"/> describes.</summary>
    public WatToken Next(string expected)
    {
        var token = AtEnd ? throw Error($"unexpected end: {expected} expected") : Peek;
        MoveTo(token.End);
        return token;
    }

    /// <summary>Takes the keyword <paramref name="text"/> if it is next.</summary>
    public bool TryAtom(ReadOnlySpan<byte> text)
    {
        var found = Is(Peek, text);
        if (found)
        {
            Take();
        }

        return found;
    }

    /// <summary>Takes an identifier if it is next.</summary>
    public WatToken? TryId() => Peek.Kind == WatKind.Id ? Take() : null;

    /// <summary>Takes an index if it is next.</summary>
    public WatToken? TryIndex() => IsIndex(Peek) ? Take() : null;

    /// <summary>Enters a list that starts with <paramref name="head"/> if it is next; the keyword is taken too.</summary>
    public bool TryOpen(ReadOnlySpan<byte> head)
    {
        var found = IsList(head);
        if (found)
        {
            Take();
            Take();
        }

        return found;
    }

    /// <summary>Enters a list.</summary>
    public void Open(string expected)
    {
        var token = Next(expected);
        if (token.Kind != WatKind.Open)
        {
            throw Unexpected(token, expected);
        }
    }

    /// <summary>Leaves a list that has no more elements.</summary>
    public void Close()
    {
        if (!AtEnd)
        {
            throw Error($"unexpected token {Quote(Peek)}");
        }

        Take();
    }

    /// <summary>Passes over an element.</summary>
    public void Skip() => MoveTo(Peek.Kind == WatKind.Open ? lexer.SkipList(Peek) : Peek.End);

    /// <summary>Takes a keyword or number.</summary>
    public WatToken Atom(string expected)
    {
        var token = Next(expected);
        return token.Kind == WatKind.Atom ? token : throw Unexpected(token, expected);
    }

    /// <summary>Takes an index.</summary>
    public WatToken Index(string expected)
    {
        var token = Next(expected);
        return IsIndex(token) ? token : throw Unexpected(token, expected);
    }

    /// <summary>Takes a string that must be UTF-8.</summary>
    public string Name()
    {
        var token = Next("a name");
        return token.Kind != WatKind.String
            ? throw Unexpected(token, "a name")
            : WatStrings.TryUtf8(lexer.Decode(token)) ?? throw Error("malformed UTF-8 encoding", token);
    }

    /// <summary>Takes all strings that follow, joined.</summary>
    public byte[] Strings()
    {
        var bytes = new ByteWriter(Peek.End - Peek.Start);
        while (Peek.Kind == WatKind.String)
        {
            bytes.Bytes(lexer.Decode(Take()));
        }

        return bytes.ToArray();
    }

    /// <summary>Takes a number without a sign of at most <paramref name="maximum"/>.</summary>
    public ulong Natural(ulong maximum, string expected)
    {
        var token = Atom(expected);
        var text = lexer.Text(token);
        return WatNumbers.TryNatural(text, maximum, out var value) ? value : throw NoNumber(token, expected, WatNumbers.IsNatural(text));
    }

    /// <summary>Takes an integer of <paramref name="bits"/> bits, signed or not, as its bits.</summary>
    public ulong Integer(int bits, string expected)
    {
        var token = Atom(expected);
        var text = lexer.Text(token);
        return WatNumbers.TryInteger(text, bits, out var value) ? value : throw NoNumber(token, expected, WatNumbers.IsInteger(text));
    }

    /// <summary>Takes a float with a mantissa of that many bits, as its bits.</summary>
    public ulong Float(int mantissa, string expected)
    {
        var token = Atom(expected);
        var text = lexer.Text(token);
        return WatNumbers.TryFloat(text, mantissa, out var value) ? value : throw NoNumber(token, expected, WatNumbers.IsFloat(text));
    }

    private DiagnosticException NoNumber(WatToken token, string expected, bool isLarge) =>
        isLarge ? Error($"constant {Quote(token)} out of range", token) : Unexpected(token, expected);

    private WatToken ReadAt(int at)
    {
        var token = lexer.ReadElement(at);
        while (token.Kind == WatKind.Annotation)
        {
            token = lexer.ReadElement(lexer.SkipList(token));
        }

        return token;
    }

    private WatToken Take()
    {
        var token = Peek;
        MoveTo(token.End);
        return token;
    }
}
