using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>A call that survives on a hot path.</summary>
/// <param name="Call">The call.</param>
/// <param name="Entry">The export from which the path starts.</param>
/// <param name="Path">The functions from the entry to the caller, both included.</param>
/// <param name="LoopDepth">Loops around the call, those around the calls on the path included.</param>
/// <param name="Reason">Why it was not inlined.</param>
/// <param name="Cycles">Estimated cycles of one call.</param>
/// <param name="Targets">Of an indirect call: the functions of the called type in the table.</param>
/// <param name="TargetsKnown">Whether there can be no other target.</param>
internal sealed record HotPathFinding(
    WasmCall Call,
    string Entry,
    ImmutableArray<FuncIndex> Path,
    int LoopDepth,
    string Reason,
    int Cycles,
    ImmutableArray<FuncIndex> Targets,
    bool TargetsKnown);
