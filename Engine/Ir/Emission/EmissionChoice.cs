namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>What is shorter in one function and longer in another: it is tried.</summary>
/// <param name="KeepZeros">Zeros stay in locals: <see cref="FirstContents"/>.</param>
/// <param name="ReturnEarly">Values are returned where they are made: <see cref="EarlyReturns"/>.</param>
internal readonly record struct EmissionChoice(bool KeepZeros, bool ReturnEarly);
