using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Pulse.Build.Engine.Smt.Models;

/// <summary>Reads models: <c>v1 -> #x2a</c> lines of the library, <c>(define-fun v1 () … #x2a)</c> of the program.</summary>
internal static partial class ModelParser
{
    public static IReadOnlyDictionary<string, ulong> Empty { get; } = new Dictionary<string, ulong>();

    public static IReadOnlyDictionary<string, ulong> Arrows(string text) => Collect(Arrow().Matches(text));

    public static IReadOnlyDictionary<string, ulong> Definitions(string text) => Collect(Definition().Matches(text));

    private static Dictionary<string, ulong> Collect(MatchCollection matches)
    {
        var model = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (Match match in matches)
        {
            if (Value(match.Groups[2].Value) is { } value)
            {
                model[match.Groups[1].Value] = value;
            }
        }

        return model;
    }

    private static ulong? Value(string text) => text switch
    {
        "true" => 1,
        "false" => 0,
        ['#', 'x', .. var hex] => ulong.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        ['#', 'b', .. var bits] => bits.Aggregate(0UL, (value, bit) => value << 1 | (bit == '1' ? 1UL : 0)),
        _ when BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => (ulong)(number & ulong.MaxValue),
        _ => null,
    };

    [GeneratedRegex(@"^(v\d+) -> (\S+)\s*$", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    [GeneratedRegex(@"\(define-fun (v\d+) \(\) (?:Bool|Int|\(_ BitVec \d+\))\s+(#x[0-9a-f]+|#b[01]+|true|false|\d+)\)")]
    private static partial Regex Definition();
}
