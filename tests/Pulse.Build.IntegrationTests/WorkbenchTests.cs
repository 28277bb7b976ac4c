using System.Reflection;
using Pulse.Build.IntegrationTests.Support;

namespace Pulse.Build.IntegrationTests;

/// <summary>The workbench as a program: one line of result a file, and an exit status that scripts can trust.</summary>
[TestClass]
public sealed class WorkbenchTests
{
    private const string Text = """
        (module
          (func $triple (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
          (func (export "f") (param i32) (result i32) (i32.add (call $triple (local.get 0)) (i32.const 0))))
        """;

    private static readonly string _workbench =
        typeof(WorkbenchTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Workbench").Value!;

    private static string _folder = "";

    [ClassInitialize]
    public static void Parse_a_module(TestContext context)
    {
        _folder = Directory.CreateTempSubdirectory("pulse-workbench-").FullName;
        File.WriteAllText(At("m.wat"), Text);
        File.WriteAllBytes(At("bad.wasm"), [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 1, 200]);
        var (status, output) = Run("parse", At("m.wat"), "-o", At("m.wasm"));
        Assert.AreEqual(0, status, output);
    }

    [ClassCleanup]
    public static void Delete() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Optimised_code_is_proved_gives_the_same_result_and_lowers()
    {
        var (status, output) = Run("optimize", At("m.wat"), "-o", At("text"));
        Assert.AreEqual(0, status, output);
        (status, output) = Run("optimize", At("m.wasm"), "-o", At("optimized"));
        Assert.AreEqual(0, status, output);
        Assert.Contains("1 functions changed, 1 proved, 0 unproved, 0 with less optimisation", output);
        (status, output) = Run("refine", At("m.wasm"), At("optimized/m.wasm"));
        Assert.AreEqual(0, status, output);
        Assert.Contains("f: proved", output);
        (status, output) = Run("run", At("optimized/m.wasm"), "f", "14");
        Assert.AreEqual(0, status, output);
        Assert.Contains("returned (I32 0x2a)", output);
        (status, output) = Run("lower", At("optimized/m.wasm"), "-o", At("objects"));
        Assert.AreEqual(0, status, output);
        CollectionAssert.AreEqual("\u007fELF"u8.ToArray(), File.ReadAllBytes(At("objects/m.o"))[..4]);
    }

    [TestMethod]
    public void An_address_of_an_image_is_explained_and_anything_else_is_refused()
    {
        using var project = new TestProject("<PropertyGroup><PulseFaults>semihosting-exit</PulseFaults></PropertyGroup>");
        project.Build().AssertSucceeded();
        var elf = project["bin/Debug/firmware.elf"];
        Assert.AreEqual((0, "the stack left RAM (HardFault)"), Trimmed(Run("explain", elf, "0x00000001", "93")));
        Assert.AreEqual((0, "NMI in Reset_Handler"), Trimmed(Run("explain", elf, "08000120", "92")));
        Assert.AreEqual((0, "a fault in no function (0x00000020)"), Trimmed(Run("explain", elf, "0x20")));
        var (status, output) = Run("explain", At("m.wasm"), "0x20");
        Assert.AreEqual(1, status, output);
        Assert.Contains("error PULSE4030", output);
        Assert.AreEqual(2, Run("explain", elf, "here").ExitCode);

        static (int, string) Trimmed((int Status, string Output) said) => (said.Status, said.Output.Trim());
    }

    [TestMethod]
    public void A_wrong_rewrite_is_refuted_with_a_counterexample()
    {
        File.WriteAllText(At("wrong.wat"), Text.Replace("(i32.const 3)", "(i32.const 4)", StringComparison.Ordinal));
        var (status, output) = Run("refine", At("m.wat"), At("wrong.wat"));
        Assert.AreEqual(1, status, output);
        Assert.Contains("refuted", output);
    }

    [TestMethod]
    public void Many_files_and_lists_of_files_give_one_line_each_and_any_failure_fails()
    {
        File.WriteAllLines(At("list"), [At("m.wasm"), At("bad.wasm"), At("absent.wasm")]);
        var (status, output) = Run("validate", "@" + At("list"));
        Assert.AreEqual(1, status, output);
        var lines = output.TrimEnd().Split('\n');
        Assert.HasCount(3, lines);
        Assert.AreEqual($"{At("m.wasm")}: valid", lines[0]);
        StringAssert.Matches(lines[1], new("FAILED .*error PULSE1001: .*\\(at byte 0x"));
        StringAssert.Matches(lines[2], new("FAILED .*error PULSE0002: "));
    }

    [TestMethod]
    public void A_module_with_its_functions_repeated_comes_back_byte_for_byte_and_is_measured()
    {
        var (status, output) = Run("repeat", At("m.wasm"), "3", "-o", At("three.wasm"));
        Assert.AreEqual(0, status, output);
        (status, output) = Run("rewrite", At("three.wasm"), "-o", At("again.wasm"));
        Assert.AreEqual(0, status, output);
        StringAssert.Matches(output, new("peak [0-9]+"));
        CollectionAssert.AreEqual(File.ReadAllBytes(At("three.wasm")), File.ReadAllBytes(At("again.wasm")));
        Assert.IsGreaterThan(new FileInfo(At("m.wasm")).Length, new FileInfo(At("three.wasm")).Length);
        (status, output) = Run("shape", "nesting", "9", "-o", At("nesting.wasm"));
        Assert.AreEqual(0, status, output);
        (status, output) = Run("measure", "--runs", "1", At("nesting.wasm"));
        Assert.AreEqual(0, status, output);
        Assert.Contains("peak memory", output);
    }

    [TestMethod]
    [DataRow("frobnicate")]
    [DataRow("optimize m.wasm")]
    [DataRow("optimize --mode fast m.wasm -o out")]
    [DataRow("lower --bounds soft m.wasm -o out")]
    [DataRow("validate --features simt m.wasm")]
    [DataRow("hotpath --entry f --severity loud m.wasm")]
    [DataRow("fuse --memory vast m.wasm -o out.wasm")]
    [DataRow("fuse -o out.wasm")]
    [DataRow("wat m.wasm m.wasm")]
    [DataRow("parse m.wat m.wat -o out.wasm")]
    [DataRow("measure --against no-such-program m.wasm")]
    public void Nonsense_is_a_usage_error(string line)
    {
        var (status, output) = Run(line.Split(' '));
        Assert.AreEqual(2, status, output);
        Assert.Contains("usage: ", output);
        Assert.DoesNotContain("   at ", output);
    }

    [TestMethod]
    [DataRow("roundtrip m.wasm -o m.wat")]
    [DataRow("optimize m.wasm -o m.wat")]
    [DataRow("lower m.wasm -o m.wat")]
    [DataRow("parse m.wat -o .")]
    [DataRow("fuse m.wasm -o .")]
    [DataRow("repeat m.wasm 2 -o .")]
    [DataRow("hotpath --entry f --sarif . m.wasm")]
    public void Output_that_cannot_be_written_is_named(string line)
    {
        var (status, output) = Run(line.Split(' '));
        Assert.AreEqual(1, status, output);
        StringAssert.Matches(output, new("error PULSE0003: A file cannot be read or written: .*(exists|denied)"));
        Assert.DoesNotContain("   at ", output);
    }

    [TestMethod]
    public void Empty_binary_is_no_module_and_an_empty_text_is_one()
    {
        File.WriteAllBytes(At("empty.wasm"), []);
        File.WriteAllBytes(At("empty.wat"), []);
        foreach (var verb in new[] { "validate", "roundtrip -o out", "optimize -o out", "lower -o out" })
        {
            var (status, output) = Run([.. verb.Split(' '), "empty.wasm"]);
            Assert.AreEqual(1, status, output);
            StringAssert.Matches(output, new("^empty.wasm: FAILED .*error PULSE1001: .*\\(at byte 0x0\\)"));
        }

        Assert.AreEqual(0, Run("validate", "empty.wat").ExitCode);
    }

    [TestMethod]
    public void Two_inputs_of_one_name_do_not_overwrite_each_other()
    {
        Directory.CreateDirectory(At("twin"));
        File.WriteAllBytes(At("twin/m.wasm"), File.ReadAllBytes(At("m.wasm")));
        foreach (var verb in new[] { "roundtrip", "optimize", "lower" })
        {
            var (status, output) = Run(verb, "m.wasm", "m.wasm", "twin/m.wasm", "-o", "names");
            Assert.AreEqual(1, status, output);
            Assert.AreEqual(1, output.Split("FAILED").Length - 1, output);
            Assert.Contains("twin/m.wasm: FAILED", output);
        }
    }

    [TestMethod]
    public void List_may_have_blank_lines_and_the_line_ends_of_another_system()
    {
        File.WriteAllText(At("crlf"), "m.wasm\r\n\r\n  \r\nm.wat\r\n");
        var (status, output) = Run("validate", "@crlf");
        Assert.AreEqual(0, status, output);
        Assert.AreEqual("m.wasm: valid\nm.wat: valid\n", output);
        (status, output) = Run("validate", "@absent");
        Assert.AreEqual(1, status, output);
        Assert.Contains("error PULSE0002: The file 'absent' does not exist.", output);
    }

    [TestMethod]
    public void Printed_text_is_read_back()
    {
        var (status, text) = Run("wat", "m.wasm");
        Assert.AreEqual(0, status, text);
        File.WriteAllText(At("printed.wat"), text);
        (status, var output) = Run("parse", "printed.wat", "-o", "printed.wasm");
        Assert.AreEqual(0, status, output);
        (status, output) = Run("refine", "m.wasm", "printed.wasm");
        Assert.AreEqual(0, status, output);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[]")]
    [DataRow("3")]
    [DataRow("{}")]
    [DataRow("""{"name":"n","components":[],"plugs":3,"exports":{}}""")]
    [DataRow("""[{"name":"a"},{"name":"b"}]""")]
    public void Composition_that_is_none_is_refused(string text)
    {
        File.WriteAllText(At("entry.json"), text);
        var (status, output) = Run("fuse", "--composition", "entry.json", "-o", "none.wasm");
        Assert.AreEqual(1, status, output);
        Assert.Contains("error PULSE0003: A file cannot be read or written: 'entry.json' is not a composition: ", output);
        Assert.IsFalse(File.Exists(At("none.wasm")));
    }

    [TestMethod]
    public void Entry_with_a_missing_component_fails_alone()
    {
        File.WriteAllText(At("manifest.json"), """
            [{"name":"one","components":[{"instance":"i","file":"absent.wasm"}],"plugs":[],"exports":{}},
             {"name":"two","components":[{"instance":"i","file":"gone.wasm"}],"plugs":[],"exports":{}}]
            """);
        var (status, output) = Run("fuse", "--all", "manifest.json", "-o", "all");
        Assert.AreEqual(1, status, output);
        Assert.Contains("one: FAILED", output);
        Assert.Contains("two: FAILED", output);
    }

    private static string At(string name) => Path.Combine(_folder, name);

    private static (int ExitCode, string Output) Run(params string[] arguments) => DotNet.Run(_folder, [_workbench, .. arguments]);
}
