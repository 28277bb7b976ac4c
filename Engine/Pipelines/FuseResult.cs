namespace Pulse.Build.Engine.Pipelines;

/// <summary>What <see cref="ComponentFuser"/> made.</summary>
/// <param name="Module">One core module.</param>
/// <param name="ProvenanceJson">Where each function, memory range and export of it comes from.</param>
public sealed record FuseResult(ReadOnlyMemory<byte> Module, string ProvenanceJson);
