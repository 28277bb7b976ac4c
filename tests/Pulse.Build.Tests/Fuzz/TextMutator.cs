using System.Text;
using System.Text.RegularExpressions;

namespace Pulse.Build.Tests.Fuzz;

/// <summary>Damages text token by token: drops, doubles, swaps and replaces words and balanced groups, and nests deeply.</summary>
internal static partial class TextMutator
{
    private static readonly string[] Edges =
    [
        "0", "-0", "+1", "1", "2", "-1", "255", "65536", "65537", "2147483647", "2147483648", "4294967295", "4294967296", "18446744073709551615",
        "18446744073709551616", "-9223372036854775808", "-9223372036854775809", "0x", "0x1_0", "0x1__0", "1_", "0x7fffffffffffffff", "1e999", "1e-999", "0x1p9999",
        "0x1p-9999", "0x1p99999999999", "1e99999999999", "0x.8p1", ".5", "1.", "nan", "nan:0x0", "nan:0x1", "nan:0x400000", "nan:0xffffffffffffffff", "-nan:canonical",
        "inf", "-inf", "$", "$x", "$\"x\"", "\"\"", "\"\\ff\"", "\"\\u{110000}\"", "\"\\u{ffffffffffff}\"", "\"\\u{d800}\"", "\"\\0\"", "\"", "(;", ";)", ";;", "(@a", "(@custom \"x\")",
        "(@custom \"name\" (after data))", "(@datacount)", "offset=4294967296", "offset=-1", "align=3", "align=0", "align=18446744073709551616", "align=", "shared", "i64", "i32", "v128",
        "funcref", "externref", "(", ")", "()", "(type 0)", "(type 99999999999)", "(param $p i32)", "(result i32)", "(local i32)", "(then)", "(else)", "(export \"\")",
        "(import \"\" \"\")", "(item)", "(offset)", "module", "binary", "quote", "pagesize", "declare", "mut", "end", "else", "block", "loop", "if", "br_table", "call_indirect",
        "select", "select (result)", "{", "}", ":", ",", "->", "=", "b0", "b1", "b0:", "v0", "v0:", "v99999999999", "func", "@", "@\"x\"", "func0", "mem1", "table0", "global0",
        "\u0000", "\u00A0", "\u2028", "\uFEFF", "𝒳", "\t", "\r", "\n",
    ];

    /// <summary>One to six edits of <paramref name="seed"/>; <paramref name="others"/> give parts to splice in.</summary>
    public static string Mutate(string seed, IReadOnlyList<string> others, FuzzRandom random)
    {
        var tokens = Tokens(seed);
        for (var edits = random.Once(2) ? 1 : 1 + random.Below(6); edits > 0 && tokens.Count > 0; edits--)
        {
            Edit(tokens, others, random);
        }

        var text = string.Concat(tokens);
        return random.Once(20) ? text[..random.Below(text.Length)] : text;
    }

    private static void Edit(List<string> tokens, IReadOnlyList<string> others, FuzzRandom random)
    {
        var at = random.Below(tokens.Count);
        switch (random.Below(11))
        {
            case 0:
                tokens.RemoveAt(at);
                break;
            case 1:
                tokens.Insert(at, tokens[at]);
                break;
            case 2:
                var other = random.Below(tokens.Count);
                (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                break;
            case 3 or 4:
                tokens[at] = random.Pick(Edges);
                break;
            case 5:
                tokens[at] = random.Pick(Tokens(random.Pick(others)));
                break;
            case 6:
                tokens.RemoveRange(at, Group(tokens, at));
                break;
            case 7:
                tokens.InsertRange(random.Below(tokens.Count), tokens.GetRange(at, Group(tokens, at)));
                break;
            case 8:
                var donor = Tokens(random.Pick(others));
                var from = random.Below(donor.Count);
                tokens.InsertRange(at, donor.GetRange(from, Group(donor, from)));
                break;
            case 9 when random.Once(4):
                var depth = random.Below(1200);
                var open = random.Pick(["(", "(block ", "(i32.eqz ", "(if (then ", "(@a ", "(; ", "block ", "(module "]);
                tokens.Insert(at, string.Concat(Enumerable.Repeat(open, depth)) + (random.Once(2) ? new string(')', depth) : ""));
                break;
            default:
                tokens[at] = Letters(tokens[at], random);
                break;
        }
    }

    private static string Letters(string token, FuzzRandom random)
    {
        var text = new StringBuilder(token);
        var at = random.Below(token.Length);
        if (random.Once(2) && at < text.Length)
        {
            text[at] = (char)(random.Once(8) ? random.Below(0xFFFF) : random.Below(128));
        }
        else
        {
            text.Insert(at, random.Pick(["_", "0", "x", "-", "\"", "\\", "$", ".", "e", "p", "=", "/", ";"]));
        }

        return text.ToString();
    }

    private static List<string> Tokens(string text) => [.. Token().Matches(text).Select(match => match.Value)];

    /// <summary>How many tokens the group at <paramref name="at"/> has; a line where there is no parenthesis.</summary>
    private static int Group(List<string> tokens, int at)
    {
        if (tokens[at] != "(")
        {
            var line = tokens.FindIndex(at, token => token.Contains('\n', StringComparison.Ordinal));
            return Math.Min(line < 0 ? tokens.Count - at : line - at + 1, 60);
        }

        var depth = 0;
        for (var i = at; i < tokens.Count; i++)
        {
            depth += tokens[i] == "(" ? 1 : tokens[i] == ")" ? -1 : 0;
            if (depth == 0)
            {
                return i - at + 1;
            }
        }

        return tokens.Count - at;
    }

    [GeneratedRegex("""[(){},:=]|"(?:[^"\\]|\\.)*"|;;[^\n]*|[^\s(){},:="]+|\s+|"|\\""", RegexOptions.ExplicitCapture)]
    private static partial Regex Token();
}
