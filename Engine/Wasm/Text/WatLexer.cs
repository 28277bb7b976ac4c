using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// Reads text into a tree of <see cref="WatNode"/>: tokens, comments and strings are dealt with here, meaning is not. Annotations other than
/// <c>@custom</c> and <c>@datacount</c> at the level of module fields are skipped. Nesting is bounded, so that nothing that walks the tree can run out of stack.
/// </summary>
/// <remarks>Core 3.0 #text-lexical</remarks>
internal sealed class WatLexer
{
    /// <summary>How deeply lists may nest.</summary>
    public const int MaximumDepth = 1000;

    private readonly string _text;
    private readonly string _path;
    private int _at;
    private int _line = 1;
    private int _lineStart;

    private WatLexer(string text, string path)
    {
        _text = text;
        _path = path;
    }

    private char Current => _at < _text.Length ? _text[_at] : '\0';

    private char Following => _at + 1 < _text.Length ? _text[_at + 1] : '\0';

    private int Column => _at - _lineStart + 1;

    /// <summary>The top-level nodes of <paramref name="text"/>.</summary>
    public static List<WatNode> Read(string text, string path) => new WatLexer(text, path).Read();

    private List<WatNode> Read()
    {
        var top = new WatNode(WatKind.List, "", 1, 1);
        var open = new Stack<WatNode>([top]);
        for (SkipSpace(); _at < _text.Length; SkipSpace())
        {
            if (Current == ')')
            {
                _at++;
                var closed = open.Pop();
                if (open.Count == 0)
                {
                    throw Error("unexpected token ')'");
                }

                if (closed.Kind != WatKind.Annotation || (closed.Text is "custom" or "datacount" && open.Count <= 2))
                {
                    open.Peek().Items.Add(closed);
                }
            }
            else if (Current == '(')
            {
                open.Push(Open());
                if (open.Count > MaximumDepth)
                {
                    throw Error($"nesting deeper than {MaximumDepth}");
                }
            }
            else
            {
                open.Peek().Items.Add(Token());
            }
        }

        return open.Count == 1 ? top.Items : throw Error("unexpected end: ')' expected");
    }

    private DiagnosticException Error(string message) => new(DiagnosticId.PULSE1004, new Location(_path, _line, Column), message);

    private WatNode Open()
    {
        var (line, column) = (_line, Column);
        _at++;
        if (Current != '@')
        {
            return new WatNode(WatKind.List, "(", line, column);
        }

        _at++;
        if (!IsIdChar(Current) && Current != '"')
        {
            throw Error("malformed annotation id");
        }

        var name = Token();
        return new WatNode(WatKind.Annotation, name.Kind == WatKind.String ? Encoding.UTF8.GetString(name.Bytes) : name.Text, line, column);
    }

    private void SkipSpace()
    {
        while (_at < _text.Length)
        {
            if (Current == ';' && Following == ';')
            {
                var end = _text.AsSpan(_at).IndexOfAny('\n', '\r');
                _at = end < 0 ? _text.Length : _at + end;
            }
            else if (Current == '(' && Following == ';')
            {
                SkipBlockComment();
            }
            else if (Current is ' ' or '\t' or '\r')
            {
                _at++;
            }
            else if (Current == '\n')
            {
                NewLine();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipBlockComment()
    {
        var depth = 0;
        do
        {
            if (_at >= _text.Length)
            {
                throw Error("unclosed comment");
            }

            if (Current == '(' && Following == ';')
            {
                depth++;
                _at += 2;
            }
            else if (Current == ';' && Following == ')')
            {
                depth--;
                _at += 2;
            }
            else if (Current == '\n')
            {
                NewLine();
            }
            else
            {
                _at++;
            }
        }
        while (depth > 0);
    }

    private void NewLine()
    {
        _at++;
        _line++;
        _lineStart = _at;
    }

    /// <summary>The longest run of identifier characters and strings: <c>"a""b"</c> or <c>0"x"</c> is one token, and no legal one.</summary>
    private WatNode Token()
    {
        var (start, line, column) = (_at, _line, Column);
        byte[]? bytes = null;
        var strings = 0;
        while (_at < _text.Length && (IsIdChar(Current) || Current == '"'))
        {
            if (Current == '"')
            {
                bytes = String();
                strings++;
            }
            else
            {
                _at++;
            }
        }

        var text = _text[start.._at];
        if (text.Length == 0 && Current is ',' or ';' or '[' or ']' or '{' or '}')
        {
            // Legal in annotations only: whoever meets it elsewhere refuses it.
            return new WatNode(WatKind.Atom, _text[_at++].ToString(), line, column);
        }

        if (text.Length == 0)
        {
            throw Error(Current < ' ' || Current >= 0x7F ? "malformed token: illegal character" : $"malformed token: '{Current}'");
        }

        if (strings == 1 && text[0] == '"' && text[^1] == '"')
        {
            return new WatNode(WatKind.String, text, line, column) { Bytes = bytes! };
        }

        if (strings == 1 && text.StartsWith("$\"", StringComparison.Ordinal) && text[^1] == '"')
        {
            return new WatNode(WatKind.Id, QuotedId(bytes!), line, column);
        }

        return strings == 0 && text[0] == '$'
            ? text.Length > 1 ? new WatNode(WatKind.Id, text[1..], line, column) : throw Error("empty identifier")
            : new WatNode(WatKind.Atom, text, line, column);
    }

    private string QuotedId(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            throw Error("empty identifier");
        }

        return WatStrings.TryUtf8(bytes) ?? throw Error("malformed UTF-8 encoding");
    }

    private byte[] String()
    {
        var output = new ByteWriter();
        Span<byte> utf8 = stackalloc byte[4];
        for (_at++; Current != '"' || _at >= _text.Length; _at++)
        {
            if (_at >= _text.Length)
            {
                throw Error("unclosed string");
            }

            if (Current is < ' ' or '\x7F')
            {
                throw Error("malformed token: illegal character in a string");
            }

            if (Current == '\\')
            {
                Escape(output);
                continue;
            }

            if (Rune.DecodeFromUtf16(_text.AsSpan(_at), out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                throw Error("malformed UTF-8 encoding");
            }

            output.Bytes(utf8[..rune.EncodeToUtf8(utf8)]);
            _at += length - 1;
        }

        _at++;
        return output.ToArray();
    }

    /// <summary>One escape; the last character of it stays current.</summary>
    private void Escape(ByteWriter output)
    {
        _at++;
        var simple = Current switch { 't' => '\t', 'n' => '\n', 'r' => '\r', '"' => '"', '\'' => '\'', '\\' => '\\', _ => '\0' };
        if (simple != '\0')
        {
            output.U8((byte)simple);
        }
        else if (Current == 'u' && Following == '{')
        {
            UnicodeEscape(output);
        }
        else if (char.IsAsciiHexDigit(Current) && char.IsAsciiHexDigit(Following))
        {
            output.U8((byte)((WatNumbers.Digit(Current) << 4) | WatNumbers.Digit(Following)));
            _at++;
        }
        else
        {
            throw Error("unknown escape in a string");
        }
    }

    private void UnicodeEscape(ByteWriter output)
    {
        var end = _text.IndexOf('}', _at);
        var digits = end < 0 ? "" : _text[(_at + 2)..end];
        if (!WatNumbers.TryNatural("0x" + digits, 0x10FFFF, out var scalar) || !Rune.IsValid((int)scalar))
        {
            throw Error("malformed Unicode escape in a string");
        }

        Span<byte> utf8 = stackalloc byte[4];
        output.Bytes(utf8[..new Rune((int)scalar).EncodeToUtf8(utf8)]);
        _at = end;
    }

    private static bool IsIdChar(char c) => c is > ' ' and < '\x7F' and not ('"' or '(' or ')' or ',' or ';' or '[' or ']' or '{' or '}');
}
