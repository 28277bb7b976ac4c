namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>What is shorter in one function and longer in another: it is tried.</summary>
/// <param name="KeepZeros">Zeros stay in locals: <see cref="ZeroInitializedLocals"/>.</param>
/// <param name="ReturnEarly">Values are returned where they are made: <see cref="EarlyReturns"/>.</param>
/// <param name="NoSink">What edges pass on is made in its place, not last: <see cref="Stackifier"/>.</param>
internal readonly record struct EmissionStrategy(bool KeepZeros, bool ReturnEarly, bool NoSink);
