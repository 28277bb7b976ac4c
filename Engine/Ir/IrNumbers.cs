using System.Buffers.Binary;
using System.Globalization;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>Constants in the text form.</summary>
internal static class IrNumbers
{
    /// <summary>The bits of the constant <paramref name="word"/> of <paramref name="opcode"/>, or null.</summary>
    public static ulong? Parse(Opcode opcode, string word) => opcode switch
    {
        Opcode.I32Const => int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small) ? unchecked((uint)small) : null,
        Opcode.I64Const => long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large) ? unchecked((ulong)large) : null,
        Opcode.F32Const => Float(word, 0x7F80_0000, 0x8000_0000, Single),
        _ => Float(word, 0x7FF0_0000_0000_0000, 0x8000_0000_0000_0000, Double),
    };

    /// <summary>16 bytes as 32 hexadecimal digits, the first byte first.</summary>
    public static string Print(UInt128 bytes)
    {
        Span<byte> buffer = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(buffer, bytes);
        return Convert.ToHexStringLower(buffer);
    }

    /// <summary>The inverse of <see cref="Print"/>, or null.</summary>
    public static UInt128? ParseBytes(string word) => word.Length == 32 && word.All(char.IsAsciiHexDigit)
        ? BinaryPrimitives.ReadUInt128LittleEndian(Convert.FromHexString(word))
        : null;

    private static ulong? Float(string word, ulong infinity, ulong sign, Func<string, ulong?> finite)
    {
        var (negative, rest) = word.StartsWith('-') ? (sign, word[1..]) : (0UL, word);
        if (rest == "inf")
        {
            return infinity | negative;
        }

        if (rest.StartsWith("nan:0x", StringComparison.Ordinal))
        {
            return ulong.TryParse(rest[6..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var payload)
                && payload != 0 && payload < (infinity & (~infinity + 1))
                ? infinity | negative | payload
                : null;
        }

        return finite(word);
    }

    private static ulong? Single(string word) =>
        float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? BitConverter.SingleToUInt32Bits(value) : null;

    private static ulong? Double(string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? BitConverter.DoubleToUInt64Bits(value) : null;
}
