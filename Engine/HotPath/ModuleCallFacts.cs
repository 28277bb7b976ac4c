using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>The facts without an object: every call of the module counts, except those of the hardware interface, which are instructions.</summary>
internal sealed class ModuleCallFacts(Module module, string path) : ICallFacts
{
    private const string Hardware = "pulse:hal/";

    public IReadOnlyList<WasmCall> Surviving(FuncIndex caller) =>
        [.. WasmCalls.In(module, caller, path).Where(call => call.Callee is not { } callee || !IsHardware(callee))];

    public int Cycles(WasmCall call, IReadOnlyList<FuncIndex> targets) =>
        CallCycles.Estimate(call.Callee is { } callee ? module.TypeOf(callee) : module.Types[call.Type.Index], call.Callee is null);

    private bool IsHardware(FuncIndex callee) =>
        module.Functions[callee.Index].Import is { } import && import.Module.StartsWith(Hardware, StringComparison.Ordinal);
}
