using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Says what the judge found, at the source position of the function where the module knows it.</summary>
internal sealed class ProofMessages(Module module, string path, IDiagnosticSink sink)
{
    private CodePositions? _positions;

    /// <summary>Every function, and everything of the module, that is refuted.</summary>
    public void ReportRefuted(RefinementReport report)
    {
        foreach (var verdict in report.Functions.Where(f => f.Verdict == Verdict.Refuted))
        {
            Report(DiagnosticId.PULSE3002, verdict.Before, verdict.Name, verdict.Counterexample?.ToString() ?? verdict.Reason);
        }

        ReportModule(report, Verdict.Refuted, DiagnosticId.PULSE3002);
    }

    /// <summary>Every function, and everything of the module, that is not proved, as errors.</summary>
    public void ReportUnproved(RefinementReport report)
    {
        foreach (var verdict in report.Functions.Where(f => f.Verdict == Verdict.Unknown))
        {
            Report(DiagnosticId.PULSE3003, verdict.Before, verdict.Name, verdict.Reason);
        }

        ReportModule(report, Verdict.Unknown, DiagnosticId.PULSE3003);
    }

    /// <summary>What was given up: of the module, or else of each function.</summary>
    public void ReportFallbacks(FallbackLadder ladder, Passes.FunctionNames names)
    {
        if (ladder.Module is { } whole)
        {
            Report(DiagnosticId.PULSE3004, -1, "The module", whole.Text, whole.Why);
        }

        foreach (var fallback in ladder.KeepsModule ? [] : ladder.Functions)
        {
            Report(DiagnosticId.PULSE3004, fallback.Function, $"The function '{names[new FuncIndex(fallback.Function)]}'", fallback.Text, fallback.Why);
        }
    }

    /// <summary>Loops that wait for what nobody changes, at their own line where it is known.</summary>
    public void ReportStuckLoops(IEnumerable<(int Function, int Offset)> loops, Passes.FunctionNames names)
    {
        foreach (var (function, offset) in loops)
        {
            ReportAt(DiagnosticId.PULSE3007, function, offset, names[new FuncIndex(function)]);
        }
    }

    private void ReportModule(RefinementReport report, Verdict verdict, DiagnosticId id)
    {
        foreach (var failed in report.Module.Where(m => m.Verdict == verdict))
        {
            Report(id, -1, failed.What, failed.Reason);
        }
    }

    private void Report(DiagnosticId id, int function, params object[] arguments) => ReportAt(id, function, -1, arguments);

    private void ReportAt(DiagnosticId id, int function, int offset, params object[] arguments)
    {
        _positions ??= CodePositions.Read(module, path);
        var position = function < 0 ? null : (offset < 0 ? null : _positions.At(offset)) ?? _positions.OfFunction(function);
        var location = position is { } source ? new Location(source.File, source.Line, source.Column) : new Location(path);
        sink.Report(Diagnostic.Create(id, location, arguments));
    }
}
