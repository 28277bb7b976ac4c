using System.Diagnostics;
using System.Globalization;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Codegen.Suite;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Codegen;

/// <summary>
/// Random modules run on an emulated Cortex-M as the evaluator says, in every cost mode, with the optimiser before and without, and without
/// bounds checks where nothing traps. <c>PULSE_FUZZ_SECONDS=n</c> goes on for n seconds, <c>PULSE_FUZZ_SEED=n</c> starts elsewhere.
/// </summary>
[TestClass]
public sealed class ExecutionTests
{
    private const int DefaultSeeds = 10;

    public TestContext TestContext { get; set; } = null!;

    [TestInitialize]
    public void NeedTheEmulator()
    {
        if (!Unicorn.IsPresent)
        {
            Assert.Inconclusive("libunicorn.so.2 is not installed");
        }
    }

    [TestMethod]
    public void Random_modules_run_on_the_machine_as_in_the_evaluator()
    {
        var (first, seconds) = (Setting("PULSE_FUZZ_SEED", 1), Setting("PULSE_FUZZ_SECONDS", 0));
        var clock = Stopwatch.StartNew();
        var (compared, seed) = (0, first);
        for (; seconds > 0 ? clock.Elapsed.TotalSeconds < seconds : seed < first + DefaultSeeds; seed++)
        {
            compared += Compare(seed);
        }

        TestContext.WriteLine($"{seed - first} seeds, {compared} runs compared");
        if (seconds > 0)
        {
            Console.Error.WriteLine($"{seed - first} seeds, {compared} runs compared");
        }

        Assert.IsGreaterThan(seed - first, compared, "most functions end");
    }

    [TestMethod]
    public void Results_beyond_four_words_come_back_on_the_stack() => Run("""
        (module (import "env" "observe" (func (param i32) (result i32)))
          (memory 1) (global (mut i32) (i32.const 0)) (global (mut i32) (i32.const 0))
          (func $many (param i32 i64 i32 i32 i64) (result i32 i64 i32 i32 i64)
            local.get 0 local.get 1 i64.const 3 i64.mul local.get 2 i32.const 7 i32.add local.get 3 local.get 4)
          (func (export "f") (param i32 i64) (result i64) (local i64)
            i32.const 11 local.get 1 local.get 0 i32.const 13 i64.const 0x1234567890
            call $many local.set 2 i32.add i64.extend_i32_u local.get 2 i64.add i64.add
            local.set 2 drop local.get 2))
        """, RuntimeValue.I32(5), RuntimeValue.I64(0x7_0000_0009));

    private static void Run(string wat, params RuntimeValue[] arguments)
    {
        var wasm = ModuleWriter.Write(Engine.Wasm.Text.WatParser.Parse(wat, "test.wat"));
        var export = ModuleReader.Read(wasm, "test.wasm").Exports.First(export => export.Kind == ExternKind.Function);
        var expected = LoweredRun.Expect(wasm, export, arguments)!;
        foreach (var setting in LoweringSetting.All)
        {
            new LoweredRun(wasm, new CompilerOptions(BoundsMode.Software, setting.Mode), setting.IsOptimized).Check(expected, export, arguments, $"{setting}");
        }
    }

    private static int Compare(int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[random.Next(40, 600)];
        random.NextBytes(bytes);
        var wasm = ModuleWriter.Write(ModuleGenerator.Generate(bytes, integers: true));
        var module = ModuleReader.Read(wasm, "random.wasm");
        var cases = new List<(Export Export, RuntimeValue[] Arguments, Expectation Expected)>();
        foreach (var export in module.Exports.Where(export => export.Kind == ExternKind.Function))
        {
            for (var round = 0; round < 2; round++)
            {
                var arguments = Behaviour.Arguments(module.TypeOf(new FuncIndex(export.Index)), seed * 7 + round);
                if (LoweredRun.Expect(wasm, export, arguments) is { } expected)
                {
                    cases.Add((export, arguments, expected));
                }
            }
        }

        var compared = 0;
        foreach (var (setting, bounds) in LoweringSetting.All.SelectMany(setting => Enum.GetValues<BoundsMode>().Select(bounds => (setting, bounds))))
        {
            var run = new LoweredRun(wasm, new CompilerOptions(bounds, setting.Mode), setting.IsOptimized);
            foreach (var (export, arguments, expected) in cases.Where(c => bounds == BoundsMode.Software || c.Expected.Outcome.Returned))
            {
                run.Check(expected, export, arguments, $"seed {seed}, {setting}, bounds {bounds}, {export.Name}({string.Join(", ", arguments.Select(value => value.Bits))})");
                compared++;
            }
        }

        return compared;
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
