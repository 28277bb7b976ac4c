using System.Collections.Immutable;
using Pulse.Build.Engine.Fusion.Entities;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion;

/// <summary>Where everything is in linear memory.</summary>
/// <param name="Memories">The memories of the fused module.</param>
/// <param name="IndexOf">Index in <paramref name="Memories"/> of each memory node, by its id.</param>
/// <param name="BaseOf">Where each memory node starts in its memory: 0 except for handle tables.</param>
/// <param name="Moved">Modules that were moved: where their segments and addresses went.</param>
/// <param name="StackPointers">The stack pointer globals that are one: their common initial value; empty when each keeps its own.</param>
internal sealed record MemoryPlan(
    ImmutableArray<PlannedMemory> Memories,
    ImmutableArray<int> IndexOf,
    ImmutableArray<long> BaseOf,
    IReadOnlyDictionary<ModuleInstance, MovedModule> Moved,
    IReadOnlyDictionary<EntityNode, StackPointer> StackPointers);

/// <summary>A linear memory.</summary>
/// <param name="Bytes">Bytes that are used; RAM needs no more.</param>
/// <param name="Pages">Pages that are declared.</param>
/// <param name="MaximumPages">Most pages, or null.</param>
/// <param name="Regions">What lies where, by address.</param>
/// <param name="Stack">Where the stack lies, when it is known.</param>
internal sealed record PlannedMemory(long Bytes, ulong Pages, ulong? MaximumPages, ImmutableArray<Region> Regions, StackRange? Stack)
{
    /// <summary>The stack of the module that keeps its addresses, when it is known.</summary>
    public StackRange? KeptStack { get; init; }

    /// <summary>A memory of a module that is taken as it is.</summary>
    public static PlannedMemory Untouched(ModuleMemory memory, StackRange? stack)
        => new((long)Math.Min(memory.Limits.Minimum << memory.PageSizeLog2, long.MaxValue), memory.Limits.Minimum, memory.Limits.Maximum, [], null) { KeptStack = stack };
}

/// <summary>The stack: it grows down from <paramref name="High"/>.</summary>
internal readonly record struct StackRange(long Low, long High);

/// <summary>Bytes of one component.</summary>
/// <param name="Component">The component instance.</param>
/// <param name="Kind">"stack", "data", "bss", "handles", "border", or "module" for one that keeps its addresses.</param>
/// <param name="Start">First address.</param>
/// <param name="Size">Bytes.</param>
internal sealed record Region(string Component, string Kind, long Start, long Size);

/// <summary>A stack pointer global's place: globals of the same <paramref name="Group"/> become one.</summary>
internal readonly record struct StackPointer(int Group, long Initial);

/// <summary>A module with new addresses.</summary>
/// <param name="Layout">What it consists of.</param>
/// <param name="Bases">New address of each data segment.</param>
internal sealed record MovedModule(ModuleLayout Layout, ImmutableArray<long> Bases)
{
    /// <summary>The value that the site holds now that segment bases have changed.</summary>
    public uint Value(AddressSite site) => unchecked((uint)(site.Value + Bases[site.Segment] - Layout.Segments[site.Segment].Base));
}
