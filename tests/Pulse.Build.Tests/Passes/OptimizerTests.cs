using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Engine.Wasm.Validation;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Passes;

/// <summary>The optimiser as a whole: what it makes behaves as what it was given.</summary>
[TestClass]
public sealed class OptimizerTests
{
    private const int Seeds = 120;

    public static IEnumerable<object[]> Negatives =>
        Directory.EnumerateFiles(GoldenFiles.Path("refine"), "n*.before.wat").Order(StringComparer.Ordinal).Select(f => new object[] { Path.GetFileName(f) });

    [TestMethod]
    public void The_ten_negatives_are_there() => Assert.IsTrue(Negatives.Count() >= 10);

    /// <summary>What others' optimisers are known to get wrong: ours keeps the meaning, and the judge proves it.</summary>
    [TestMethod]
    [DynamicData(nameof(Negatives))]
    public void A_shape_that_is_easily_miscompiled_keeps_its_meaning(string file)
    {
        var said = new DiagnosticList();
        var input = new InputFile(file, GoldenFiles.Bytes("refine/" + file));
        var before = CoreModule.Parse(input, said)!.Value.ToArray();
        var result = WasmOptimizer.Optimize(new OptimizeOptions { Module = new InputFile(file, before) }, said);
        Assert.IsNotNull(result, string.Join("\n", said));
        Assert.AreEqual(0, result.Fallbacks);
        var module = ModuleReader.Read(before, file);
        foreach (var export in module.Exports.Where(e => e.Kind == ExternKind.Function))
        {
            foreach (var argument in new[] { 0, 1, 5, -16, 1 << 20 })
            {
                var arguments = module.TypeOf(new FuncIndex(export.Index)).Parameters.Select(_ => RuntimeValue.I32(argument)).ToArray();
                Assert.AreEqual(Observe(before, export.Name, arguments), Observe(result.Module.ToArray(), export.Name, arguments), $"{export.Name}({argument})");
            }
        }
    }

    [TestMethod]
    public void Marks_that_cannot_be_read_are_said_and_names_that_nothing_has_are_warned_of()
    {
        var said = new DiagnosticList();
        var text = """(module (func $f (export "run")) (@custom "metadata.code.inline" (before code) "\01\63\01\00\01\00"))"""u8.ToArray();
        var module = CoreModule.Parse(new InputFile("m.wat", text), said)!.Value;
        var options = new OptimizeOptions { Module = new InputFile("m.wasm", module), InlineFunctions = ["f", "g"] };
        Assert.IsNotNull(WasmOptimizer.Optimize(options, said));
        CollectionAssert.AreEquivalent(new[] { DiagnosticId.PULSE1021, DiagnosticId.PULSE3005 }, said.Select(d => d.Id).ToArray());
        Assert.Contains("InlineFunction 'g'", said.Single(d => d.Id == DiagnosticId.PULSE3005).Message);
    }

    [TestMethod]
    [DataRow("inner", 1)]
    [DataRow("a#step", 1)]
    [DataRow("step", 1)]
    [DataRow("run", 0)]
    public void A_function_is_meant_by_its_name_or_by_that_of_an_export(string said, int marked)
    {
        var stores = string.Concat(Enumerable.Range(0, 9).Select(i => $"(i32.store offset={i * 4} (local.get 0) (i32.const {i * 1000}))"));
        var text = $"""
            (module (memory 1)
              (func $inner (export "a#step") (param i32) {stores})
              (func (export "run") (call $inner (i32.const 0)) (call $inner (i32.const 64))))
            """;
        var module = ModuleReader.Read(ModuleWriter.Write(WatParser.Parse(text, "m.wat")), "m.wasm");
        var optimized = ProgramOptimizer.Optimize(module, new OptimizerSettings { Goal = Goal.Size, InlineFunctions = [said] }, new InlineHints());
        Assert.AreEqual(marked > 0, optimized.Decisions.Any(d => d.Reason == InlineReason.Marked), string.Join(", ", optimized.Decisions));
    }

    [TestMethod]
    public void Generated_modules_behave_the_same_after_optimisation()
    {
        var returned = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var bytes = new byte[50 + (seed * 9)];
            new Random(seed + 1000).NextBytes(bytes);
            var before = ModuleWriter.Write(ModuleGenerator.Generate(bytes));
            var original = ModuleReader.Read(before, "before");
            var optimized = ProgramOptimizer.Optimize(original, new OptimizerSettings { Goal = (Goal)(seed % 3) }, new InlineHints());
            Validator.Validate(optimized.Module, $"seed {seed}");
            var after = ModuleWriter.Write(optimized.Module);
            for (var function = 0; function < original.Functions.Count - ModuleGenerator.Imports; function++)
            {
                var arguments = Behaviour.Arguments(original.TypeOf(new FuncIndex(function + ModuleGenerator.Imports)), seed);
                var (expected, actual) = (Behaviour.Observe(before, $"f{function}", arguments), Behaviour.Observe(after, $"f{function}", arguments));
                if (expected == Behaviour.NoFuel || actual == Behaviour.NoFuel)
                {
                    continue;
                }

                Assert.AreEqual(expected, actual, $"seed {seed}, function {function}");
                returned += expected.StartsWith("returned", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        Assert.IsGreaterThan(Seeds / 4, returned, "most generated functions trap or run out of fuel: the test sees too little");
    }

    [TestMethod]
    public void An_unproved_function_fails_the_build_or_is_kept_as_the_project_says()
    {
        var (kept, said) = JudgedBy(Verdict.Unknown, UnprovedPolicy.KeepOriginal);
        Assert.IsNotNull(kept);
        Assert.AreEqual(DiagnosticId.PULSE3004, said.Single().Id);
        Assert.AreEqual(1, kept.Fallbacks);
        Assert.IsTrue(kept.Module.Span.SequenceEqual(Scale), "the original body is in place");
        var (failed, errors) = JudgedBy(Verdict.Unknown, UnprovedPolicy.Error);
        Assert.IsNull(failed);
        Assert.AreEqual(DiagnosticId.PULSE3003, errors.Single().Id);
    }

    [TestMethod]
    public void A_refuted_function_fails_the_build_whatever_the_project_says()
    {
        var (failed, errors) = JudgedBy(Verdict.Refuted, UnprovedPolicy.KeepOriginal);
        Assert.IsNull(failed);
        Assert.AreEqual(DiagnosticId.PULSE3002, errors.Single().Id);
    }

    [TestMethod]
    public void A_solver_that_is_not_there_is_named()
    {
        var said = new DiagnosticList();
        var options = new OptimizeOptions { Module = new InputFile("f.wasm", Scale), Z3Path = "/nowhere/libz3.so" };
        Assert.IsNull(WasmOptimizer.Optimize(options, said));
        Assert.AreEqual(DiagnosticId.PULSE3001, said.Single().Id);
        Assert.Contains("/nowhere/libz3.so", said.Single().Message);
    }

    private static byte[] Scale { get; } =
        ModuleWriter.Write(WatParser.Parse("(module (func (export \"f\") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 1))))", "f.wat"));

    /// <summary>Optimises with a judge that gives every changed function this verdict.</summary>
    private static (OptimizeResult? Result, DiagnosticList Said) JudgedBy(Verdict verdict, UnprovedPolicy policy)
    {
        var said = new DiagnosticList();
        var run = new OptimizationRun(new OptimizeOptions { Module = new InputFile("f.wasm", Scale), Unproved = policy }, said, default)
        {
            Judge = (before, after, options) =>
            {
                var report = RefinementChecker.Check(before, after, options);
                return report with { Functions = [.. report.Functions.Select(f => f.Identical ? f : f with { Verdict = verdict, Reason = "the test says so" })] };
            },
        };
        return (run.Run(), said);
    }

    [TestMethod]
    public void The_same_module_gives_the_same_bytes_and_the_same_report()
    {
        var bytes = new byte[900];
        new Random(7).NextBytes(bytes);
        var module = new InputFile("m.wasm", ModuleWriter.Write(ModuleGenerator.Generate(bytes)));
        OptimizeResult Once() => WasmOptimizer.Optimize(new OptimizeOptions { Module = module, Verify = VerifyLevel.Off }, new DiagnosticList())!;
        var (first, second) = (Once(), Once());
        Assert.IsTrue(first.Module.Span.SequenceEqual(second.Module.Span));
        Assert.AreEqual(first.ReportJson, second.ReportJson);
    }

    private static string Observe(byte[] module, string export, RuntimeValue[] arguments) => Behaviour.Observe(module, export, arguments);
}
