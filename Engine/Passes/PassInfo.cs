namespace Pulse.Build.Engine.Passes;

/// <summary>What the pipeline and the dumps know of a pass.</summary>
/// <param name="Name">Lower-case name in dumps, golden files and reports.</param>
/// <param name="IsLoopPass">Whether it moves or copies what loops do: the first to be left out, after inlining, where a change is not proved.</param>
internal sealed record PassInfo(string Name, bool IsLoopPass = false);
