using System.Diagnostics;
using System.Runtime.CompilerServices;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Firmware;

namespace Pulse.Build.Tests.Stages;

/// <summary>Two objects in one C program, with the tools that people have.</summary>
[TestClass]
public sealed class LinkedObjectTests
{
    private static readonly string[] _warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow("-fno-lto")]
    [DataRow("-flto")]
    public void Two_objects_link_and_run_with_GNU_tools(string optimization)
    {
        Write();
        Run("arm-none-eabi-gcc",
            ["-mcpu=cortex-m3", "-mthumb", "-std=c11", "-Os", optimization, "-ffreestanding", "-ffunction-sections", .. _warnings, "-I.", "-nostdlib", "-Wl,--gc-sections", "-Wl,--fatal-warnings",
            "-Wl,--no-warn-rwx-segments", "-T", "link.ld", "main.c", "counter.o", "log-book.o", "-lgcc", "-o", "program.elf"]);
        Boot();
    }

    [TestMethod]
    [DataRow("-fno-lto")]
    [DataRow("-flto")]
    public void Two_objects_link_and_run_with_LLVM_tools(string optimization)
    {
        Write();
        Run("clang-19", ["--target=thumbv7m-none-eabi", "-std=c11", "-Os", optimization, "-ffreestanding", "-ffunction-sections", .. _warnings, "-c", "main.c", "-o", "main.o"]);
        Run("ld.lld-19", ["--gc-sections", "--fatal-warnings", "-T", "link.ld", "main.o", "counter.o", "log-book.o", "-o", "program.elf"]);
        Boot();
    }

    [TestMethod]
    [DataRow("arm-none-eabi-gcc", "-mthumb", "-mcpu=cortex-m3", "c", "c11")]
    [DataRow("arm-none-eabi-g++", "-mthumb", "-mcpu=cortex-m3", "c++", "c++17")]
    [DataRow("clang-19", "--target=thumbv7m-none-eabi", "-ffreestanding", "c", "c11")]
    [DataRow("clang-19", "--target=thumbv7m-none-eabi", "-ffreestanding", "c++", "c++17")]
    public void The_headers_compile_without_a_warning(string compiler, string target, string option, string language, string standard)
    {
        Write();
        File.WriteAllText(Path.Combine(_folder, "headers.txt"), "#include \"counter.h\"\n#include \"log-book.h\"\n#include \"counter.h\"\nvoid *start(void);\nvoid *start(void) { return counter_address(8); }\n");
        Run(compiler, [target, option, "-x", language, "-std=" + standard, "-ffreestanding", .. _warnings, "-Wconversion", "-fsyntax-only", "headers.txt"]);
    }

    [TestMethod]
    public void Two_objects_define_nothing_alike_and_C_can_spell_all_of_it()
    {
        var (first, second) = (Symbols(Lower("counter")), Symbols(Lower("log-book")));
        CollectionAssert.AreEquivalent(
            new[]
            {
                "counter_init", "counter_memory", "counter_memory_size", "count-up", "count_up", "call-host", "call_host", "peek", "grow", "pages", "register", "_register", "two",
            },
            first.Where(symbol => !symbol.IsUndefined).Select(symbol => symbol.Name).ToArray());
        Assert.AreEqual("host_log", first.Single(symbol => symbol.IsUndefined).Name);
        Assert.AreEqual("write_line", second.Single(symbol => symbol.IsUndefined).Name);
        Assert.IsEmpty(first.Select(symbol => symbol.Name).Intersect(second.Select(symbol => symbol.Name)));
        Assert.AreEqual(1, first.Where(symbol => symbol.Name is "count-up" or "count_up").Select(symbol => (symbol.Section, symbol.Value, symbol.Size)).Distinct().Count());
    }

    [TestMethod]
    public void Names_that_come_out_alike_or_mean_something_in_C_are_told_apart_in_object_and_header()
    {
        const string Text = """
            (module
              (import "a" "tick" (func $a)) (import "b" "tick" (func $b (param i32))) (import "a" "x y" (func $x))
              (memory 1) (start $x)
              (func (export "x-y") (call $a) (call $b (i32.const 1)) (call $x))
              (func (export "x_y") (export "int32_t")) (func (export "") (result i32) (i32.const 1)) (func (export "9") (export "_9"))
              (func (export "tame_init")) (func (export "tame_memory")) (func (export "tame_address")) (func (export "\e2\80\ae */ int evil; /*/ \0a#error"))
              (func (export "a_tick")) (func (export "class") (export "_class")))
            """;
        var said = new DiagnosticList();
        var result = ThumbCompiler.Lower(new LowerOptions { Module = new InputFile("m.wat", System.Text.Encoding.UTF8.GetBytes(Text)), Output = OutputKind.Object, Name = "tame" }, said);
        Assert.IsNotNull(result, string.Join('\n', said));
        var names = Symbols(result).Select(symbol => symbol.Name).ToArray();
        foreach (var name in new[] { "a_tick_", "b_tick", "x_y_", "x_y__", "_int32_t", "_", "_9_", "tame_init_", "tame_memory_", "_class_" })
        {
            Assert.AreEqual(1, names.Count(n => n == name), name + " in " + string.Join(' ', names));
            Assert.IsTrue(System.Text.RegularExpressions.Regex.IsMatch(result.Header, $@"\b{name}[(\[]"), result.Header);
        }

        File.WriteAllText(Path.Combine(_folder, "tame.h"), result.Header);
        File.WriteAllText(Path.Combine(_folder, "tame.txt"), "#include \"tame.h\"\n");
        Run("arm-none-eabi-g++", ["-x", "c++", "-std=c++17", "-ffreestanding", .. _warnings, "-fsyntax-only", "tame.txt"]);
        Run("clang-19", ["--target=thumbv7m-none-eabi", "-x", "c", "-std=c11", "-ffreestanding", .. _warnings, "-fsyntax-only", "tame.txt"]);
    }

    [TestMethod]
    public void The_header_says_which_functions_are_for_the_vector_table()
    {
        var said = new DiagnosticList();
        var text = """(module (memory 1) (func (export "on-tick") (i32.store (i32.const 4) (i32.const 1))) (func (export "f") (result i32) (i32.load (i32.const 4))))"""u8.ToArray();
        var optimized = WasmOptimizer.Optimize(new OptimizeOptions { Module = new InputFile("m.wat", text), Handlers = [new InterruptHandler("SysTick", "on-tick") { Priority = 3 }] }, said);
        Assert.IsNotNull(optimized, string.Join('\n', said));
        var result = ThumbCompiler.Lower(new LowerOptions { Module = new InputFile("m.wasm", optimized.Module), Output = OutputKind.Object, Name = "ticks" }, said);
        Assert.IsNotNull(result, string.Join('\n', said));
        StringAssert.Contains(
            result.Header, "/* Handler of the interrupt SysTick with priority 3, which the program has to set: for the vector table. */\nvoid on_tick(void);", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_memory_without_a_byte_that_is_not_zero_takes_no_flash()
    {
        var result = ThumbCompiler.Lower(
            new LowerOptions { Module = new InputFile("zero.wat", "(module (memory 1) (data (i32.const 40) \"\\00\\00\"))"u8.ToArray()), Output = OutputKind.Object, Name = "zero" },
            new DiagnosticList())!;
        Assert.AreEqual((0L, 65536L), (result.FlashBytes, result.RamBytes));
    }

    [TestMethod]
    public void Runs_of_content_take_flash_and_the_zeros_around_them_do_not()
    {
        static (LowerResult Result, ElfObject Object) Of(string data)
        {
            var text = System.Text.Encoding.UTF8.GetBytes($"(module (memory 1) (@custom \"pulse.memory\" \"\\80\\20\") (func (export \"f\")) {data})");
            var said = new DiagnosticList();
            var result = ThumbCompiler.Lower(new LowerOptions { Module = new InputFile("runs.wat", text), Output = OutputKind.Object, Name = "runs" }, said);
            Assert.IsNotNull(result, string.Join('\n', said));
            return (result, ElfReader.ReadObject(result.Object.ToArray(), "runs.o"));
        }

        var (sparse, file) = Of("""(data (i32.const 400) "four") (data (i32.const 4000) "more")""");
        Assert.IsLessThan(120L, sparse.FlashBytes);
        Assert.AreEqual(SectionType.NoBits, file.Symbols.Single(s => s.Name == "runs_memory").Section!.Type);
        StringAssert.Contains(sparse.Header, "\nvoid runs_init(void);", StringComparison.Ordinal);
        Assert.IsNotNull(file.Symbols.Find(s => s.Name == "runs_init"));

        var (none, empty) = Of("");
        StringAssert.Contains(none.Header, "static inline void runs_init(void) {}", StringComparison.Ordinal);
        Assert.IsNull(empty.Symbols.Find(s => s.Name == "runs_init"));

        var (dense, whole) = Of($"""(data (i32.const 16) "{new string('x', 4064)}")""");
        Assert.AreEqual(SectionType.ProgBits, whole.Symbols.Single(s => s.Name == "runs_memory").Section!.Type);
        StringAssert.Contains(dense.Header, "static inline void runs_init(void) {}", StringComparison.Ordinal);
    }

    private static ElfSymbol[] Symbols(LowerResult result) =>
        [.. ElfReader.ReadObject(result.Object.ToArray(), "a.o").Symbols.Where(symbol => symbol.Binding != SymbolBinding.Local)];

    private static LowerResult Lower(string name)
    {
        var module = WatParser.Parse(File.ReadAllText(Path.Combine(Fixtures(), name + ".wat")), name + ".wat");
        if (name == "counter")
        {
            module.CustomSections.Add(MemorySection.Write([2 * 65536]));
        }

        var said = new DiagnosticList();
        var result = ThumbCompiler.Lower(new LowerOptions { Module = new InputFile(name + ".wasm", ModuleWriter.Write(module)), Output = OutputKind.Object, Name = name }, said);
        Assert.IsNotNull(result, string.Join('\n', said));
        return result;
    }

    private void Write()
    {
        foreach (var name in new[] { "counter", "log-book" })
        {
            var result = Lower(name);
            File.WriteAllBytes(Path.Combine(_folder, name + ".o"), result.Object.ToArray());
            File.WriteAllText(Path.Combine(_folder, name + ".h"), result.Header);
        }

        foreach (var file in new[] { "main.c", "link.ld" })
        {
            File.Copy(Path.Combine(Fixtures(), file), Path.Combine(_folder, file));
        }
    }

    private void Boot() => Assert.AreEqual(0, Qemu.Run("mps2-an385", File.ReadAllBytes(Path.Combine(_folder, "program.elf"))).Status);

    /// <summary>Runs a tool in the folder; the test is inconclusive without it.</summary>
    private void Run(string tool, string[] arguments)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
        if (path is null)
        {
            Assert.Inconclusive(tool + " is not installed: nothing was compiled with it");
        }

        using var process = Process.Start(new ProcessStartInfo(path!, arguments) { WorkingDirectory = _folder, RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, said);
    }

    private static string Fixtures([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Objects");
}
