namespace Pulse.Build.Engine.Pipelines;

/// <summary>A file a stage reads: the engine itself opens nothing.</summary>
/// <param name="Path">Path as the user gave it; diagnostics repeat it.</param>
/// <param name="Bytes">Content.</param>
public sealed record InputFile(string Path, ReadOnlyMemory<byte> Bytes);
