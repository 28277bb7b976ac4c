using System.Globalization;
using System.Text;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>Names and byte strings in the text format.</summary>
internal static class WatStrings
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text that <paramref name="bytes"/> encode, or null when they are not UTF-8.</summary>
    public static string? TryUtf8(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
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
