using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Wasm;

/// <summary>The official core suite, where it is present: verdicts and byte identity of every module in it.</summary>
[TestClass]
public sealed class CoreSuiteTests
{
    private static readonly string[] Unsupported =
    [
        "exceptions", "exceptions-legacy", "function-references", "gc", "memory64", "simd", "relaxed-simd", "threads",
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Every_module_has_the_expected_verdict_or_uses_a_feature_that_is_refused_by_name()
    {
        List<string> wrong = [];
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var files = SharedMaterial.Files("suites/core/jsonl", "*.jsonl");
        foreach (var file in files.Where(file => !file.Contains("/proposals/", StringComparison.Ordinal)))
        {
            foreach (var line in File.ReadLines(file))
            {
                using var document = JsonDocument.Parse(line);
                Check(document.RootElement, Path.GetFileName(file), wrong, tally);
            }
        }

        foreach (var (what, count) in tally)
        {
            TestContext.WriteLine($"{count,6} {what}");
        }

        Assert.AreEqual(0, wrong.Count, string.Join('\n', wrong.Take(20)));
        Assert.IsTrue(tally["accepted, supported"] > 1000 && tally["refused, supported"] > 1000, "the suite is there but nearly empty");
    }

    private static void Check(JsonElement command, string file, List<string> wrong, SortedDictionary<string, int> tally)
    {
        var kind = command.GetProperty("c").GetString();
        if (kind is not ("module" or "definition" or "invalid" or "malformed" or "unlinkable" or "uninstantiable")
            || !command.TryGetProperty("wasm", out var wasm))
        {
            return;
        }

        var features = command.TryGetProperty("feat", out var list) ? list.EnumerateArray().Select(item => item.GetString()!).ToArray() : [];
        var supported = !features.Intersect(Unsupported).Any();
        var expected = kind is "invalid" or "malformed" ? "refused" : "accepted";
        var verdict = Verdict(wasm.GetBytesFromBase64(), file, out var message);
        var key = $"{verdict}, {(supported ? "supported" : "other features")}";
        tally[key] = tally.GetValueOrDefault(key) + 1;
        if (verdict != expected && (supported || verdict != "unsupported"))
        {
            wrong.Add($"{file}:{command.GetProperty("l")} {kind} [{string.Join(' ', features)}]: {message}");
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
