using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Simulation.Search;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>
/// One optimisation: passes, then the judge on the bytes; again with less, as <see cref="FallbackLadder"/> says, until all is proved. What ships
/// is a module with a report that proves the whole of it, or the module that came in.
/// </summary>
internal sealed class OptimizationRun(OptimizeOptions options, IDiagnosticSink sink, CancellationToken cancellation)
{
    private const int ProgressStep = 100;

    /// <summary>Who decides; tests put another judge in its place.</summary>
    public Func<byte[], byte[], RefinementOptions, RefinementReport> Judge { get; init; } = RefinementChecker.Check;

    /// <summary>Optimises; null when an error was reported.</summary>
    public OptimizeResult? Run()
    {
        var path = options.Module.Path;
        var input = ShadowStackCheck.Apply(InterruptMarking.Apply(options.Module, options.Handlers), options.ProvenanceJson, options.Handlers);
        var before = ModuleLoading.Load(input);
        var original = ModuleLoading.Binary(input);
        InterruptSection.Read(before, path);
        var names = FunctionNames.Of(before);
        OptimizerInputs.CheckNames(options, before, names, sink);
        var marks = InlineHints.Read(before, path);
        foreach (var message in marks.Diagnostics)
        {
            sink.Report(message);
        }

        var messages = new ProofMessages(before, path, sink);
        var ladder = new FallbackLadder(names);
        var dump = OptimizerInputs.Dump(options);
        var history = new ProofHistory();
        for (var round = 1; ; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var optimized = ProgramOptimizer.Optimize(before, OptimizerInputs.Settings(options, ladder), marks, dump);
            Validator.Require(optimized.Module, "optimised");
            if (round == 1)
            {
                ReportRedZones(optimized, names);
                messages.ReportStuckLoops(optimized.StuckLoops, names);
            }

            var bytes = ModuleWriter.Write(optimized.Module);
            if (options.Verify == VerifyLevel.Off)
            {
                return Result(bytes, optimized, null, names, ladder);
            }

            var report = Judge(original, bytes, Questions(before, optimized, round) with { History = history });
            if (report.Verdict == Verdict.Refuted)
            {
                messages.ReportRefuted(report);
                return null;
            }

            if (report is { Verdict: Verdict.Proved, Proof: not null })
            {
                messages.ReportFallbacks(ladder, names);
                return Result(bytes, optimized, report, names, ladder);
            }

            if (options.Unproved == UnprovedPolicy.Error)
            {
                messages.ReportUnproved(report);
                return null;
            }

            ladder.Descend(report, optimized);
            if (ladder.KeepsModule)
            {
                messages.ReportFallbacks(ladder, names);
                var functions = Enumerable.Range(0, before.Functions.Count).Where(i => before.Functions[i].Body is not null);
                return Result(original, OptimizedModule.Untouched(before) with { Interrupts = optimized.Interrupts }, report.OfUntouched(functions.Select(i => (i, names[new FuncIndex(i)]))), names, ladder);
            }
        }
    }

    /// <summary>What an interrupt would overwrite on the chip is the program's own mistake: it is said, and built.</summary>
    private void ReportRedZones(OptimizedModule optimized, FunctionNames names)
    {
        foreach (var sharing in optimized.Interrupts)
        {
            foreach (var (function, global) in sharing.BelowStack)
            {
                sink.Report(Diagnostic.Create(DiagnosticId.PULSE3006, new Location(options.Module.Path), names[new FuncIndex(function)], global, sharing.Handler.Export));
            }
        }
    }

    private RefinementOptions Questions(Module before, OptimizedModule optimized, int round) => new()
    {
        Witness = RefinementWitness.Of(optimized.Origins, optimized.Inlined) with
        {
            Memories = Kept(optimized.Indices, IndexSpace.Memory, before.Memories.Count),
            Tables = Kept(optimized.Indices, IndexSpace.Table, before.Tables.Count),
        },
        Z3Path = options.Z3Path,
        SmtFolder = options.SmtDirectory.Length == 0 ? null : options.SmtDirectory,
        CertificateFolder = options.CertificateDirectory.Length == 0 ? null : options.CertificateDirectory,
        Threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount,
        BeforeName = options.Module.Path,
        AfterName = options.Module.Path,
        Cancellation = cancellation,
        Progress = options.Progress is not { } progress ? null : (done, all) =>
        {
            if (done % ProgressStep == 0 || done == all)
            {
                progress.Report($"round {round}: {done} of {all} functions judged");
            }
        },
    };

    private static ImmutableDictionary<int, int> Kept(IndexMaps maps, IndexSpace space, int count)
        => Enumerable.Range(0, count).Where(i => maps.MapOrRemoved(space, i) >= 0).ToImmutableDictionary(i => i, i => maps.Map(space, i));

    private OptimizeResult Result(byte[] bytes, OptimizedModule optimized, RefinementReport? report, FunctionNames names, FallbackLadder ladder)
    {
        var changed = report?.Functions.Count(f => !f.Identical) ?? optimized.Changed;
        var proved = report?.Functions.Count(f => !f.Identical && f.Verdict == Verdict.Proved) ?? 0;
        var provenance = options.ProvenanceJson is { } fused ? ProvenanceRenumbering.Apply(fused, optimized.Origins, options.Module.Path) : null;
        var interrupts = InterruptFacts.Of(optimized.Interrupts, options.ProvenanceJson, names, options.Module.Path);
        return new OptimizeResult(bytes, provenance, OptimizerReport.Write(optimized, report, names, ladder, interrupts), changed, proved)
        {
            Fallbacks = ladder.KeepsModule ? report!.Functions.Length : ladder.Functions.Count,
            Interrupts = [.. interrupts.Select(facts => facts.ToString())],
        };
    }
}
