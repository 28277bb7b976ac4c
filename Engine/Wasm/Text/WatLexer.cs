using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// The tokens of a text in UTF-8. A token is found from its place alone and nothing is kept of it, so that a text costs no memory beyond its
/// bytes, and whoever reads it may go back or ahead. Lines and columns are counted when an error asks for them.
/// </summary>
/// <remarks>Core 3.0 #text-lexical</remarks>
internal sealed class WatLexer
{
    /// <summary>How deeply lists may nest, so that nothing that follows them can run out of stack.</summary>
    public const int MaximumDepth = 1000;

    private readonly byte[] _text;
    private readonly string _path;
    private readonly ByteWriter _string = new();

    /// <summary>Over <paramref name="utf8"/>, which is checked to be UTF-8.</summary>
    public WatLexer(ReadOnlyMemory<byte> utf8, string path)
    {
        _path = path;
        _text = MemoryMarshal.TryGetArray(utf8, out var whole) && whole.Array!.Length == whole.Count ? whole.Array : utf8.ToArray();
        if (!Utf8.IsValid(_text))
        {
            throw Error("malformed UTF-8 encoding", WatStrings.ValidPrefix(_text));
        }
    }

    /// <summary>The characters of <paramref name="token"/>.</summary>
    public ReadOnlySpan<byte> Text(WatToken token) => _text.AsSpan(token.Start, token.End - token.Start);

    /// <summary>The error <paramref name="message"/> at a place.</summary>
    public DiagnosticException Error(string message, int at) => new(DiagnosticId.PULSE1004, Place(at), message);

    /// <summary>Line and column of a place; columns count characters.</summary>
    public Location Place(int at)
    {
        var before = _text.AsSpan(0, at);
        var column = 1;
        foreach (var unit in before[(before.LastIndexOf((byte)'\n') + 1)..])
        {
            column += (unit & 0xC0) != 0x80 ? 1 : 0;
        }

        return new Location(_path, before.Count((byte)'\n') + 1, column);
    }

    /// <summary>The first token that starts at <paramref name="at"/> or later.</summary>
    public WatToken Read(int at) => Read(at, inAnnotation: false);

    private WatToken Read(int at, bool inAnnotation)
    {
        at = SkipSpace(at);
        if (at >= _text.Length)
        {
            return new WatToken(WatKind.End, _text.Length, _text.Length);
        }

        return _text[at] switch
        {
            (byte)'(' when At(at + 1) == '@' && !inAnnotation => Annotation(at),
            (byte)'(' => new WatToken(WatKind.Open, at, at + 1),
            (byte)')' => new WatToken(WatKind.Close, at, at + 1),
            (byte)',' or (byte)';' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}' => new WatToken(WatKind.Reserved, at, at + 1),
            _ => Run(at),
        };
    }

    /// <summary>As <see cref="Read(int)"/>, outside annotations: in one, a dollar without a name is a token like any other.</summary>
    public WatToken ReadElement(int at)
    {
        var token = Read(at);
        return token.Kind == WatKind.Reserved && MalformedId(token) is { } problem ? throw Error(problem, token.Start) : token;
    }

    /// <summary>
    /// The place behind the list or annotation that <paramref name="open"/> begins; every token in it is looked at. In an annotation, what
    /// would be another's begin is a parenthesis and a token, which need be no name.
    /// </summary>
    public int SkipList(WatToken open)
    {
        var inAnnotation = open.Kind == WatKind.Annotation;
        var depth = 1;
        var at = open.End;
        while (depth > 0)
        {
            var token = Read(at, inAnnotation);
            depth += token.Kind switch
            {
                WatKind.Open => depth < MaximumDepth ? 1 : throw Error($"nesting deeper than {MaximumDepth}", token.Start),
                WatKind.Close => -1,
                WatKind.End => throw Error("unexpected end: ')' expected", token.Start),
                _ => 0,
            };
            at = token.Kind == WatKind.Annotation ? SkipList(token) : token.End;
        }

        return at;
    }

    /// <summary>The bytes that a string, a quoted identifier or an annotation's quoted name stand for; invalid after the next string.</summary>
    public ReadOnlySpan<byte> Decode(WatToken token)
    {
        _string.Truncate(0);
        String(token.Start + Text(token).IndexOf((byte)'"'), _string);
        return _string.Written;
    }

    private byte At(int at) => at < _text.Length ? _text[at] : (byte)0;

    private WatToken Annotation(int at)
    {
        var name = IsIdChar(At(at + 2)) || At(at + 2) == '"' ? Run(at + 2) : default;
        var isName = name.Kind == WatKind.String ? Decode(name).Length > 0 && Utf8.IsValid(_string.Written) : name.End > 0 && !Text(name).Contains((byte)'"');
        return isName ? new WatToken(WatKind.Annotation, at, name.End) : throw Error("malformed annotation id", at);
    }

    private int SkipSpace(int at)
    {
        var text = _text;
        for (; at < text.Length; at++)
        {
            var unit = text[at];
            if (unit is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r')
            {
                continue;
            }

            var isComment = At(at + 1) == ';' && unit is (byte)';' or (byte)'(';
            if (!isComment)
            {
                return at;
            }

            // On the last character of the comment, or on the end of its line.
            at = (unit == '(' ? SkipBlockComment(at) : SkipLineComment(at)) - 1;
        }

        return at;
    }

    private int SkipLineComment(int at)
    {
        var length = _text.AsSpan(at).IndexOfAny((byte)'\n', (byte)'\r');
        return length < 0 ? _text.Length : at + length;
    }

    private int SkipBlockComment(int at)
    {
        for (var depth = 0; ;)
        {
            var next = _text.AsSpan(at).IndexOfAny((byte)'(', (byte)';');
            at = next < 0 ? _text.Length : at + next;
            if (at >= _text.Length)
            {
                throw Error("unclosed comment", at);
            }

            var opens = _text[at] == '(' && At(at + 1) == ';';
            var closes = _text[at] == ';' && At(at + 1) == ')';
            depth += opens ? 1 : closes ? -1 : 0;
            at += opens || closes ? 2 : 1;
            if (depth == 0)
            {
                return at;
            }
        }
    }

    /// <summary>The longest run of identifier characters and strings: <c>"a""b"</c> or <c>0"x"</c> is one token, and no legal one.</summary>
    private WatToken Run(int start)
    {
        var text = _text;
        var (at, strings) = (start, 0);
        while (at < text.Length)
        {
            if (IsIdChar(text[at]))
            {
                at++;
            }
            else if (text[at] == '"')
            {
                at = String(at, null);
                strings++;
            }
            else
            {
                break;
            }
        }

        if (at == start)
        {
            throw Error(text[at] is < (byte)' ' or >= 0x7F ? "malformed token: illegal character" : $"malformed token: '{(char)text[at]}'", at);
        }

        return new WatToken(Kind(start, at, strings), start, at);
    }

    private WatKind Kind(int start, int end, int strings)
    {
        var first = _text[start];
        if (strings == 0)
        {
            return first != '$' ? WatKind.Atom : end - start > 1 ? WatKind.Id : WatKind.Reserved;
        }

        var isOne = strings == 1 && _text[end - 1] == '"';
        if (isOne && first == '$' && _text[start + 1] == '"')
        {
            var name = Decode(new WatToken(WatKind.Id, start, end));
            return !name.IsEmpty && Utf8.IsValid(name) ? WatKind.Id : WatKind.Reserved;
        }

        return isOne && first == '"' ? WatKind.String : WatKind.Reserved;
    }

    /// <summary>What is wrong with a token that would be an identifier, or null when it is nothing like one.</summary>
    private string? MalformedId(WatToken token)
    {
        if (Text(token) is [(byte)'$'])
        {
            return "empty identifier";
        }

        if (Text(token) is not [(byte)'$', (byte)'"', ..] || String(token.Start + 1, null) != token.End)
        {
            return null;
        }

        return Decode(token).IsEmpty ? "empty identifier" : "malformed UTF-8 encoding";
    }

    /// <summary>The place behind the string whose quote is at <paramref name="at"/>; its bytes go to <paramref name="output"/>.</summary>
    private int String(int at, ByteWriter? output)
    {
        for (at++; ;)
        {
            var length = _text.AsSpan(at).IndexOfAny(WatStrings.Special);
            if (length < 0)
            {
                throw Error("unclosed string", _text.Length);
            }

            output?.Bytes(_text.AsSpan(at, length));
            at += length;
            if (_text[at] == '"')
            {
                return at + 1;
            }

            at = _text[at] == '\\' ? Escape(at + 1, output) : throw Error("malformed token: illegal character in a string", at);
        }
    }

    /// <summary>The place behind the escape whose backslash stands before <paramref name="at"/>.</summary>
    private int Escape(int at, ByteWriter? output)
    {
        var simple = At(at) switch { (byte)'t' => '\t', (byte)'n' => '\n', (byte)'r' => '\r', (byte)'"' => '"', (byte)'\'' => '\'', (byte)'\\' => '\\', _ => '\0' };
        if (simple != '\0')
        {
            output?.U8((byte)simple);
            return at + 1;
        }

        if (At(at) == 'u' && At(at + 1) == '{')
        {
            return UnicodeEscape(at, output);
        }

        if (!char.IsAsciiHexDigit((char)At(at)) || !char.IsAsciiHexDigit((char)At(at + 1)))
        {
            throw Error("unknown escape in a string", at);
        }

        output?.U8((byte)((WatNumbers.Digit(At(at)) << 4) | WatNumbers.Digit(At(at + 1))));
        return at + 2;
    }

    private int UnicodeEscape(int at, ByteWriter? output)
    {
        var digits = _text.AsSpan(at + 2);
        var length = digits.IndexOfAnyExcept(WatStrings.HexDigits);
        if (length < 0 || digits[length] != '}' || !WatNumbers.TryHexadecimal(digits[..length], 0x10FFFF, out var scalar) || !Rune.IsValid((int)scalar))
        {
            throw Error("malformed Unicode escape in a string", at);
        }

        Span<byte> utf8 = stackalloc byte[4];
        output?.Bytes(utf8[..new Rune((int)scalar).EncodeToUtf8(utf8)]);
        return at + 2 + length + 1;
    }

    private static bool IsIdChar(byte c) => c is > (byte)' ' and < 0x7F
        and not ((byte)'"' or (byte)'(' or (byte)')' or (byte)',' or (byte)';' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}');
}
