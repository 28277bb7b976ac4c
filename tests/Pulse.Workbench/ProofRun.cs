using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Workbench;

/// <summary>One module optimised in one mode, without proofs and with: times, counts and what was given up.</summary>
internal sealed partial record ProofRun(string File, OptimizeMode Mode, TimeSpan Optimising, TimeSpan Proving)
{
    /// <summary>The first line of the table.</summary>
    public const string Columns = "file,mode,bytes,bytes after,optimising ms,proving ms,ratio,changed,proved,with less,kept,refuted,failed";

    /// <summary>Size of the module before.</summary>
    public int Before { get; private init; }

    /// <summary>Size of the module after; 0 when there is none.</summary>
    public int After { get; private init; }

    /// <summary>Changed functions of the result.</summary>
    public int Changed { get; private init; }

    /// <summary>Of them, proved ones.</summary>
    public int Proved { get; private init; }

    /// <summary>Functions with less optimisation.</summary>
    public int Fallbacks { get; private init; }

    /// <summary>Of them, those without any.</summary>
    public int Kept { get; private init; }

    /// <summary>Functions that the optimiser wanted to change.</summary>
    public int Attempted => Changed + Kept;

    /// <summary>Whether there is no result.</summary>
    public bool Failed { get; private init; }

    /// <summary>Whether anything was refuted.</summary>
    public bool IsRefuted { get; private init; }

    /// <summary>A line for each error and for each function with less.</summary>
    public List<string> Reasons { get; private init; } = [];

    /// <summary>The reasons of fallbacks without numbers and names, to be counted.</summary>
    public List<string> Kinds { get; private init; } = [];

    /// <summary>How many times what optimising takes proving takes.</summary>
    public double Ratio => Proving / Optimising;

    /// <summary>One line for people.</summary>
    public string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{File} {Mode}: {Before} -> {After} bytes, optimising {Optimising.TotalMilliseconds:0.0} ms, proving {Proving.TotalMilliseconds:0.0} ms ({Ratio:0.0}x), {Changed} changed, {Proved} proved, {Fallbacks} with less{(Failed ? ", FAILED" : "")}");

    /// <summary>One line of the table.</summary>
    public string Row => string.Create(
        CultureInfo.InvariantCulture,
        $"{File},{Mode},{Before},{After},{Optimising.TotalMilliseconds:0.00},{Proving.TotalMilliseconds:0.00},{Ratio:0.00},{Changed},{Proved},{Fallbacks},{Kept},{(IsRefuted ? 1 : 0)},{(Failed ? 1 : 0)}");

    /// <summary>Runs both.</summary>
    public static ProofRun Of(OptimizeOptions options)
    {
        var said = new DiagnosticList();
        var plain = Timed(() => WasmOptimizer.Optimize(options with { Verify = VerifyLevel.Off }, new DiagnosticList()), out _);
        OptimizeResult? result = null;
        var whole = Timed(() => result = WasmOptimizer.Optimize(options, said), out var defect);
        var run = new ProofRun(options.Module.Path, options.Mode, plain, whole > plain ? whole - plain : TimeSpan.Zero)
        {
            Before = options.Module.Bytes.Length,
            Failed = result is null,
            IsRefuted = said.Any(d => d.Id == DiagnosticId.PULSE3002),
            Reasons = [.. said.Where(d => d.Severity == Severity.Error).Select(d => d.ToString())],
        };
        if (defect is not null)
        {
            run.Reasons.Add(defect);
        }

        return result is null ? run : run.With(result);
    }

    private ProofRun With(OptimizeResult result)
    {
        using var report = JsonDocument.Parse(result.ReportJson);
        var fallbacks = report.RootElement.TryGetProperty("fallbacks", out var list) ? list.EnumerateArray().ToList() : [];
        foreach (var fallback in fallbacks)
        {
            string Of(string property) => fallback.GetProperty(property).GetString()!;
            Reasons.Add($"{Of("name")}: {Of("fallback")}: {Of("obligation")}: {Of("reason")}");
            Kinds.Add(Numbers().Replace($"{(Of("obligation").Length > 0 ? Of("obligation") : Of("reason"))}", "N"));
        }

        return this with
        {
            After = result.Module.Length,
            Changed = result.Changed,
            Proved = result.Proved,
            Fallbacks = result.Fallbacks,
            Kept = result.Fallbacks - fallbacks.Count(f => f.GetProperty("fallback").GetString() != "original"),
        };
    }

    [GeneratedRegex(@"\d+|'[^']*'")]
    private static partial Regex Numbers();

    /// <summary>The processor time of this process while <paramref name="work"/> is done; what it throws is a text, and the next file has its turn.</summary>
    private static TimeSpan Timed(Action work, out string? defect)
    {
        GC.Collect();
        defect = null;
        var before = Environment.CpuUsage.TotalTime;
        try
        {
            work();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            defect = $"{e.GetType().Name}: {e.Message}";
            Console.Error.WriteLine(e);
        }

        return Environment.CpuUsage.TotalTime - before;
    }
}
