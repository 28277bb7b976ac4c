using System.Diagnostics;
using System.Globalization;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Emission;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Validation;
using Pulse.Build.Tests.Fuzz;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Passes;

/// <summary>
/// Random valid modules do the same in the evaluator and in V8, as they are, after a round trip through SSA form and optimised for each goal.
/// A fixed number of modules by default; <c>PULSE_FUZZ_SECONDS=n</c> goes on for n seconds, <c>PULSE_FUZZ_SEED=n</c> starts at another module.
/// </summary>
[TestClass]
public sealed class EngineAgreementTests
{
    private const int Batch = 60;

    private static readonly GeneratorFeatures[] Mixes =
    [
        GeneratorFeatures.TailCalls, GeneratorFeatures.Vectors, GeneratorFeatures.References | GeneratorFeatures.Bulk,
        GeneratorFeatures.All & ~GeneratorFeatures.Memories, GeneratorFeatures.Memories | GeneratorFeatures.Bulk, GeneratorFeatures.All,
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Generated_modules_do_the_same_in_the_evaluator_and_in_v8_round_tripped_and_optimised()
    {
        var clock = Stopwatch.StartNew();
        var seconds = Setting("PULSE_FUZZ_SECONDS", 0);
        var first = Setting("PULSE_FUZZ_SEED", 1);
        var tally = new Tally();
        do
        {
            RunBatch(first + (ulong)tally.Modules, tally);
        }
        while (seconds > 0 && clock.Elapsed.TotalSeconds < seconds);

        var said = string.Create(CultureInfo.InvariantCulture,
            $"{tally.Modules} modules, {tally.Endless} take too long, {tally.Compared} runs compared with V8, {tally.Refused} use what this V8 does not know, {tally.Returned} of {tally.Calls} calls return");
        TestContext.WriteLine(said);
        if (seconds > 0)
        {
            Console.Error.WriteLine(said);
        }

        Assert.IsGreaterThan(tally.Modules, tally.Compared, said);
        Assert.IsGreaterThan(tally.Calls / 4, tally.Returned, said);
    }

    [TestMethod]
    public void The_modules_use_every_instruction_but_the_relaxed_and_the_atomic_ones()
    {
        var unused = Opcodes.Rows.Where(row => row.Feature is not (WasmFeatures.RelaxedSimd or WasmFeatures.Threads)).ToDictionary(row => row.Opcode, row => row.Mnemonic);
        for (var seed = 0UL; seed < 1000 && unused.Count > 0; seed++)
        {
            foreach (var body in ModuleGenerator.Generate(new FuzzRandom(seed).Bytes(3000), features: GeneratorFeatures.All).Functions.Select(function => function.Body))
            {
                var code = new InstructionReader(body is null ? default : body.Code.Span, 0, "generated");
                while (code.TryRead(out var instruction))
                {
                    unused.Remove(instruction.Opcode);
                }
            }
        }

        Assert.AreEqual("", string.Join(" ", unused.Values));
    }

    private static void RunBatch(ulong first, Tally tally)
    {
        var expected = new Dictionary<string, string>();
        var modules = new List<(string Name, byte[] Bytes)>();
        for (var seed = first; seed < first + Batch; seed++)
        {
            tally.Modules++;
            var original = Generate(seed);
            if (ModuleScript.OnEvaluator(original) is not { } said)
            {
                tally.Endless++;
                continue;
            }

            foreach (var (kind, bytes) in Versions(original, seed).Prepend(("original", original)))
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"PULSE_FUZZ_SEED={seed} {kind}");
                Assert.AreEqual(said, ModuleScript.OnEvaluator(bytes) ?? said, $"{name}, in the evaluator");
                expected.Add(name, said);
                modules.Add((name, bytes));
            }
        }

        foreach (var (name, said) in ModuleScript.OnV8(modules))
        {
            if (said is null)
            {
                tally.Refused++;
                continue;
            }

            Assert.AreEqual(expected[name], said, $"{name}, in V8");
            tally.Compared++;
            tally.Calls += said.Split('\n').Count(line => line[0] == 't');
            tally.Returned += said.Split('\n').Count(line => line[0] == 't' && line.Contains(" returned ", StringComparison.Ordinal));
        }
    }

    private static byte[] Generate(ulong seed)
    {
        var random = new FuzzRandom(seed);
        var module = ModuleGenerator.Generate(random.Bytes(60 + random.Below(900)), features: random.Pick(Mixes));
        var bytes = ModuleWriter.Write(module);
        Validator.Validate(ModuleReader.Read(bytes, "generated"), $"PULSE_FUZZ_SEED={seed.ToString(CultureInfo.InvariantCulture)}");
        return bytes;
    }

    private static IEnumerable<(string Kind, byte[] Bytes)> Versions(byte[] original, ulong seed)
    {
        var program = ProgramReader.Read(ModuleReader.Read(original, "original"));
        foreach (var index in program.Functions)
        {
            program.MarkChanged(index);
        }

        yield return ("round-tripped", ModuleWriter.Write(ProgramWriter.Write(program)));
        var goal = (Goal)(seed % 3);
        var optimized = ProgramOptimizer.Optimize(ModuleReader.Read(original, "original"), new OptimizerSettings { Goal = goal }, new InlineHints());
        Validator.Validate(optimized.Module, $"PULSE_FUZZ_SEED={seed.ToString(CultureInfo.InvariantCulture)} optimised");
        yield return ($"optimised for {goal}", ModuleWriter.Write(optimized.Module));
    }

    private static ulong Setting(string name, ulong otherwise) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private sealed class Tally
    {
        public int Modules { get; set; }

        public int Endless { get; set; }

        public int Compared { get; set; }

        public int Refused { get; set; }

        public int Calls { get; set; }

        public int Returned { get; set; }
    }
}
