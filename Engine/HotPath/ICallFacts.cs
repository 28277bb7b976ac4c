using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>What is known of calls in the code that ships.</summary>
internal interface ICallFacts
{
    /// <summary>The calls of <paramref name="caller"/> that are there, in the order of the module's code.</summary>
    IReadOnlyList<WasmCall> Surviving(FuncIndex caller);

    /// <summary>Estimated cycles of one execution of <paramref name="call"/>, without the work of the callee.</summary>
    /// <param name="call">The call.</param>
    /// <param name="targets">The functions that an indirect call may reach.</param>
    int Cycles(WasmCall call, IReadOnlyList<FuncIndex> targets);
}
