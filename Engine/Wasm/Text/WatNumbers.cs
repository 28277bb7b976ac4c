using System.Globalization;
using System.Numerics;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// Numbers of the text format, in UTF-8, to bits. A <c>Try</c> method is false when the text is not such a number or is out of range; an
/// <c>Is</c> method says which.
/// </summary>
/// <remarks>Core 3.0 #text-values</remarks>
internal static class WatNumbers
{
    /// <summary>Past this, an exponent of two or ten makes any number of a text that fits in memory zero or infinite.</summary>
    private const long HugeExponent = 1L << 40;

    /// <summary>The value of a hexadecimal digit.</summary>
    public static int Digit(byte c) => char.IsAsciiDigit((char)c) ? c - '0' : (c | 0x20) - 'a' + 10;

    /// <summary>Whether the text is a number without a sign or a fraction.</summary>
    public static bool IsNatural(ReadOnlySpan<byte> text) => text.StartsWith("0x"u8) ? AreDigits(text[2..], hex: true) : AreDigits(text, hex: false);

    /// <summary>Whether the text is an integer, signed or not.</summary>
    public static bool IsInteger(ReadOnlySpan<byte> text) => IsNatural(WithoutSign(text));

    /// <summary>Whether the text is a float, signed or not.</summary>
    public static bool IsFloat(ReadOnlySpan<byte> text)
    {
        var magnitude = WithoutSign(text);
        return magnitude.SequenceEqual("inf"u8) || magnitude.SequenceEqual("nan"u8)
            || (magnitude.StartsWith("nan:0x"u8) ? AreDigits(magnitude[6..], hex: true)
                : magnitude.StartsWith("0x"u8) ? TrySplit(magnitude[2..], hex: true, out _, out _, out _) : TrySplit(magnitude, hex: false, out _, out _, out _));
    }

    /// <summary>A number without a sign of at most <paramref name="maximum"/>.</summary>
    public static bool TryNatural(ReadOnlySpan<byte> text, ulong maximum, out ulong value) =>
        text.StartsWith("0x"u8) ? TryHexadecimal(text[2..], maximum, out value) : TryDigits(text, hex: false, maximum, out value);

    /// <summary>Hexadecimal digits to a number of at most <paramref name="maximum"/>.</summary>
    public static bool TryHexadecimal(ReadOnlySpan<byte> digits, ulong maximum, out ulong value) => TryDigits(digits, hex: true, maximum, out value);

    /// <summary>An integer of 32 or 64 bits, signed or not, as its bits.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> text, int bits, out ulong value)
    {
        var negative = text.StartsWith("-"u8);
        var mask = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        var half = 1UL << (bits - 1);
        if (!TryNatural(WithoutSign(text), negative ? half : mask, out value))
        {
            return false;
        }

        value = negative ? unchecked(0 - value) & mask : value;
        return true;
    }

    /// <summary>A float as its bits, zero-extended.</summary>
    /// <param name="text">The token.</param>
    /// <param name="mantissa">Bits of the mantissa with the hidden one: 24 or 53.</param>
    /// <param name="bits">The result.</param>
    public static bool TryFloat(ReadOnlySpan<byte> text, int mantissa, out ulong bits)
    {
        if (!TryMagnitude(WithoutSign(text), mantissa, out bits))
        {
            return false;
        }

        bits |= text.StartsWith("-"u8) ? 1UL << (mantissa == 24 ? 31 : 63) : 0;
        return true;
    }

    private static ReadOnlySpan<byte> WithoutSign(ReadOnlySpan<byte> text) => text.StartsWith("-"u8) || text.StartsWith("+"u8) ? text[1..] : text;

    private static bool TryMagnitude(ReadOnlySpan<byte> text, int mantissa, out ulong bits)
    {
        var quiet = 1UL << (mantissa - 2);
        var infinity = mantissa == 24 ? 0x7F800000UL : 0x7FF0000000000000UL;
        if (text.SequenceEqual("inf"u8) || text.SequenceEqual("nan"u8))
        {
            bits = text[0] == 'i' ? infinity : infinity | quiet;
            return true;
        }

        if (text.StartsWith("nan:0x"u8))
        {
            var parsed = TryHexadecimal(text[6..], (quiet * 2) - 1, out var payload) && payload != 0;
            bits = infinity | payload;
            return parsed;
        }

        return text.StartsWith("0x"u8) ? TryHexFloat(text[2..], mantissa, infinity, out bits) : TryDecimalFloat(text, mantissa, out bits);
    }

    private static bool TryDecimalFloat(ReadOnlySpan<byte> text, int mantissa, out ulong bits)
    {
        bits = 0;
        if (!TrySplit(text, hex: false, out _, out _, out _))
        {
            return false;
        }

        var plain = text.Contains((byte)'_') ? WithoutUnderscores(text) : text;
        if (mantissa == 24)
        {
            var single = float.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture);
            bits = BitConverter.SingleToUInt32Bits(single);
            return float.IsFinite(single);
        }

        var value = double.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture);
        bits = BitConverter.DoubleToUInt64Bits(value);
        return double.IsFinite(value);
    }

    private static byte[] WithoutUnderscores(ReadOnlySpan<byte> text)
    {
        var result = new byte[text.Length - text.Count((byte)'_')];
        var at = 0;
        foreach (var c in text)
        {
            if (c != '_')
            {
                result[at++] = c;
            }
        }

        return result;
    }

    private static bool TryHexFloat(ReadOnlySpan<byte> text, int mantissa, ulong infinity, out ulong bits)
    {
        bits = 0;
        if (!TrySplit(text, hex: true, out var whole, out var fraction, out var exponent))
        {
            return false;
        }

        // value = significand * 2^exponent, plus something below the last bit when inexact.
        ulong significand = 0;
        var inexact = false;
        Gather(whole, ref significand, ref exponent, ref inexact);
        exponent -= 4L * (fraction.Length - fraction.Count((byte)'_'));
        Gather(fraction, ref significand, ref exponent, ref inexact);
        bits = Round(significand, exponent, inexact, mantissa);
        return bits < infinity;
    }

    /// <summary>Appends digits to the significand; those that have no place in it count in the exponent.</summary>
    private static void Gather(ReadOnlySpan<byte> digits, ref ulong significand, ref long exponent, ref bool inexact)
    {
        foreach (var c in digits)
        {
            if (c == '_')
            {
                continue;
            }

            if (significand >> 60 == 0)
            {
                significand = (significand << 4) | (uint)Digit(c);
            }
            else
            {
                inexact |= c != '0';
                exponent += 4;
            }
        }
    }

    /// <summary>The bits of <c>significand * 2^exponent</c>, rounded to nearest, ties to even.</summary>
    private static ulong Round(ulong significand, long exponent, bool inexact, int mantissa)
    {
        if (significand == 0)
        {
            return 0;
        }

        var lowest = mantissa == 24 ? -126 : -1022;
        var length = 64 - BitOperations.LeadingZeroCount(significand);
        var unbiased = exponent + length - 1;
        if (unbiased > 1023)
        {
            return ulong.MaxValue;
        }

        var precision = unbiased >= lowest ? mantissa : mantissa - (lowest - unbiased);
        var shift = Math.Min(length - precision, 100);
        var kept = shift <= 0 ? significand << (int)-shift : (ulong)((UInt128)significand >> (int)shift);
        if (shift > 0)
        {
            var rest = (UInt128)significand & (((UInt128)1 << (int)shift) - 1);
            var half = (UInt128)1 << (int)(shift - 1);
            kept += rest > half || (rest == half && (inexact || (kept & 1) != 0)) ? 1UL : 0;
        }

        // A carry out of the mantissa moves into the exponent, where it belongs.
        var hidden = 1UL << (mantissa - 1);
        return unbiased >= lowest ? ((ulong)(unbiased - lowest + 1) << (mantissa - 1)) + kept - hidden : kept;
    }

    /// <summary>Splits <c>whole.fraction e exponent</c>, or <c>p</c> when hexadecimal; the exponent is 0 when absent.</summary>
    private static bool TrySplit(ReadOnlySpan<byte> text, bool hex, out ReadOnlySpan<byte> whole, out ReadOnlySpan<byte> fraction, out long exponent)
    {
        exponent = 0;
        var mark = hex ? text.IndexOfAny((byte)'p', (byte)'P') : text.IndexOfAny((byte)'e', (byte)'E');
        var number = mark < 0 ? text : text[..mark];
        var point = number.IndexOf((byte)'.');
        whole = point < 0 ? number : number[..point];
        fraction = point < 0 ? default : number[(point + 1)..];
        if (!AreDigits(whole, hex) || (fraction.Length > 0 && !AreDigits(fraction, hex)))
        {
            return false;
        }

        if (mark < 0)
        {
            return true;
        }

        var power = WithoutSign(text[(mark + 1)..]);
        exponent = TryDigits(power, hex: false, HugeExponent, out var parsed) ? (long)parsed : HugeExponent;
        exponent = text[(mark + 1)..].StartsWith("-"u8) ? -exponent : exponent;
        return AreDigits(power, hex: false);
    }

    /// <summary>At least one digit, with single underscores between digits.</summary>
    private static bool AreDigits(ReadOnlySpan<byte> text, bool hex)
    {
        var previousIsDigit = false;
        foreach (var c in text)
        {
            var isDigit = hex ? char.IsAsciiHexDigit((char)c) : char.IsAsciiDigit((char)c);
            if (!isDigit && (c != '_' || !previousIsDigit))
            {
                return false;
            }

            previousIsDigit = isDigit;
        }

        return previousIsDigit;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, bool hex, ulong maximum, out ulong value)
    {
        value = 0;
        if (!AreDigits(text, hex))
        {
            return false;
        }

        var radix = hex ? 16u : 10u;
        var most = maximum / radix;
        foreach (var c in text)
        {
            if (c == '_')
            {
                continue;
            }

            var digit = (ulong)Digit(c);
            if (value > most || digit > maximum - (value * radix))
            {
                return false;
            }

            value = (value * radix) + digit;
        }

        return true;
    }
}
