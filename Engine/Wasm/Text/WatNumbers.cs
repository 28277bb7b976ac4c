using System.Globalization;
using System.Numerics;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>Numbers of the text format to bits. Each method is false when the text is not such a number or is out of range.</summary>
/// <remarks>Core 3.0 #text-values</remarks>
internal static class WatNumbers
{
    /// <summary>The value of a hexadecimal digit.</summary>
    public static int Digit(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;

    /// <summary>A number without a sign of at most <paramref name="maximum"/>.</summary>
    public static bool TryNatural(ReadOnlySpan<char> text, ulong maximum, out ulong value)
    {
        value = 0;
        var hex = text.StartsWith("0x");
        if (!TryDigits(hex ? text[2..] : text, hex, out var digits))
        {
            return false;
        }

        foreach (var c in digits)
        {
            var next = (UInt128)value * (hex ? 16u : 10u) + (uint)Digit(c);
            if (next > maximum)
            {
                return false;
            }

            value = (ulong)next;
        }

        return true;
    }

    /// <summary>An integer of 32 or 64 bits, signed or not, as its bits.</summary>
    public static bool TryInteger(ReadOnlySpan<char> text, int bits, out ulong value)
    {
        var negative = text.StartsWith("-");
        var magnitude = negative || text.StartsWith("+") ? text[1..] : text;
        var mask = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        var half = 1UL << (bits - 1);
        if (!TryNatural(magnitude, negative ? half : mask, out value))
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
    public static bool TryFloat(ReadOnlySpan<char> text, int mantissa, out ulong bits)
    {
        var negative = text.StartsWith("-");
        var magnitude = negative || text.StartsWith("+") ? text[1..] : text;
        if (!TryMagnitude(magnitude, mantissa, out bits))
        {
            return false;
        }

        bits |= negative ? 1UL << (mantissa == 24 ? 31 : 63) : 0;
        return true;
    }

    private static bool TryMagnitude(ReadOnlySpan<char> text, int mantissa, out ulong bits)
    {
        var quiet = 1UL << (mantissa - 2);
        var infinity = mantissa == 24 ? 0x7F800000UL : 0x7FF0000000000000UL;
        if (text is "inf" or "nan")
        {
            bits = text is "inf" ? infinity : infinity | quiet;
            return true;
        }

        if (text.StartsWith("nan:0x"))
        {
            var parsed = TryNatural(text[4..], (quiet * 2) - 1, out var payload) && payload != 0;
            bits = infinity | payload;
            return parsed;
        }

        return text.StartsWith("0x") ? TryHexFloat(text[2..], mantissa, infinity, out bits) : TryDecimalFloat(text, mantissa, out bits);
    }

    private static bool TryDecimalFloat(ReadOnlySpan<char> text, int mantissa, out ulong bits)
    {
        bits = 0;
        if (!TrySplit(text, hex: false, 'e', out var whole, out var fraction, out var exponent))
        {
            return false;
        }

        var plain = $"{whole}.{(fraction.Length == 0 ? "0" : fraction)}e{exponent}";
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

    private static bool TryHexFloat(ReadOnlySpan<char> text, int mantissa, ulong infinity, out ulong bits)
    {
        bits = 0;
        if (!TrySplit(text, hex: true, 'p', out var whole, out var fraction, out var exponentText))
        {
            return false;
        }

        // value = significand * 2^exponent, plus something below the last bit when inexact.
        long exponent = BigInteger.Parse(exponentText, CultureInfo.InvariantCulture) is var big && BigInteger.Abs(big) < 1_000_000_000
            ? (long)big
            : big.Sign * 1_000_000_000L;
        exponent -= 4L * fraction.Length;
        ulong significand = 0;
        var inexact = false;
        foreach (var c in whole + fraction)
        {
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

        bits = Round(significand, exponent, inexact, mantissa);
        return bits < infinity;
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

    /// <summary>Splits <c>whole.fraction e exponent</c>, underscores removed; the exponent is 0 when absent.</summary>
    private static bool TrySplit(ReadOnlySpan<char> text, bool hex, char mark, out string whole, out string fraction, out string exponent)
    {
        (whole, fraction, exponent) = ("", "", "0");
        var at = text.IndexOfAny(mark, char.ToUpperInvariant(mark));
        var number = at < 0 ? text : text[..at];
        if (at >= 0)
        {
            var power = text[(at + 1)..];
            var sign = power.StartsWith("-") || power.StartsWith("+") ? 1 : 0;
            if (!TryDigits(power[sign..], hex: false, out var digits))
            {
                return false;
            }

            exponent = (power.StartsWith("-") ? "-" : "") + digits;
        }

        var point = number.IndexOf('.');
        if (point < 0)
        {
            return TryDigits(number, hex, out whole);
        }

        return TryDigits(number[..point], hex, out whole) && (point + 1 == number.Length || TryDigits(number[(point + 1)..], hex, out fraction));
    }

    /// <summary>At least one digit, single underscores between digits removed.</summary>
    private static bool TryDigits(ReadOnlySpan<char> text, bool hex, out string digits)
    {
        digits = "";
        var previousIsDigit = false;
        foreach (var c in text)
        {
            var isDigit = hex ? char.IsAsciiHexDigit(c) : char.IsAsciiDigit(c);
            if (!isDigit && (c != '_' || !previousIsDigit))
            {
                return false;
            }

            previousIsDigit = isDigit;
        }

        digits = previousIsDigit ? text.ToString().Replace("_", "", StringComparison.Ordinal) : "";
        return previousIsDigit;
    }
}
