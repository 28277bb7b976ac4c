using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion;

/// <summary>The result of fusion.</summary>
/// <param name="Module">One core module.</param>
/// <param name="Provenance">Where each part of it comes from.</param>
internal sealed record FusedModule(Module Module, ProvenanceMap Provenance);
