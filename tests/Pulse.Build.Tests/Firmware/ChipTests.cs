using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Fusion;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Firmware;

/// <summary>Whole firmware of <c>tests/corpus/chip</c>, from C or WAT to what an emulated board prints and ends with.</summary>
[TestClass]
public sealed class ChipTests
{
    private const string Armv7 = "mps2-an385", Small = "stm32vldiscovery";

    [TestMethod]
    [DataRow("redzone.c", OptimizeMode.Balanced)]
    [DataRow("redzone.c", OptimizeMode.Size)]
    [DataRow("redzone.c", OptimizeMode.Speed)]
    [DataRow("busy.c", OptimizeMode.Balanced)]
    [DataRow("busy.c", OptimizeMode.Size)]
    [DataRow("busy.c", OptimizeMode.Speed)]
    public void A_handler_disturbs_nothing(string file, OptimizeMode mode) => Ends(0, "ok", Build(file, Armv7, mode, handler: "SysTick=on-tick"));

    [TestMethod]
    [DataRow(OptimizeMode.Balanced)]
    [DataRow(OptimizeMode.Size)]
    [DataRow(OptimizeMode.Speed)]
    public void A_loop_that_waits_for_a_handler_ends(OptimizeMode mode) => Ends(0, "delay returned", Build("delay.c", Armv7, mode, handler: "SysTick=on-tick"));

    [TestMethod]
    public void An_atomic_access_of_64_bits_does_not_tear()
        => Ends(0, "ok", Build("torn64.c", Armv7, handler: "SysTick=on-tick", flags: ["-DATOMIC", "-matomics", "-mbulk-memory"]));

    [TestMethod]
    [DataRow("badmmio.wat", 95)]
    [DataRow("nmi.wat", 92)]
    [DataRow("unexp.wat", 105)]
    public void What_goes_wrong_says_so(string file, int status) => Ends(status, "PULSE fault 0x", Build(file, Armv7));

    /// <summary>From C with debug information to the function and the line, through fusion and the optimiser.</summary>
    [TestMethod]
    [DataRow(65, "trap \"unreachable\"")]
    [DataRow(66, "trap \"memory bounds\"")]
    [DataRow(67, "trap \"divide by zero\"")]
    [DataRow(68, "trap \"integer overflow\"")]
    [DataRow(69, "trap \"table bounds\"")]
    [DataRow(70, "trap \"null function\"")]
    [DataRow(71, "trap \"signature mismatch\"")]
    [DataRow(72, "trap \"stack overflow\"")]
    [DataRow(73, "trap \"unaligned atomic\"")]
    [DataRow(92, "NMI")]
    [DataRow(95, "BusFault")]
    [DataRow(105, "an interrupt without a handler")]
    public void What_goes_wrong_is_told_with_the_line_of_its_source(int status, string what)
        => StringAssert.Matches(Explained(status, status, TrapSites.Shared), new($"^{what} in (wrong|run) \\(faults\\.c:{LineOf(status)}\\)$"));

    [TestMethod]
    public void Guards_that_share_an_instruction_are_told_with_all_their_lines()
    {
        Assert.AreEqual($"trap \"memory bounds\" in run (faults.c:{LineOf(166)} or faults.c:{LineOf(167)})", Explained(166, 66, TrapSites.Shared));
        Assert.AreEqual($"trap \"memory bounds\" in run (faults.c:{LineOf(166)})", Explained(166, 66, TrapSites.Exact));
    }

    [TestMethod]
    [DataRow("--stack-first", 66, "memory bounds")]
    [DataRow("--no-entry", 65, "unreachable")]
    public void An_overflow_of_a_stack_in_linear_memory_is_told_with_its_line(string link, int status, string trap)
    {
        var built = Build("deep.c", Armv7, handler: "SysTick=on-tick", flags: ["-g", "-DDEPTH=40"], stack: 560, stackSize: 4096, link: [link, "--emit-relocs"], traps: TrapSites.Exact);
        StringAssert.Matches(Explained(built, status), new($"^trap \"{trap}\" in sum \\(deep\\.c:{LineOf("u32 sum(u32 n)", "deep.c")}\\)$"));
    }

    private static int LineOf(int mark) => LineOf($"/* {mark} */", "faults.c");

    private static int LineOf(string mark, string file)
        => 1 + Array.FindIndex(File.ReadAllLines(Path.Combine(SharedMaterial.Repository, "tests", "corpus", "chip", file)), text => text.Contains(mark, StringComparison.Ordinal));

    private static string Explained(int kind, int status, TrapSites traps)
        => Explained(Build("faults.c", Armv7, flags: ["-g", "-O1", "-matomics", "-mbulk-memory", $"-DKIND={kind}"], stackSize: 4096, traps: traps), status);

    private static string Explained(Built built, int status)
    {
        Assert.IsNotNull(built.Result, string.Join('\n', built.Said));
        var elf = built.Result.Image!.Elf;
        var (ended, _, output) = Qemu.RunWithErrors(Armv7, elf.ToArray());
        Assert.AreEqual(status, ended, output);
        var printed = new FaultLine();
        printed.Pass(System.Text.Encoding.ASCII.GetBytes(output));
        return FaultReport.Explain(new InputFile("f.elf", elf), printed.Address!.Value, status, new DiagnosticList())!.Message;
    }

    [TestMethod]
    public void A_fault_handler_of_the_project_runs() => Ends(1, "", Build("hf.wat", Armv7, handler: "UsageFault=h"));

    [TestMethod]
    [DataRow("stack400.wat")]
    [DataRow("stackdeep.wat")]
    public void A_recursion_that_is_too_deep_traps(string file) => Ends(72, "PULSE fault 0x", Build(file, Small, stackSize: 1024));

    [TestMethod]
    public void A_start_function_runs_first() => Ends(0, "", Build("start.wat", Small));

    [TestMethod]
    [DataRow("fence.wat")]
    [DataRow("nest.wat")]
    public void Barriers_and_nested_sections_lower(string file) => Assert.IsNotNull(Build(file, Armv7).Result);

    [TestMethod]
    public void A_stack_in_linear_memory_that_a_handler_would_overflow_is_refused()
    {
        var (result, said, _) = Build("shadow.c", Armv7, handler: "SysTick=on-tick", flags: ["-DTICK"], stack: 256);
        Assert.IsNull(result);
        Assert.AreEqual(DiagnosticId.PULSE4056, said.Single().Id);
        StringAssert.Contains(said.Single().Message, "256 bytes, and calls can take 464", StringComparison.Ordinal);
        Ends(0, "", Build("shadow.c", Armv7, handler: "SysTick=on-tick", flags: ["-DTICK"], stack: 464));
    }

    /// <summary>The stack in front of data ends where memory does; behind data it is checked.</summary>
    [TestMethod]
    [DataRow(3, "--stack-first", 0)]
    [DataRow(3, "--no-entry", 0)]
    [DataRow(40, "--stack-first", 66)]
    [DataRow(40, "--no-entry", 65)]
    [DataRow(6, "--no-entry", 65)]
    public void A_stack_in_linear_memory_never_runs_into_data(int depth, string link, int status) => Ends(
        status, status == 0 ? "" : "PULSE fault 0x", Build("deep.c", Armv7, handler: "SysTick=on-tick", flags: [$"-DDEPTH={depth}"], stack: 560, stackSize: 4096, link: [link, "--emit-relocs"]));

    [TestMethod]
    public void A_fault_calls_the_project_with_its_stacks_as_at_the_start()
    {
        // It ends with success only when its arguments are those of the trap; the program itself never ends.
        Ends(0, "", Build("deep.c", Armv7, handler: "SysTick=on-tick", flags: ["-DDEPTH=40", "-DONFAULT"], stack: 560, stackSize: 4096, link: ["--stack-first", "--emit-relocs"], faults: FaultHandling.OnFault));
        var missing = Build("deep.c", Armv7, flags: ["-DDEPTH=3"], stackSize: 4096, faults: FaultHandling.OnFault);
        Assert.AreEqual(DiagnosticId.PULSE4058, missing.Said.Single().Id);
    }

    /// <summary>The sample's tick is a function of the component that waits for it.</summary>
    [TestMethod]
    [DataRow(3, FaultCode.TrapStatus + (int)TrapKind.Unreachable)]
    [DataRow(0, 0)]
    public void An_instance_that_is_not_reentrant_traps_when_a_handler_enters_it(int guarded, int status)
    {
        var components = new[] { "mixer", "kernel", "uart", "app" }
            .Select(name => new InputFile(name + ".wasm", File.ReadAllBytes(Path.Combine(SharedMaterial.Repository, "samples/gust-firmware/components", name + ".wasm"))));
        var built = Build([.. components], new DiagnosticList(), Small, OptimizeMode.Balanced, [new("SysTick", "on-tick")], new LowerOptions { Module = default!, Faults = FaultHandling.SemihostingExit }, [guarded]);
        Ends(status, "", built);
    }

    [TestMethod]
    public void A_core_module_cannot_be_guarded()
    {
        var said = new DiagnosticList();
        Assert.IsNull(ComponentFuser.Fuse(new FuseOptions { Components = [new InputFile("start.wat", Bytes("start.wat", [], 0, []))], NotReentrant = [0] }, said));
        Assert.AreEqual(DiagnosticId.PULSE2016, said.Single().Id);
    }

    [TestMethod]
    public void A_stack_behind_zeros_of_unknown_size_is_warned_of()
    {
        var built = Build("redzone.c", Armv7, handler: "SysTick=on-tick", link: []);
        Assert.AreEqual(DiagnosticId.PULSE4057, built.Said.Single().Id);
        Assert.IsEmpty(Build("redzone.c", Armv7, handler: "SysTick=on-tick", link: ["--stack-first"]).Said);
        Assert.IsEmpty(Build("redzone.c", Armv7, handler: "SysTick=on-tick", link: ["--export=__data_end"]).Said);
    }

    /// <summary>As wasm-opt does it: zeros are dropped, and the section that speaks of them stays.</summary>
    [TestMethod]
    public void Symbols_that_speak_of_other_segments_say_nothing_of_the_stack()
    {
        var module = ModuleReader.Read(Bytes("deep.c", ["-DDEPTH=3"], 560, ["--emit-relocs"]), "deep.wasm");
        var whole = StackRegion.Of(module, "deep.wasm");
        Assert.IsTrue(whole is { Low: > 1024 } && whole.Value.High - whole.Value.Low == 560, $"{whole}");
        var last = module.Data[^1];
        module.Data[^1] = last with { Bytes = last.Bytes[..^1] };
        Assert.IsNull(StackRegion.Of(module, "deep.wasm"));
        module.Data.RemoveAt(module.Data.Count - 1);
        Assert.IsNull(StackRegion.Of(module, "deep.wasm"));
    }

    private static void Ends(int status, string text, Built built)
    {
        Assert.IsNotNull(built.Result, string.Join('\n', built.Said));
        var (ended, output, errors) = Qemu.RunWithErrors(built.Board, built.Result.Image!.Elf.ToArray());
        Assert.AreEqual(status, ended, output + errors);
        StringAssert.Contains(output + errors, text, StringComparison.Ordinal);
    }

    internal sealed record Built(LowerResult? Result, DiagnosticList Said, string Board);

    internal static Built Build(
        string file, string board, OptimizeMode mode = OptimizeMode.Balanced, string handler = "", string[]? flags = null, int stack = 512, uint? stackSize = null, string[]? link = null, TrapSites traps = TrapSites.Shared,
        FaultHandling faults = FaultHandling.SemihostingExit)
    {
        InterruptHandler[] handlers = handler.Length == 0 ? [] : [new(handler.Split('=')[0], handler.Split('=')[1])];
        var source = new InputFile(Path.ChangeExtension(file, file.EndsWith(".c", StringComparison.Ordinal) ? ".wasm" : ".wat"), Bytes(file, flags ?? [], stack, link ?? ["--emit-relocs"]));
        return Build([source], new DiagnosticList(), board, mode, handlers, new LowerOptions { Module = source, StackSize = stackSize, Traps = traps, Faults = faults }, []);
    }

    private static Built Build(InputFile[] sources, DiagnosticList said, string board, OptimizeMode mode, InterruptHandler[] handlers, LowerOptions lower, int[] guarded)
    {
        var fused = ComponentFuser.Fuse(new FuseOptions { Components = [.. sources], InterruptHandlers = [.. handlers], NotReentrant = [.. guarded] }, said);
        Assert.IsNotNull(fused, string.Join('\n', said));
        var optimized = WasmOptimizer.Optimize(
            new OptimizeOptions
            {
                Module = new InputFile("fused.wasm", fused.Module), ProvenanceJson = fused.ProvenanceJson, Handlers = [.. handlers], Mode = mode, Unproved = UnprovedPolicy.Error,
            },
            said);
        Assert.IsNotNull(optimized, string.Join('\n', said));
        var options = lower with
        {
            Module = new InputFile("optimized.wasm", optimized.Module), ProvenanceJson = optimized.ProvenanceJson, Board = board, Mode = mode, InterruptHandlers = [.. handlers],
        };
        return new Built(ThumbCompiler.Lower(options, said), said, board);
    }

    private static byte[] Bytes(string file, string[] flags, int stack, string[] link)
    {
        var path = Path.Combine(SharedMaterial.Repository, "tests", "corpus", "chip", file);
        if (!file.EndsWith(".c", StringComparison.Ordinal))
        {
            return File.ReadAllBytes(path);
        }

        Clang.Need();
        return Clang.Compile(path, ["-std=c17", "-Os", .. flags], [.. link, "-z", $"stack-size={stack}"]);
    }
}
