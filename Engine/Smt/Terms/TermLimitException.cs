namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>A proof needs more terms than it may make. Ends as an unknown verdict, never as a hang.</summary>
internal sealed class TermLimitException(string message) : Exception(message);
