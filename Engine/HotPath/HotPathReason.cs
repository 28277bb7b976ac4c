using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>
/// Why a call was not inlined, in the words of reports. What the module itself shows comes first (indirect, imported, recursive); the
/// optimiser's record says the rest, <c>too large: 120 > 50</c> included.
/// </summary>
internal static class HotPathReason
{
    public const string Indirect = "indirect";
    public const string Imported = "imported";
    public const string Recursive = "recursive";
    public const string NotProved = "not proved";

    /// <summary>The optimiser decides about every call of a body that it models: no decision means that it does not model the body.</summary>
    public const string NotModelled = "not modelled";

    /// <summary>The reason for <paramref name="call"/>.</summary>
    public static string Of(WasmCall call, Module module, CallGraph graph, InliningRecord record)
    {
        if (call.Callee is not { } callee)
        {
            return Indirect;
        }

        if (module.Functions[callee.Index].Import is not null)
        {
            return Imported;
        }

        var isCycle = graph.IsRecursive(callee) && graph.ComponentOf(call.Caller) == graph.ComponentOf(callee);
        return isCycle ? Recursive : record.Reason(call.Caller, callee) ?? NotModelled;
    }
}
