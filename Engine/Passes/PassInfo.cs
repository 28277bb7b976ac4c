namespace Pulse.Build.Engine.Passes;

/// <summary>What the pipeline and the dumps know of a pass.</summary>
/// <param name="Name">Lower-case name in dumps, golden files and reports.</param>
internal sealed record PassInfo(string Name);
