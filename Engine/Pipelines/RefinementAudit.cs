using System.Collections.Immutable;
using System.Globalization;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>How two modules are compared.</summary>
public sealed record RefineOptions
{
    /// <summary>The solver's library or program; empty looks for it in the usual places.</summary>
    public string Z3Path { get; init; } = "";

    /// <summary>Exports of both modules that interrupts run; none leaves the modules the handlers that they name themselves.</summary>
    public ImmutableArray<InterruptHandler> Handlers { get; init; } = [];

    /// <summary>Folder that receives every solver query; empty writes none.</summary>
    public string SmtDirectory { get; init; } = "";

    /// <summary>Folder that receives the certificate of each function proved by one; empty writes none.</summary>
    public string CertificateDirectory { get; init; } = "";

    /// <summary>Folder of certificates that are checked instead of searching any; empty searches.</summary>
    public string StoredCertificates { get; init; } = "";
}

/// <summary>What the judge says of two modules.</summary>
/// <param name="AllProved">Whether every function and the module around them is proved.</param>
/// <param name="Lines">One line a function, then one for each failed obligation of the module, then totals.</param>
public sealed record RefineResult(bool AllProved, ImmutableArray<string> Lines);

/// <summary>Asks the judge whether one module refines another, without any hint from whoever made the second.</summary>
public static class RefinementAudit
{
    /// <summary>Compares; null when a module could not be read or no solver was found.</summary>
    public static RefineResult? Compare(InputFile before, InputFile after, RefineOptions options, IDiagnosticSink sink)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        ArgumentNullException.ThrowIfNull(options);
        return PipelineEntry.Run("refinement", after.Path, sink, () =>
        {
            var report = RefinementChecker.Check(InterruptMarking.Binary(before, options.Handlers), InterruptMarking.Binary(after, options.Handlers), new RefinementOptions
            {
                Z3Path = options.Z3Path,
                SmtFolder = options.SmtDirectory.Length == 0 ? null : options.SmtDirectory,
                CertificateFolder = options.CertificateDirectory.Length == 0 ? null : options.CertificateDirectory,
                StoredCertificates = options.StoredCertificates.Length == 0 ? null : options.StoredCertificates,
                BeforeName = before.Path,
                AfterName = after.Path,
            });
            return new RefineResult(report is { Verdict: Verdict.Proved, Proof: not null }, [.. Lines(report)]);
        });
    }

    private static IEnumerable<string> Lines(RefinementReport report)
    {
        foreach (var verdict in report.Functions)
        {
            var how = verdict.Identical ? "identical" : string.Create(
                CultureInfo.InvariantCulture, $"{verdict.Obligations} obligations, {verdict.Syntactic} syntactic, {verdict.Queries} queries");
            yield return $"{verdict.Name}: {Name(verdict.Verdict)}{(verdict.Verdict == Verdict.Proved ? $" ({how})" : ": " + verdict.Reason)}";
            if (verdict.Counterexample is { } counterexample)
            {
                yield return "  " + counterexample.ToString().ReplaceLineEndings("\n  ");
            }
        }

        foreach (var verdict in report.Module.Where(m => m.Verdict != Verdict.Proved))
        {
            yield return $"module: {verdict.What}: {Name(verdict.Verdict)}: {verdict.Reason}";
        }

        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{Name(report.Verdict)}: {report.Functions.Length} functions, {report.Obligations} obligations, {report.Syntactic} syntactic, {report.Queries} queries, largest {report.LargestWork}; {report.SolverVersion}");
    }

    private static string Name(Verdict verdict) => verdict.ToString().ToLowerInvariant();
}
