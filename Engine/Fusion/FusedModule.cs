using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion;

/// <summary>The result of fusion.</summary>
/// <param name="Module">One core module.</param>
/// <param name="Provenance">Where each part of it comes from.</param>
/// <param name="Stacks">The stacks whose size fusion decides, by memory.</param>
internal sealed record FusedModule(Module Module, ProvenanceMap Provenance, ImmutableArray<FusedStack> Stacks);

/// <summary>A stack in linear memory.</summary>
/// <param name="Memory">Index of the memory.</param>
/// <param name="Pointer">Index of the stack pointer global.</param>
/// <param name="Bytes">Its size.</param>
internal readonly record struct FusedStack(int Memory, int Pointer, long Bytes);
