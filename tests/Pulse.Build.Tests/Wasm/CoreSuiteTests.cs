using System.Globalization;
using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Wasm;

/// <summary>The official core suite, where it is present: verdicts and byte identity of every module in it, proposals included.</summary>
[TestClass]
public sealed class CoreSuiteTests
{
    /// <summary>Proposals that are refused by name.</summary>
    private static readonly string[] Refused =
    [
        "exceptions", "exceptions-legacy", "function-references", "gc", "custom-descriptors", "wide-arithmetic",
    ];

    /// <summary>The threads proposal stands on a version of the standard that had one table and one memory; later versions have several.</summary>
    private static readonly string[] Superseded = ["multiple tables", "multiple memories"];

    /// <summary>Names of the suite that differ from those of tools.</summary>
    private static readonly Dictionary<string, string> SuiteNames = new() { ["mutable-global-import"] = "mutable-globals", ["sat-float"] = "nontrapping-fptoint" };

    /// <summary>Exports of mutable globals, which the suite does not count.</summary>
    private static readonly string[] Assumed = ["mutable-globals"];

    /// <summary>Two proposals that share the forms of element segments: which one a form counts under is the suite's choice.</summary>
    private static readonly string[] Overlapping = ["bulk-memory", "reference-types"];

    public TestContext TestContext { get; set; } = null!;

    /// <summary>What happened to the lines of one feature.</summary>
    private sealed class Tally
    {
        public int Accepted { get; set; }
        public int Refused { get; set; }
        public int ByName { get; set; }
        public int Superseded { get; set; }
    }

    [TestMethod]
    public void Every_module_has_the_expected_verdict_or_uses_a_feature_that_is_refused_by_name()
    {
        List<string> wrong = [];
        var tally = new SortedDictionary<string, Tally>(StringComparer.Ordinal);
        foreach (var file in SharedMaterial.Files("suites/core/jsonl", "*.jsonl"))
        {
            string[] features = [];
            foreach (var line in File.ReadLines(file))
            {
                using var document = JsonDocument.Parse(line);
                features = document.RootElement.GetProperty("c").GetString() == "meta" ? Features(document.RootElement) : features;
                Check(document.RootElement, file, features, wrong, tally);
            }
        }

        var table = tally.Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"| {row.Key} | {row.Value.Accepted} | {row.Value.Refused} | {row.Value.ByName} | {row.Value.Superseded} |")).ToArray();
        TestContext.WriteLine(string.Join('\n', table));
        Assert.AreEqual(0, wrong.Count, string.Join('\n', wrong.Take(20)));
        var documented = File.ReadAllLines(Path.Combine(SharedMaterial.Repository, "docs", "coverage.md"));
        CollectionAssert.IsSubsetOf(table, documented, "docs/coverage.md has other counts:\n" + string.Join('\n', table));
    }

    [TestMethod]
    public void Every_module_validates_with_the_features_that_the_suite_lists_and_is_refused_by_name_without_one()
    {
        List<string> wrong = [];
        foreach (var file in SharedMaterial.Files("suites/core/jsonl", "*.jsonl"))
        {
            foreach (var line in File.ReadLines(file))
            {
                using var document = JsonDocument.Parse(line);
                var command = document.RootElement;
                if (command.GetProperty("c").GetString() is not ("module" or "definition") || !command.TryGetProperty("wasm", out var wasm) || Features(command).Intersect(Refused).Any())
                {
                    continue;
                }

                var module = ModuleReader.Read(wasm.GetBytesFromBase64(), file);
                var features = Features(command).Select(name => SuiteNames.GetValueOrDefault(name, name)).ToArray();
                string[] assumed = features.Intersect(Overlapping).Any() ? [WasmFeatureSet.Mvp, .. Assumed, .. Overlapping] : [WasmFeatureSet.Mvp, .. Assumed];
                foreach (var left in features.Except(assumed).Append(""))
                {
                    var off = SwitchedOff(module, [.. assumed, .. features.Where(name => name != left)]);
                    if (off != left)
                    {
                        wrong.Add($"{Path.GetFileName(file)}:{command.GetProperty("l")} [{string.Join(' ', features)}] without '{left}': refused for '{off}'");
                    }
                }
            }
        }

        Assert.AreEqual(0, wrong.Count, string.Join('\n', wrong.Take(20)));
    }

    private static string SwitchedOff(Module module, string[] features)
    {
        try
        {
            Validator.Validate(module, "", WasmFeatureSet.Parse(features, out _));
            return "";
        }
        catch (DiagnosticException error) when (error.Diagnostic.Id == DiagnosticId.PULSE1006)
        {
            return error.Diagnostic.Message.Split('\'')[1];
        }
    }

    private static string[] Features(JsonElement command) =>
        command.TryGetProperty("feat", out var list) ? [.. list.EnumerateArray().Select(item => item.GetString()!)] : [];

    /// <summary>Tables count a line under each feature that its module uses; a line that only its file knows about counts under that.</summary>
    private static void Check(JsonElement command, string file, string[] fileFeatures, List<string> wrong, SortedDictionary<string, Tally> tally)
    {
        var kind = command.GetProperty("c").GetString();
        if (kind is not ("module" or "definition" or "invalid" or "malformed" or "unlinkable" or "uninstantiable")
            || !command.TryGetProperty("wasm", out var wasm))
        {
            return;
        }

        var mustRefuse = kind is "invalid" or "malformed";
        var features = Features(command);
        var isRefusedByName = features.Concat(mustRefuse ? fileFeatures : []).Intersect(Refused).Any();
        var verdict = Verdict(wasm.GetBytesFromBase64(), file, out var message);
        var isSuperseded = mustRefuse && verdict == "accepted" && file.Contains("/proposals/threads/", StringComparison.Ordinal)
            && Superseded.Contains(command.GetProperty("msg").GetString());
        var isRight = isSuperseded || verdict == (mustRefuse ? "refused" : "accepted") || (verdict == "unsupported" && isRefusedByName);
        if (!isRight)
        {
            wrong.Add($"{file}:{command.GetProperty("l")} {kind} [{string.Join(' ', features)}]: {message}");
        }

        foreach (var feature in features.Length > 0 ? features : verdict == "unsupported" ? fileFeatures.Intersect(Refused) : ["mvp"])
        {
            tally.TryAdd(feature, new Tally());
            tally[feature].Accepted += verdict == "accepted" && !isSuperseded ? 1 : 0;
            tally[feature].Refused += verdict == "refused" ? 1 : 0;
            tally[feature].ByName += verdict == "unsupported" ? 1 : 0;
            tally[feature].Superseded += isSuperseded ? 1 : 0;
        }
    }

    private static string Verdict(byte[] bytes, string file, out string message)
    {
        try
        {
            var module = ModuleReader.Read(bytes, file);
            CollectionAssert.AreEqual(bytes, ModuleWriter.Write(module), file);
            Validator.Validate(module, file);
            message = "accepted";
            return "accepted";
        }
        catch (DiagnosticException error)
        {
            message = error.Diagnostic.ToString();
            return error.Diagnostic.Id == DiagnosticId.PULSE1003 ? "unsupported" : "refused";
        }
    }
}
