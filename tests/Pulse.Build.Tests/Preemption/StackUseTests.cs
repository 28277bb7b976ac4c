using System.Collections.Immutable;
using System.Globalization;
using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Firmware;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Codegen;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Preemption;

/// <summary>
/// The machine stack that programs use, measured by painting it, against what was computed: never more, and hardly less where the program has no
/// recursion and no call through a table and takes its deepest path.
/// </summary>
[TestClass]
public sealed class StackUseTests
{
    public TestContext TestContext { get; set; } = null!;

    /// <summary>The programs of the benchmark: each is a function.</summary>
    [TestMethod]
    public void Benchmarks_use_what_was_computed()
    {
        Unicorn.Need();
        Clang.Need();
        var tally = new Tally();
        var calls = SharedMaterial.Files("bench", "suite.txt").SelectMany(File.ReadAllLines).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 1 && words[0] != "#").ToDictionary(words => words[0], words => uint.Parse(words[1], CultureInfo.InvariantCulture));
        foreach (var file in SharedMaterial.Files("bench/src", "*.c"))
        {
            foreach (var (level, mode) in new[] { ("-O2", OptimizeMode.Speed), ("-Os", OptimizeMode.Size) })
            {
                var name = Path.GetFileNameWithoutExtension(file) + level;
                var wasm = Clang.Compile(
                    file, ["-std=c99", "-ffp-contract=off", level, "-mbulk-memory", "-msign-ext", "-mnontrapping-fptoint"], "--export=bench", "-z", "stack-size=4096", "--max-memory=65536");
                var module = Optimize(name, wasm, [], mode);
                using var machine = new ThumbMachine(Compile(name, ProgramReader.Read(ModuleReader.Read(module, name)), mode == OptimizeMode.Size ? CostMode.Size : CostMode.Speed).Object);
                var end = machine.Run("bench", [Math.Max(1, calls[Path.GetFileNameWithoutExtension(file)] / 8)], [], 1);
                Assert.AreEqual(MachineEndKind.Returned, end.Kind, name);
                tally.Add(name, machine.StackUsed, machine.DepthOf("bench"), CallsThroughTables(module));
            }
        }

        tally.Check(TestContext);
    }

    /// <summary>Small firmware, with its handler now and then.</summary>
    [TestMethod]
    public void Chip_programs_use_what_was_computed()
    {
        Unicorn.Need();
        Clang.Need();
        var tally = new Tally();
        foreach (var file in SharedMaterial.Files("chip", "*.c").Where(file => Path.GetFileName(file) != "main.c").Concat(SharedMaterial.Files("chip", "*.wat")))
        {
            var wasm = file.EndsWith(".c", StringComparison.Ordinal)
                ? Clang.Compile(file, ["-std=c17", "-Os"], "-z", "stack-size=512")
                : File.ReadAllBytes(file);
            Run(tally, new InputFile(Path.GetFileName(file), wasm), "mps2-an385", null);
        }

        tally.Check(TestContext);
    }

    [TestMethod]
    [DataRow("samples/gust-firmware/components", "stm32vldiscovery", DisplayName = "sample")]
    [DataRow("../shared/adversary/projects/uart-shell/components", "mps2-an385", DisplayName = "uart-shell")]
    [DataRow("../shared/adversary/projects/sensor-pipeline/components", "mps2-an385", DisplayName = "sensor-pipeline")]
    public void Projects_use_what_was_computed(string folder, string board)
    {
        Unicorn.Need();
        var path = Path.Combine(SharedMaterial.Repository, folder);
        if (!Directory.Exists(path))
        {
            Assert.Inconclusive($"{path} is absent");
        }

        var said = new DiagnosticList();
        var components = Directory.GetFiles(path, "*.wasm").Order(StringComparer.Ordinal).Select(file => new InputFile(Path.GetFileName(file), File.ReadAllBytes(file)));
        var fused = ComponentFuser.Fuse(new FuseOptions { Components = [.. components] }, said);
        Assert.IsNotNull(fused, said.ToString());
        var tally = new Tally();
        Run(tally, new InputFile(Path.GetFileName(Path.GetDirectoryName(path)!), fused.Module), board, fused.ProvenanceJson);
        tally.Check(TestContext);
    }

    /// <summary>As it is built without interrupts: the program alone. With them: handlers at many places, for what all levels take together.</summary>
    private static void Run(Tally tally, InputFile file, string board, string? provenance)
    {
        string[] handlers = ["on-tick", "on-uart"];
        foreach (var isInterrupted in new[] { false, true })
        {
            var module = ModuleLoading.Load(file);
            var bound = isInterrupted
                ? handlers.Where(handler => module.Exports.Exists(export => export.Name == handler)).Select((handler, i) => new InterruptHandler(i == 0 ? "SysTick" : "NMI", handler)).ToImmutableArray()
                : [];
            if (isInterrupted && bound.IsEmpty)
            {
                return;
            }

            var wasm = Optimize(file.Path, ModuleLoading.Binary(file), bound, OptimizeMode.Balanced, provenance);
            if (Link(file.Path, wasm, board, bound) is { } linked)
            {
                var used = Use(linked, board, [.. bound.Select(handler => handler.Export)]);
                var stack = linked.Map.Stack;
                tally.Add(file.Path + (isInterrupted ? " and handlers" : ""), used, stack.IsBounded ? isInterrupted ? stack.Depth : stack.Levels[0].Depth : null, isInterrupted || CallsThroughTables(wasm));
            }
        }
    }

    private static uint Use(LinkedFirmware linked, string board, string[] handlers)
    {
        const uint Usart1Status = 0x4001_3800, CanSend = 0xC0;
        using var machine = new CortexM(ElfWriter.Write(linked.Image), Boards.Find(board), "run");
        machine.Preset(Usart1Status, CanSend);
        for (var round = 0; round < 4000 && machine.Advance(211); round++)
        {
            if (handlers.Length > 0 && !machine.IsMasked)
            {
                machine.Interrupt(machine.AddressOf(handlers[round % handlers.Length]));
            }
        }

        return machine.StackUsed;
    }

    private static LinkedFirmware? Link(string name, byte[] wasm, string board, ImmutableArray<InterruptHandler> handlers)
    {
        var program = ProgramReader.Read(ModuleReader.Read(wasm, name));
        var compiled = Compile(name, program, CostMode.Balanced);
        var options = new LowerOptions { Module = new InputFile(name, wasm), Board = board, InterruptHandlers = handlers };
        try
        {
            return FirmwareBuilder.Build(compiled.Object, program, options).Linked;
        }
        catch (DiagnosticException e) when (e.Diagnostic.Id is DiagnosticId.PULSE4054 or DiagnosticId.PULSE4042)
        {
            // Recursion, and files that are no firmware of their own.
            return null;
        }
    }

    private static CompiledModule Compile(string name, Program program, CostMode mode) =>
        ModuleCompiler.Compile(program, name, new CompilerOptions(BoundsMode.Software, mode));

    private static byte[] Optimize(string name, byte[] wasm, ImmutableArray<InterruptHandler> handlers, OptimizeMode mode, string? provenance = null)
    {
        var said = new DiagnosticList();
        var options = new OptimizeOptions { Module = new InputFile(name, wasm), ProvenanceJson = provenance, Handlers = handlers, Mode = mode, Verify = VerifyLevel.Off };
        var result = WasmOptimizer.Optimize(options, said);
        Assert.IsNotNull(result, said.ToString());
        return result.Module.ToArray();
    }

    private static bool CallsThroughTables(byte[] wasm)
    {
        foreach (var body in ModuleReader.Read(wasm, "").Functions.Select(function => function.Body).OfType<FunctionBody>())
        {
            var reader = new InstructionReader(body.Code.Span, 0, "");
            while (reader.TryRead(out var instruction))
            {
                if (instruction.Opcode is Opcode.CallIndirect or Opcode.ReturnCallIndirect)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// What was used and computed, by program. Open is one with calls through a table, which may go to any of its functions, and one with handlers,
    /// whose levels are not all on the stack at once here.
    /// </summary>
    private sealed class Tally
    {
        private readonly List<(string Name, uint Used, uint? Computed, bool IsOpen)> _rows = [];

        public void Add(string name, uint used, uint? computed, bool isOpen) => _rows.Add((name, used, computed, isOpen));

        public void Check(TestContext context)
        {
            Assert.IsNotEmpty(_rows);
            var text = string.Join('\n', _rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Name}: {row.Used} of {row.Computed?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}{(row.IsOpen ? ", open" : "")}")));
            context.WriteLine(text);
            foreach (var (name, used, computed, isOpen) in _rows)
            {
                Assert.IsTrue(used <= (computed ?? uint.MaxValue), $"{name} uses {used} of {computed}");
                Assert.IsTrue(isOpen || computed is null || computed * 10 <= used * 11, $"{name} uses {used} of {computed}");
            }
        }
    }
}
