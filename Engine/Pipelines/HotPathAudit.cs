using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.HotPath;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>Stage 4: which calls survive on a hot path, why, and what they cost.</summary>
public static class HotPathAudit
{
    /// <summary>Checks; null when the inputs could not be read.</summary>
    public static AuditResult? Check(AuditOptions options, IDiagnosticSink sink, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sink);
        return PipelineEntry.Run("the hot-path check", options.Module.Path, sink, () => Run(options, sink, cancellation));
    }

    private static AuditResult Run(AuditOptions options, IDiagnosticSink sink, CancellationToken cancellation)
    {
        var path = options.Module.Path;
        var module = ModuleReader.Read(options.Module.Bytes, path);
        Validator.Validate(module, path);
        cancellation.ThrowIfCancellationRequested();
        var titles = new FunctionTitles(module);
        var record = InliningRecord.Read(options.OptimizerReportJson, path);
        var checker = new HotPathChecker(module, Facts(options, module), record, titles);
        var findings = checker.Check(options.Entries, options.Allowed);
        cancellation.ThrowIfCancellationRequested();
        var positions = CodePositions.Read(module, path);
        foreach (var message in positions.Diagnostics)
        {
            sink.Report(message);
        }

        ImmutableArray<SurvivingCall> calls = [.. findings.Select(finding => Describe(finding, titles, positions, path))];
        Report(calls, options.Severity, sink);
        foreach (var shared in checker.Shared(path, options.Entries))
        {
            sink.Report(Diagnostic.Create(DiagnosticId.PULSE5005, new Location(path), shared.Entry, shared.Accesses, titles.Of(shared.Function), shared.Unbounded));
        }

        return new AuditResult(calls, HotPathSarif.Write(calls, options.Severity)) { Text = HotPathText.Write(calls) };
    }

    /// <summary>What the object says; without one, or with the module in its place, every call of the module counts.</summary>
    private static ICallFacts Facts(AuditOptions options, Module module)
    {
        var (path, machineCode) = (options.Module.Path, options.Object.Bytes);
        if (options.Object.Path.Length == 0 || machineCode.Span.SequenceEqual(options.Module.Bytes.Span))
        {
            return new ModuleCallFacts(module, path);
        }

        var read = ElfReader.ReadObject(machineCode, options.Object.Path);
        return new ObjectCallFacts(module, path, read, ObjectSymbols.Of(module, read));
    }

    private static SurvivingCall Describe(HotPathFinding finding, FunctionTitles titles, CodePositions positions, string path)
    {
        var call = finding.Call;
        var location = positions.At(call.Offset) is { } source
            ? new Location(source.File, source.Line, source.Column)
            : Location.AtOffset(path, call.Offset);
        ImmutableArray<string> targets = [.. finding.Targets.Select(titles.Of)];
        var callee = call.Callee is { } direct ? titles.Of(direct) : Table(call, targets, finding.TargetsKnown);
        return new SurvivingCall(finding.Entry, titles.Of(call.Caller), callee, finding.Reason, finding.Cycles, call.LoopDepth, location)
        {
            Path = [.. finding.Path.Select(titles.Of)],
            PathLoopDepth = finding.LoopDepth,
            Targets = targets,
        };
    }

    /// <summary><c>table[0]: tick, rx</c>, with dots when the table may hold others.</summary>
    private static string Table(WasmCall call, ImmutableArray<string> targets, bool isKnown)
    {
        var listed = isKnown ? targets : targets.Add("…");
        return listed.IsEmpty ? FunctionTitles.OfTable(call.Table) : $"{FunctionTitles.OfTable(call.Table)}: {string.Join(", ", listed)}";
    }

    private static void Report(ImmutableArray<SurvivingCall> calls, HotPathSeverity severity, IDiagnosticSink sink)
    {
        if (severity == HotPathSeverity.None)
        {
            return;
        }

        foreach (var call in calls)
        {
            var diagnostic = Diagnostic.Create(
                DiagnosticId.PULSE5001, call.Location, call.Caller, call.Callee, call.Entry, call.Reason, call.Cycles, HotPathText.Route(call));
            sink.Report(diagnostic with { Severity = severity == HotPathSeverity.Error ? Severity.Error : Severity.Warning });
        }
    }
}
