using System.Text.Json;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Text;
using Pulse.Build.Tests.Support;

namespace Pulse.Build.Tests.Pipelines;

/// <summary>What is not proved is optimised with less, step by step, and the build goes on.</summary>
[TestClass]
public sealed class FallbackTests
{
    private const int A = 1, B = 2, Run = 3;

    /// <summary>Two callees that are small enough to be inlined, and something to fold in each function.</summary>
    private static readonly byte[] _module = ModuleWriter.Write(WatParser.Parse("""
        (module
          (import "h" "put" (func $put (param i32)))
          (func $a (param i32) (call $put (i32.mul (local.get 0) (i32.const 1))))
          (func $b (param i32) (call $put (i32.sub (local.get 0) (i32.const 0))))
          (func $run (export "run") (param i32) (call $a (local.get 0)) (call $b (i32.add (local.get 0) (i32.const 0))) (call $a (i32.const 7)) (call $b (i32.const 8))))
        """, "m.wat"));

    [TestMethod]
    public void The_default_goes_on()
        => Assert.AreEqual(UnprovedPolicy.KeepOriginal, new OptimizeOptions { Module = new InputFile("m.wasm", _module) }.Unproved);

    [TestMethod]
    public void Callees_that_the_obligation_names_are_not_inlined_and_others_are()
    {
        var (result, said) = Optimize((options, f) => Inlines(options, f, A) ? Unknown(f) with { Blamed = [A] } : f);
        Assert.AreEqual("The function 'run' is optimised without inlining 'a', because more could not be proved: the test says so ('loop7 result 0').", Only(said).Message);
        var report = FunctionOf(result, Run);
        Assert.AreEqual("without-callees", report.GetProperty("fallback").GetString());
        Assert.AreEqual("a", report.GetProperty("notInlined")[0].GetString());
        Assert.AreEqual("loop7 result 0", report.GetProperty("obligation").GetString());
        Assert.AreEqual("the test says so", report.GetProperty("reason").GetString());
        Assert.AreEqual("proved", report.GetProperty("verdict").GetString());
        CollectionAssert.AreEqual(new[] { "a", "a" }, CallsIn(result, "run"));
        Assert.AreEqual(1, result.Fallbacks);
    }

    [TestMethod]
    public void Without_a_name_nothing_is_inlined()
    {
        var (result, said) = Optimize((options, f) => Inlines(options, f, A) || Inlines(options, f, B) ? Unknown(f) : f);
        Assert.Contains("is optimised without inlining anything", Only(said).Message);
        Assert.AreEqual("without-inlining", FunctionOf(result, Run).GetProperty("fallback").GetString());
        CollectionAssert.AreEquivalent(new[] { "a", "b", "a", "b" }, CallsIn(result, "run"));
        Assert.IsTrue(FunctionOf(result, Run).GetProperty("changed").GetBoolean(), "its own code is still optimised");
        Assert.AreEqual("not proved", Json(result).RootElement.GetProperty("inlining").EnumerateArray().First(d => d.GetProperty("caller").GetInt32() == Run).GetProperty("reason").GetString());
    }

    [TestMethod]
    public void What_is_never_proved_stays_as_it_was_and_its_callees_do_not()
    {
        var (result, said) = Optimize((_, f) => f.Before == Run && !f.Identical ? Unknown(f) : f);
        Assert.Contains("The function 'run' is kept as it was, because more could not be proved", Only(said).Message);
        Assert.IsTrue(FunctionOf(result, Run).GetProperty("keptOriginal").GetBoolean());
        Assert.IsTrue(FunctionOf(result, A).GetProperty("changed").GetBoolean());
        Assert.AreEqual("none", FunctionOf(result, A).GetProperty("fallback").GetString());
        Assert.AreEqual(1, result.Fallbacks);
        Assert.AreEqual(result.Changed, result.Proved);
    }

    [TestMethod]
    public void One_warning_says_the_last_step_of_a_function_that_took_several()
    {
        var rounds = new List<string>();
        Optimize((options, f) =>
        {
            if (f.Before != Run || f.Identical)
            {
                return f;
            }

            rounds.Add(Inlines(options, f, A) ? "both" : Inlines(options, f, B) ? "b" : "none");
            return Unknown(f) with { Blamed = [A] };
        });
        CollectionAssert.AreEqual(new[] { "both", "b", "none" }, rounds);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_module_that_cannot_be_proved_ships_as_it_came_in(bool whole)
    {
        var (result, said) = Optimize(
            (_, f) => whole ? f : Unknown(f) with { Before = -1 },
            report => whole ? report with { Module = [.. report.Module, new ModuleVerdict("start function", Verdict.Unknown, "the test says so")] } : report);
        Assert.Contains("The module is kept as it was, because more could not be proved: the test says so", Only(said).Message);
        Assert.IsTrue(result.Module.Span.SequenceEqual(_module));
        Assert.AreEqual(0, result.Changed);
        Assert.AreEqual(3, result.Fallbacks);
        Assert.AreEqual("original", FunctionOf(result, A).GetProperty("fallback").GetString());
        Assert.AreEqual("proved", Json(result).RootElement.GetProperty("verdict").GetString());
    }

    /// <summary>Before that, what is dead is kept: then nothing moves, and most of what relates two modules holds by itself.</summary>
    [TestMethod]
    public void A_module_that_is_proved_with_its_dead_parts_keeps_them()
    {
        var dead = ModuleWriter.Write(WatParser.Parse("(module (func $dead) (func (export \"run\") (result i32) (i32.add (i32.const 1) (i32.const 2))))", "m.wat"));
        var (result, said) = Optimize(
            (_, f) => f, report => report with { Module = report.Functions.Length > 0 && report.Functions[0].After == 0
                ? [new ModuleVerdict("memory 0", Verdict.Unknown, "the test says so")] : report.Module }, dead);
        Assert.AreEqual("The module is optimised without removing what is dead, because more could not be proved: the test says so ('memory 0').", Only(said).Message);
        Assert.HasCount(2, ModuleReader.Read(result.Module, "after.wasm").Functions);
        Assert.AreEqual(1, result.Changed);
    }

    [TestMethod]
    public void The_warning_points_to_the_source_of_the_function()
    {
        var module = GoldenFiles.Bytes("hotpath/seam-dwarf5.wasm");
        var (_, said) = Optimize((_, f) => f.Identical ? f : Unknown(f), null, module);
        Assert.IsNotEmpty(said);
        Assert.IsTrue(said.All(d => d.Id == DiagnosticId.PULSE3004 && d.Location.File == "/src/seam.c" && d.Location.Line > 0), string.Join('\n', said));
    }

    [TestMethod]
    public void Refuted_is_an_error_in_a_later_round_too()
    {
        var said = new DiagnosticList();
        var run = new OptimizationRun(new OptimizeOptions { Module = new InputFile("m.wasm", _module) }, said, default)
        {
            Judge = Judge((options, f) => f.Before != Run ? f : Inlines(options, f, A) ? Unknown(f) : f with { Verdict = Verdict.Refuted, Reason = "different" }, null),
        };
        Assert.IsNull(run.Run());
        Assert.AreEqual(DiagnosticId.PULSE3002, said.Single().Id);
    }

    [TestMethod]
    public void Progress_is_told_in_the_same_words_with_any_number_of_threads()
    {
        string[] Once(int threads)
        {
            var lines = new Lines();
            Assert.IsNotNull(WasmOptimizer.Optimize(new OptimizeOptions { Module = new InputFile("m.wasm", _module), Threads = threads, Progress = lines }, new DiagnosticList()));
            return [.. lines.Said];
        }

        CollectionAssert.AreEqual(new[] { "round 1: 1 of 1 functions judged" }, Once(1));
        CollectionAssert.AreEqual(Once(1), Once(4));
    }

    /// <summary>The default build of a valid module gives a module, the same each time, and never an error.</summary>
    [TestMethod]
    public void Generated_modules_are_never_refused()
    {
        var changed = 0;
        for (var seed = 0; seed < 6; seed++)
        {
            var bytes = new byte[60 + (seed * 10)];
            new Random(seed + 3100).NextBytes(bytes);
            var module = new InputFile($"seed{seed}.wasm", ModuleWriter.Write(ModuleGenerator.Generate(bytes)));
            OptimizeResult Once(int threads)
            {
                var said = new DiagnosticList();
                var result = WasmOptimizer.Optimize(new OptimizeOptions { Module = module, Mode = (OptimizeMode)(seed % 3), Threads = threads }, said);
                Assert.IsTrue(said.All(d => d.Id == DiagnosticId.PULSE3004), string.Join('\n', said));
                Assert.IsNotNull(result);
                Assert.AreEqual(result.Changed, result.Proved);
                return result;
            }

            var (first, second) = (Once(1), Once(2));
            Assert.IsTrue(first.Module.Span.SequenceEqual(second.Module.Span), $"seed {seed}");
            Assert.AreEqual(first.ReportJson, second.ReportJson, $"seed {seed}");
            changed += first.Changed;
        }

        Assert.IsGreaterThan(6, changed, "too little was optimised");
    }

    private static FunctionVerdict Unknown(FunctionVerdict verdict)
        => verdict with { Verdict = Verdict.Unknown, Obligation = "loop7 result 0", Reason = "the test says so", Blamed = [] };

    private static bool Inlines(RefinementOptions options, FunctionVerdict verdict, int callee)
        => verdict.Before == Run && options.Witness.Inlined[verdict.After].Contains(callee);

    private static Func<byte[], byte[], RefinementOptions, RefinementReport> Judge(
        Func<RefinementOptions, FunctionVerdict, FunctionVerdict> function, Func<RefinementReport, RefinementReport>? module)
        => (before, after, options) =>
        {
            var report = RefinementChecker.Check(before, after, options);
            report = report with { Functions = [.. report.Functions.Select(f => function(options, f))] };
            return module?.Invoke(report) ?? report;
        };

    private static (OptimizeResult Result, DiagnosticList Said) Optimize(
        Func<RefinementOptions, FunctionVerdict, FunctionVerdict> function, Func<RefinementReport, RefinementReport>? module = null, byte[]? bytes = null)
    {
        var said = new DiagnosticList();
        var run = new OptimizationRun(new OptimizeOptions { Module = new InputFile("m.wasm", bytes ?? _module) }, said, default) { Judge = Judge(function, module) };
        var result = run.Run();
        Assert.IsNotNull(result, string.Join('\n', said));
        return (result, said);
    }

    private static Diagnostic Only(DiagnosticList said)
    {
        Assert.AreEqual(DiagnosticId.PULSE3004, said.Single().Id);
        return said.Single();
    }

    private static JsonDocument Json(OptimizeResult result) => JsonDocument.Parse(result.ReportJson);

    private static JsonElement FunctionOf(OptimizeResult result, int before)
        => Json(result).RootElement.GetProperty("functions").EnumerateArray().Single(f => f.GetProperty("before").GetInt32() == before);

    /// <summary>The defined functions that an export calls, by their names, in the order of the code.</summary>
    private static string[] CallsIn(OptimizeResult result, string export)
    {
        var module = ModuleReader.Read(result.Module, "after.wasm");
        var names = FunctionNames.Of(module);
        var body = module.Functions[module.Exports.Find(e => e.Name == export)!.Index].Body!;
        var calls = new List<FuncIndex>();
        var reader = new InstructionReader(body.Code.Span, body.Offset, "after.wasm");
        while (reader.TryRead(out var instruction))
        {
            if (instruction.Opcode == Opcode.Call)
            {
                calls.Add(new FuncIndex(instruction.A));
            }
        }

        return [.. calls.Where(f => module.Functions[f.Index].Body is not null).Select(f => names[f])];
    }

    private sealed class Lines : IProgress<string>
    {
        public List<string> Said { get; } = [];

        public void Report(string value) => Said.Add(value);
    }
}
