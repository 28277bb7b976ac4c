using System.Text;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Tests.HotPath;

/// <summary>An audit of a module in text form; without an object, every call of the module counts.</summary>
internal sealed class Audit
{
    private Audit(AuditResult? result, DiagnosticList diagnostics) => (Result, Diagnostics) = (result, diagnostics);

    public AuditResult? Result { get; }

    public DiagnosticList Diagnostics { get; }

    /// <summary>The surviving calls as <c>caller->callee: reason</c>.</summary>
    public string[] Calls => [.. Result!.Calls.Select(call => $"{call.Caller}->{call.Callee}: {call.Reason}")];

    public static Audit OfText(
        string wat, string[] entries, string report = "{}", string[]? allowed = null, HotPathSeverity severity = HotPathSeverity.Warning) =>
        Of(ModuleWriter.Write(WatParser.Parse(wat, "in.wat")), entries, report, allowed, severity);

    public static Audit Of(
        byte[] module, string[] entries, string report = "{}", string[]? allowed = null, HotPathSeverity severity = HotPathSeverity.Warning,
        byte[]? machineCode = null)
    {
        var diagnostics = new DiagnosticList();
        var options = new AuditOptions
        {
            Module = new InputFile("obj/optimized.wasm", module),
            Object = new InputFile(machineCode is null ? "" : "obj/firmware.o", machineCode),
            OptimizerReportJson = report,
            Entries = [.. entries],
            Allowed = [.. allowed ?? []],
            Severity = severity,
        };
        return new Audit(HotPathAudit.Check(options, diagnostics), diagnostics);
    }

    /// <summary>A report that gives <paramref name="reason"/> for calls between two functions.</summary>
    public static string ReportOf(int caller, int callee, string reason)
    {
        var text = new StringBuilder("{\"schema\": 1, \"functions\": [], \"origins\": [");
        text.Append("], \"inlining\": [{\"caller\": ").Append(caller).Append(", \"callee\": ").Append(callee);
        return text.Append(", \"inlined\": false, \"reason\": \"").Append(reason).Append("\"}]}").ToString();
    }
}
