using System.Globalization;
using System.Text;

namespace Pulse.Build.Engine.Ir;

/// <summary>Words and signs of one line of IR text; what follows a <c>;</c> is a comment.</summary>
internal sealed class LineScanner(string text, int number)
{
    private readonly string _text = WithoutComment(text);
    private int _at;

    /// <summary>Whether only blanks are left.</summary>
    public bool AtEnd
    {
        get
        {
            while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            {
                _at++;
            }

            return _at >= _text.Length;
        }
    }

    /// <summary>Whether the line opens a block: it ends in a colon.</summary>
    public bool IsBlockHeader => _text.TrimEnd().EndsWith(':');

    /// <summary>Whether the line names results.</summary>
    public bool HasResults => _text.Contains(" = ", StringComparison.Ordinal);

    /// <summary>The error for this line.</summary>
    public IrSyntaxException Error(string message) => new(number, message);

    /// <summary>Whether <paramref name="sign"/> comes next.</summary>
    public bool Peek(string sign) => !AtEnd && string.CompareOrdinal(_text, _at, sign, 0, sign.Length) == 0;

    /// <summary>Goes over <paramref name="sign"/> when it comes next.</summary>
    public bool Take(string sign)
    {
        if (!Peek(sign))
        {
            return false;
        }

        _at += sign.Length;
        return true;
    }

    /// <summary>Goes over <paramref name="sign"/>, which must come next.</summary>
    public void Expect(string sign)
    {
        if (!Take(sign))
        {
            throw Error($"'{sign}' expected");
        }
    }

    /// <summary>Nothing else may stand on the line.</summary>
    public void ExpectEnd()
    {
        if (!AtEnd)
        {
            throw Error($"'{_text[_at..].Trim()}' is not expected");
        }
    }

    /// <summary>Everything up to a blank or a sign.</summary>
    public string Word()
    {
        var start = AtEnd ? _at : _at;
        while (_at < _text.Length && !char.IsWhiteSpace(_text[_at]) && !"(),={}".Contains(_text[_at], StringComparison.Ordinal)
            && !(_text[_at] == ':' && !_text.AsSpan(_at).StartsWith(":0x")))
        {
            _at++;
        }

        return _at > start ? _text[start.._at] : throw Error("a word is expected");
    }

    /// <summary>The index behind <paramref name="prefix"/>, when a word such as <c>func3</c> comes next.</summary>
    public int? Indexed(string prefix)
    {
        if (!Peek(prefix) || _at + prefix.Length >= _text.Length || !char.IsAsciiDigit(_text[_at + prefix.Length]))
        {
            return null;
        }

        _at += prefix.Length;
        var word = Word();
        return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : throw Error($"'{word}' is not an index");
    }

    /// <summary>The name of a function, in quotes or not.</summary>
    public string Name()
    {
        if (!Take("\""))
        {
            return Word();
        }

        var name = new StringBuilder();
        for (; _at < _text.Length && _text[_at] != '"'; _at++)
        {
            if (_text[_at] == '\\' && _at + 1 < _text.Length)
            {
                _at++;
                name.Append(_text[_at] == 'n' ? '\n' : _text[_at]);
            }
            else
            {
                name.Append(_text[_at]);
            }
        }

        Expect("\"");
        return name.ToString();
    }

    private static string WithoutComment(string text)
    {
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && quoted)
            {
                i++;
            }
            else if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (text[i] == ';' && !quoted)
            {
                return text[..i];
            }
        }

        return text;
    }
}
