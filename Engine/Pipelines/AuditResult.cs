using System.Collections.Immutable;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>What <see cref="HotPathAudit"/> found. Its severity is for the caller to act on: the result exists either way.</summary>
/// <param name="Calls">Surviving calls, those in loops first.</param>
/// <param name="Sarif">The same as SARIF 2.1.0.</param>
public sealed record AuditResult(ImmutableArray<SurvivingCall> Calls, string Sarif)
{
    /// <summary>The same for people.</summary>
    public string Text { get; init; } = "";
}

/// <summary>A call on a hot path.</summary>
/// <param name="Entry">Export from which the path starts.</param>
/// <param name="Caller">Function with the call.</param>
/// <param name="Callee">Function that is called, or the table of an indirect call with what it may hold.</param>
/// <param name="Reason">Why it was not inlined.</param>
/// <param name="Cycles">Estimated cost of one call.</param>
/// <param name="LoopDepth">Loops around the call in its caller.</param>
/// <param name="Location">Where the source has it, or the module.</param>
public sealed record SurvivingCall(
    string Entry, string Caller, string Callee, string Reason, int Cycles, int LoopDepth, Location Location)
{
    /// <summary>The functions from the entry to the caller, both included.</summary>
    public ImmutableArray<string> Path { get; init; } = [];

    /// <summary>Loops around the call, those around the calls on the path included.</summary>
    public int PathLoopDepth { get; init; }

    /// <summary>Of an indirect call: the functions of the called type in the table.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];
}
