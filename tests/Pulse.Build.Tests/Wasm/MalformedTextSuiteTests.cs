using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Wasm;

/// <summary>
/// The official core suite, where it is present: its malformed texts. The suite holds the message that another tool gave for each, and those
/// messages quote the line; most of these modules have one line only. <see cref="MalformedTextTests"/> has the classes of errors, written here.
/// </summary>
[TestClass]
public sealed partial class MalformedTextSuiteTests
{
    /// <summary>The message has a space where the text has a tab, which a string may not hold.</summary>
    private const string Misquoted = "id.jsonl:30";

    [TestMethod]
    public void Every_malformed_text_that_a_message_quotes_as_a_whole_is_refused()
    {
        List<string> wrong = [];
        var count = 0;
        foreach (var file in SharedMaterial.Files("suites/core/jsonl", "*.jsonl"))
        {
            foreach (var line in File.ReadLines(file).Where(line => line.Contains("\"noasm\"", StringComparison.Ordinal)))
            {
                using var document = JsonDocument.Parse(line);
                var message = document.RootElement.GetProperty("noasm").GetString()!;
                if (document.RootElement.GetProperty("c").GetString() != "malformed" || !Quotation().IsMatch(message))
                {
                    continue;
                }

                count++;
                var text = Unescaped(Quotation().Match(message).Groups["line"].Value);
                var place = $"{Path.GetFileName(file)}:{document.RootElement.GetProperty("l")}";
                if (place != Misquoted && Verdict(text) is { } verdict)
                {
                    wrong.Add($"{place} ({document.RootElement.GetProperty("msg")}): {verdict}: {text}");
                }
            }
        }

        Assert.AreEqual(0, wrong.Count, string.Join('\n', wrong.Take(20)));
        Assert.IsTrue(count > 650, $"{count} texts");
    }

    /// <summary>What is wrong with the verdict on a malformed text, or null.</summary>
    private static string? Verdict(string text)
    {
        try
        {
            WatParser.Parse(text, "suite.wat");
            return "accepted";
        }
        catch (DiagnosticException error)
        {
            var place = error.Diagnostic.Location;
            return error.Diagnostic.Id is DiagnosticId.PULSE1004 or DiagnosticId.PULSE1003 && place is { Line: 1, Column: > 0 } ? null : error.Diagnostic.ToString();
        }
    }

    private static string Unescaped(string debug) => Escape().Replace(debug, match => match.Value[1] switch
    {
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        '0' => "\0",
        'u' => char.ConvertFromUtf32(int.Parse(match.Groups["code"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
        var plain => plain.ToString(),
    });

    [GeneratedRegex("""line: 0, col: \d+, snippet: "(?<line>\(module(?:[^"\\]|\\.)*)" """, RegexOptions.ExplicitCapture)]
    private static partial Regex Quotation();

    [GeneratedRegex("""\\(?:u\{(?<code>[0-9a-f]+)\}|.)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Escape();
}
