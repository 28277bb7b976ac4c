using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>Names and byte strings in the text format.</summary>
internal static class WatStrings
{
    /// <summary>What ends a run of plain characters in a string: the quote, the backslash, and what a string may not hold.</summary>
    public static SearchValues<byte> Special { get; } = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (byte)c), (byte)'"', (byte)'\\', 0x7F]);

    /// <summary>The characters of hexadecimal numbers.</summary>
    public static SearchValues<byte> HexDigits { get; } = SearchValues.Create("0123456789abcdefABCDEF_"u8);

    /// <summary>How many of <paramref name="bytes"/> are UTF-8.</summary>
    public static int ValidPrefix(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    /// <summary>The text that <paramref name="bytes"/> encode, or null when they are not UTF-8.</summary>
    public static string? TryUtf8(ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>The UTF-8 of <paramref name="text"/>, or null when it has half a surrogate pair.</summary>
    public static byte[]? TryUtf8(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        return Utf8.FromUtf16(text, bytes, out _, out var length, replaceInvalidSequences: false) == OperationStatus.Done ? bytes[..length] : null;
    }

    /// <summary><paramref name="bytes"/> as a string token: printable ASCII as it is, everything else escaped by byte.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        var result = new StringBuilder(bytes.Length + 2).Append('"');
        foreach (var value in bytes)
        {
            if (value is >= 0x20 and < 0x7F and not ((byte)'"' or (byte)'\\'))
            {
                result.Append((char)value);
            }
            else
            {
                result.Append('\\').Append(value.ToString("x2", CultureInfo.InvariantCulture));
            }
        }

        return result.Append('"').ToString();
    }

    /// <summary><paramref name="text"/> as a string token.</summary>
    public static string Quote(string text) => Quote(Encoding.UTF8.GetBytes(text));

    /// <summary><paramref name="name"/> as an identifier, quoted when it has characters that identifiers do not.</summary>
    public static string Identifier(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-./:<=>?@\\^_`|~".Contains(c, StringComparison.Ordinal))
            {
                return "$" + Quote(name);
            }
        }

        return name.Length > 0 ? "$" + name : "$\"\"";
    }
}
