using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Workbench;

/// <summary>
/// What proving takes beside optimising, and how much is proved: each file in each mode, once without proofs and once with, in one thread, by the
/// processor time of this process. One line a run as it ends, a table of values separated by commas, totals at the end.
/// </summary>
internal static class ProveCommand
{
    private const int SlowestShown = 5;

    public static Command[] All { get; } =
    [
        new("prove [--mode size|speed|balanced|all] [--unproved keep-original|error] [--table OUT.csv] [--limit N] [--z3 PATH] FILE…",
            ModuleCommands.Set("--mode", "--unproved", "--table", "--limit", "--z3"), ModuleCommands.Set("--progress"), Prove),
    ];

    private static int Prove(Arguments arguments)
    {
        OptimizeMode[] modes = arguments.Get("--mode") == "all" ? Enum.GetValues<OptimizeMode>() : [arguments.Choice("--mode", OptimizeMode.Balanced)];
        var unproved = arguments.Choice("--unproved", UnprovedPolicy.KeepOriginal);
        var limit = int.TryParse(arguments.Get("--limit", "0"), CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException("--limit needs a number");
        var files = Spread(arguments.Positional, limit);
        if (files.Count == 0)
        {
            throw new UsageException("no file given");
        }

        OptimizeOptions Options(string file, OptimizeMode mode) => new()
        {
            Module = Arguments.Read(file),
            Mode = mode,
            Unproved = unproved,
            Threads = 1,
            Z3Path = arguments.Get("--z3"),
            Progress = arguments.Has("--progress") ? new ProgressLines(file) : null,
        };

        // What the first files take would else be the compiler's time and not theirs: of the judge, which some files hardly use, as well as of the optimiser.
        foreach (var (file, mode) in files.Take(3).SelectMany(file => modes.Select(mode => (file, mode))))
        {
            WasmOptimizer.Optimize(Options(file, mode), new DiagnosticList());
        }

        using var table = arguments.Has("--table") ? new StreamWriter(arguments.Get("--table")) : null;
        table?.WriteLine(ProofRun.Columns);
        var runs = new List<ProofRun>();
        foreach (var file in files)
        {
            foreach (var mode in modes)
            {
                var run = ProofRun.Of(Options(file, mode));
                runs.Add(run);
                table?.WriteLine(run.Row);
                table?.Flush();
                Console.WriteLine(run.Line);
                run.Reasons.ForEach(reason => Console.WriteLine("  " + reason));
            }
        }

        Totals(runs);
        return runs.Exists(run => run.Failed) ? 1 : 0;
    }

    /// <summary>So many of the files, from all over the list; 0 takes all.</summary>
    private static List<string> Spread(List<string> files, int limit)
        => limit <= 0 || files.Count <= limit ? files : [.. Enumerable.Range(0, limit).Select(i => files[(int)((long)i * files.Count / limit)])];

    private static void Totals(List<ProofRun> runs)
    {
        var (changed, fallbacks) = (runs.Sum(r => r.Attempted), runs.Sum(r => r.Fallbacks));
        var (optimise, prove) = (runs.Sum(r => r.Optimising.TotalMilliseconds), runs.Sum(r => r.Proving.TotalMilliseconds));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {runs.Count} runs: {runs.Count(r => r.Failed)} failed, {runs.Count(r => r.IsRefuted)} refuted
            functions: {changed} to change, {fallbacks} with less ({100.0 * fallbacks / Math.Max(1, changed):0.00} %)
            processor time: optimising {optimise / 1000:0.00} s, proving {prove / 1000:0.00} s, ratio {prove / Math.Max(1e-9, optimise):0.00}
            """));
        Show("largest ratios", runs.OrderByDescending(r => r.Ratio));
        Show("slowest", runs.OrderByDescending(r => r.Proving));
        Console.WriteLine("why functions have less:");
        foreach (var reason in runs.SelectMany(r => r.Kinds).GroupBy(kind => kind, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
        {
            Console.WriteLine($"  {reason.Count()} {reason.Key}");
        }
    }

    private static void Show(string what, IEnumerable<ProofRun> runs)
    {
        Console.WriteLine(what + ":");
        foreach (var run in runs.Take(SlowestShown))
        {
            Console.WriteLine("  " + run.Line);
        }
    }
}
