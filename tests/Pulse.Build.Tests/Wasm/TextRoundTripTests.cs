using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Engine.Wasm.Validation;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Wasm;

/// <summary>parse∘print, read∘write: over the golden texts always, over the shared modules where they are present.</summary>
[TestClass]
public sealed class TextRoundTripTests
{
    /// <summary>Lines of the suite with a module that is valid.</summary>
    private static readonly string[] Kinds = ["module", "definition", "unlinkable", "uninstantiable"];

    public static IEnumerable<string[]> GoldenTexts => Directory.GetFiles(GoldenFiles.Path("wasm"), "*.wat").Order(StringComparer.Ordinal).Select(path => new[] { path });

    [TestMethod]
    [DynamicData(nameof(GoldenTexts))]
    public void A_golden_text_is_valid_and_survives_print_and_parse(string path)
    {
        var module = WatParser.Parse(File.ReadAllText(path), path);
        Validator.Validate(module, path);
        var bytes = ModuleWriter.Write(module);
        CollectionAssert.AreEqual(bytes, ModuleWriter.Write(ModuleReader.Read(bytes, path)));
        var text = WatPrinter.Print(module, path);
        CollectionAssert.AreEqual(bytes, ModuleWriter.Write(WatParser.Parse(text, path)), text);
        var again = WatPrinter.Print(ModuleReader.Read(bytes, path), path);
        CollectionAssert.AreEqual(bytes, ModuleWriter.Write(WatParser.Parse(again, path)), again);
    }

    [TestMethod]
    [DynamicData(nameof(GoldenTexts))]
    public void A_golden_text_prints_as_expected(string path)
    {
        var text = WatPrinter.Print(WatParser.Parse(File.ReadAllText(path), path), path);
        var expected = Path.ChangeExtension(path, ".expected");
        if (Environment.GetEnvironmentVariable("PULSE_BLESS") == "1")
        {
            File.WriteAllText(expected, text);
        }

        Assert.AreEqual(File.ReadAllText(expected), text, "run this test with PULSE_BLESS=1 and look at the difference");
    }

    [TestMethod]
    public void Locals_without_number_are_refused_before_they_fill_a_text()
    {
        var module = new Module();
        module.Types.Add(FuncType.Of([], []));
        var body = new FunctionBody([new LocalGroup(50_000, ValType.I32)], new byte[] { 0x0B });
        module.Functions.AddRange(Enumerable.Repeat(new ModuleFunction(new TypeIndex(0), null, body), 400));
        Validator.Validate(module, "many.wasm");
        var error = Assert.ThrowsExactly<DiagnosticException>(() => WatPrinter.Print(module, "many.wasm")).Diagnostic;
        Assert.AreEqual(DiagnosticId.PULSE1002, error.Id);
        StringAssert.Contains(error.Message, "more than 16777216 locals in all functions of a text");
    }

    [TestMethod]
    public void Compiled_modules_survive_print_and_parse()
    {
        foreach (var file in SharedMaterial.Files("suites/build", "*.core.wasm"))
        {
            AssertSurvives(File.ReadAllBytes(file), file);
        }
    }

    [TestMethod]
    public void Modules_of_the_core_suite_survive_print_and_parse()
    {
        var count = 0;
        var files = SharedMaterial.Files("suites/core/jsonl", "*.jsonl");
        foreach (var file in files)
        {
            foreach (var line in File.ReadLines(file).Where(HasValidModule))
            {
                using var document = JsonDocument.Parse(line);
                count += document.RootElement.TryGetProperty("wasm", out var wasm) && AssertSurvives(wasm.GetBytesFromBase64(), file) ? 1 : 0;
            }
        }

        Assert.IsTrue(count > 2500, $"{count} modules");
    }

    private static bool HasValidModule(string line) => Kinds.Any(kind => line.StartsWith($"{{\"c\":\"{kind}\"", StringComparison.Ordinal));

    /// <summary>False when the module uses a feature that is refused.</summary>
    private static bool AssertSurvives(byte[] bytes, string file)
    {
        Module module;
        try
        {
            module = ModuleReader.Read(bytes, file);
            Validator.Validate(module, file);
        }
        catch (DiagnosticException error) when (error.Diagnostic.Id == DiagnosticId.PULSE1003)
        {
            return false;
        }

        var text = WatPrinter.Print(module, file);
        CollectionAssert.AreEqual(Canonical(module), Canonical(WatParser.Parse(text, file)), file);
        return true;
    }

    /// <summary>The bytes with every integer in its shortest form and neighbouring locals of one type grouped: what the text keeps.</summary>
    private static byte[] Canonical(Module module)
    {
        var result = module.Clone();
        result.Source = null;
        for (var i = 0; i < result.Functions.Count; i++)
        {
            if (result.Functions[i].Body is { } body)
            {
                result.Functions[i] = result.Functions[i] with { Body = new FunctionBody([.. Grouped(body)], Shortest(body.Code)) };
            }
        }

        Replace(result.Globals, global => global.Initial is { } initial ? global with { Initial = new(Shortest(initial.Code)) } : global);
        return ModuleWriter.Write(result);
    }

    private static void Replace<T>(List<T> items, Func<T, T> map)
    {
        for (var i = 0; i < items.Count; i++)
        {
            items[i] = map(items[i]);
        }
    }

    private static List<LocalGroup> Grouped(FunctionBody body)
    {
        List<LocalGroup> groups = [];
        foreach (var group in body.Locals.Where(group => group.Count > 0))
        {
            if (groups.Count > 0 && groups[^1].Type == group.Type)
            {
                groups[^1] = new LocalGroup(groups[^1].Count + group.Count, group.Type);
            }
            else
            {
                groups.Add(group);
            }
        }

        return groups;
    }

    private static byte[] Shortest(ReadOnlyMemory<byte> code)
    {
        var output = new ByteWriter();
        var writer = new InstructionWriter(output);
        var reader = new InstructionReader(code.Span, 0, "");
        while (reader.TryRead(out var instruction))
        {
            writer.Write(instruction);
        }

        return output.ToArray();
    }
}
