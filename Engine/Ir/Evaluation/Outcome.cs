using System.Collections.Immutable;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>How a call ended.</summary>
internal enum OutcomeKind
{
    Returned,
    Trapped,

    /// <summary>The fuel was used up: nothing is known about the rest.</summary>
    OutOfFuel,

    /// <summary>The call waits without a limit in time, and nobody is there to notify it.</summary>
    WaitsForever,

    /// <summary>The call reached something that the evaluator does not run: nothing is known about the rest.</summary>
    NotModelled,
}

/// <summary>How a call ended, and with what.</summary>
/// <param name="Kind">How.</param>
/// <param name="Results">The results of a call that returned.</param>
/// <param name="Trap">Why a call trapped.</param>
internal sealed record Outcome(OutcomeKind Kind, ImmutableArray<RuntimeValue> Results, TrapKind Trap = TrapKind.None)
{
    /// <summary>Whether the call returned.</summary>
    public bool Returned => Kind == OutcomeKind.Returned;

    public override string ToString() => Kind switch
    {
        OutcomeKind.Returned => $"returned ({string.Join(", ", Results.Select(value => $"{value.Type} 0x{value.AsV128:x}"))})",
        OutcomeKind.Trapped => $"trapped: {Trap}",
        _ => Kind.ToString(),
    };
}

/// <summary>Code trapped. Host functions and call handlers throw it to trap.</summary>
internal sealed class TrapException(TrapKind kind) : Exception($"trap: {kind}")
{
    /// <summary>Why.</summary>
    public TrapKind Kind => kind;
}

/// <summary>A run is given up without an outcome.</summary>
internal sealed class EvaluationStoppedException(OutcomeKind kind) : Exception($"evaluation stopped: {kind}")
{
    /// <summary>Why.</summary>
    public OutcomeKind Kind => kind;
}

/// <summary>An import is missing or of another type than the module wants.</summary>
internal sealed class LinkException(string message) : Exception(message);
