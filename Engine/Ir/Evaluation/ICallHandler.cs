namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>Sees every call before it is made, and may answer it: an oracle in place of the callee.</summary>
internal interface ICallHandler
{
    /// <summary>The results in place of a call, or null to make it. Throws <see cref="TrapException"/> to let the call trap.</summary>
    RuntimeValue[]? TryCall(FunctionInstance callee, ReadOnlySpan<RuntimeValue> arguments);
}

/// <summary>How a call is run.</summary>
internal sealed record EvaluationOptions
{
    /// <summary>Instructions before the run is given up.</summary>
    public long Fuel { get; init; } = 1_000_000_000;

    /// <summary>Calls within calls before the stack is exhausted.</summary>
    public int MaximumDepth { get; init; } = 12_000;

    /// <summary>Answers calls in place of the callee.</summary>
    public ICallHandler? Calls { get; init; }
}
