using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Simulation.Search;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>One optimisation: passes, then the judge on the bytes; again with the unproved functions frozen when the project asks for that.</summary>
internal sealed class OptimizationRun(OptimizeOptions options, IDiagnosticSink sink, CancellationToken cancellation)
{
    /// <summary>Who decides; tests put another judge in its place.</summary>
    public Func<byte[], byte[], RefinementOptions, RefinementReport> Judge { get; init; } = RefinementChecker.Check;

    /// <summary>Optimises; null when an error was reported.</summary>
    public OptimizeResult? Run()
    {
        var path = options.Module.Path;
        var before = ModuleLoading.Load(options.Module);
        var original = ModuleLoading.Binary(options.Module);
        var names = FunctionNames.Of(before);
        CheckNames(before, names);
        var marks = InlineHints.Read(before, path);
        foreach (var message in marks.Diagnostics)
        {
            sink.Report(message);
        }

        var frozen = ImmutableHashSet<int>.Empty;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var optimized = ProgramOptimizer.Optimize(before, Settings(frozen), marks, Dump());
            Validator.Require(optimized.Module, "optimised");
            var bytes = ModuleWriter.Write(optimized.Module);
            if (options.Verify == VerifyLevel.Off)
            {
                return Result(bytes, optimized, null, names, frozen);
            }

            var report = Judge(original, bytes, RefinementOptionsFor(before, optimized, path));
            if (ReportRefuted(report))
            {
                return null;
            }

            var unproved = report.Functions.Where(f => f.Verdict == Verdict.Unknown).ToArray();
            var kept = unproved.Where(f => f.Before >= 0).Select(f => f.Before).Except(frozen).ToArray();
            if (report.Verdict == Verdict.Proved)
            {
                return Result(bytes, optimized, report, names, frozen);
            }

            if (options.Unproved == UnprovedPolicy.Error || kept.Length == 0)
            {
                ReportUnproved(report);
                return null;
            }

            foreach (var verdict in unproved)
            {
                sink.Report(Diagnostic.Create(DiagnosticId.PULSE3004, new Location(path), verdict.Name, verdict.Reason));
            }

            frozen = frozen.Union(kept);
        }
    }

    /// <summary>A name that means nothing is a slip of the pen that nobody would notice.</summary>
    private void CheckNames(Module before, FunctionNames names)
    {
        var all = Enumerable.Range(0, before.Functions.Count).Select(FuncIndex.FromIndex).ToArray();
        foreach (var said in options.InlineFunctions.Where(said => !all.Any(f => names.IsMeant(f, ImmutableHashSet.Create(said)))))
        {
            sink.Report(Diagnostic.Create(DiagnosticId.PULSE3005, Location.None, said));
        }

        var (pass, function) = options.DumpIr.Split(':', 2) is [var first, var rest] ? (first, rest) : (options.DumpIr, "");
        if (pass.Length > 0 && pass != "all" && !Passes.Pipelines.Names.Contains(pass))
        {
            throw new DiagnosticException(DiagnosticId.PULSE0004, Location.None, options.DumpIr, "PulseDumpIr", $"all or a pass: {string.Join(", ", Passes.Pipelines.Names)}");
        }

        if (function.Length > 0 && !all.Any(f => names[f] == function))
        {
            throw new DiagnosticException(DiagnosticId.PULSE0004, Location.None, options.DumpIr, "PulseDumpIr", $"'{pass}' or '{pass}:' with the name of a function");
        }
    }

    private OptimizerSettings Settings(ImmutableHashSet<int> frozen) => new()
    {
        Goal = options.Mode switch { OptimizeMode.Size => Goal.Size, OptimizeMode.Speed => Goal.Speed, _ => Goal.Balanced },
        Inline = options.Inline,
        InlineFunctions = [.. options.InlineFunctions],
        HotExports = [.. options.HotPathEntries],
        Frozen = frozen,
    };

    private RefinementOptions RefinementOptionsFor(Module before, OptimizedModule optimized, string path)
    {
        var after = optimized.Origins.Select((origin, index) => (origin, index)).ToImmutableDictionary(p => p.origin, p => p.index);
        var inlined = optimized.Inlined
            .Where(pair => after.ContainsKey(pair.Caller))
            .GroupBy(pair => after[pair.Caller])
            .ToImmutableDictionary(group => group.Key, group => Closure(group.Select(p => p.Callee), optimized.Inlined));
        return new RefinementOptions
        {
            Witness = new RefinementWitness
            {
                Functions = after,
                Inlined = inlined,
                Memories = Kept(optimized.Indices, IndexSpace.Memory, before.Memories.Count),
                Tables = Kept(optimized.Indices, IndexSpace.Table, before.Tables.Count),
            },
            Z3Path = options.Z3Path,
            SmtFolder = options.SmtDirectory.Length == 0 ? null : options.SmtDirectory,
            BeforeName = path,
            AfterName = path,
        };
    }

    private static ImmutableDictionary<int, int> Kept(IndexMaps maps, IndexSpace space, int count)
        => Enumerable.Range(0, count).Where(i => maps.MapOrRemoved(space, i) >= 0).ToImmutableDictionary(i => i, i => maps.Map(space, i));

    /// <summary>The callees with what was inlined into them: bodies arrive with what they had taken in.</summary>
    private static ImmutableArray<int> Closure(IEnumerable<int> callees, IReadOnlyList<(int Caller, int Callee)> inlined)
    {
        var all = new SortedSet<int>(callees);
        for (var count = 0; count != all.Count;)
        {
            count = all.Count;
            all.UnionWith(inlined.Where(pair => all.Contains(pair.Caller)).Select(pair => pair.Callee).ToArray());
        }

        return [.. all];
    }

    private bool ReportRefuted(RefinementReport report)
    {
        foreach (var verdict in report.Functions.Where(f => f.Verdict == Verdict.Refuted))
        {
            sink.Report(Diagnostic.Create(DiagnosticId.PULSE3002, new Location(options.Module.Path), verdict.Name, verdict.Counterexample?.ToString() ?? verdict.Reason));
        }

        foreach (var verdict in report.Module.Where(m => m.Verdict == Verdict.Refuted))
        {
            sink.Report(Diagnostic.Create(DiagnosticId.PULSE3002, new Location(options.Module.Path), verdict.What, verdict.Reason));
        }

        return report.Verdict == Verdict.Refuted;
    }

    private void ReportUnproved(RefinementReport report)
    {
        foreach (var verdict in report.Functions.Where(f => f.Verdict == Verdict.Unknown))
        {
            sink.Report(Diagnostic.Create(DiagnosticId.PULSE3003, new Location(options.Module.Path), verdict.Name, verdict.Reason));
        }

        foreach (var verdict in report.Module.Where(m => m.Verdict == Verdict.Unknown))
        {
            sink.Report(Diagnostic.Create(DiagnosticId.PULSE3003, new Location(options.Module.Path), verdict.What, verdict.Reason));
        }
    }

    private OptimizeResult Result(byte[] bytes, OptimizedModule optimized, RefinementReport? report, FunctionNames names, ImmutableHashSet<int> frozen)
    {
        var json = OptimizerReport.Write(optimized, report, names, frozen);
        var changed = report?.Functions.Count(f => !f.Identical) ?? optimized.Changed;
        var proved = report?.Functions.Count(f => !f.Identical && f.Verdict == Verdict.Proved) ?? 0;
        var provenance = options.ProvenanceJson is { } fused ? ProvenanceRenumbering.Apply(fused, optimized.Origins, options.Module.Path) : null;
        return new OptimizeResult(bytes, provenance, json, changed, proved, changed - proved + frozen.Count);
    }

    private Action<string, Function>? Dump()
    {
        if (options.DumpIr.Length == 0 || options.DumpDirectory.Length == 0)
        {
            return null;
        }

        var wanted = options.DumpIr.Split(':', 2);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        return (pass, function) =>
        {
            if ((wanted[0] == "all" || wanted[0] == pass) && (wanted.Length == 1 || wanted[1] == function.Name))
            {
                var folder = Path.Combine(options.DumpDirectory, string.Concat(function.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_')));
                var number = counts[folder] = counts.GetValueOrDefault(folder) + 1;
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, $"{number:D2}-{pass}.ssa"), IrPrinter.Print(function));
            }
        };
    }
}
