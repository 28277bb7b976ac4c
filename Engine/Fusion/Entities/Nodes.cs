using System.Collections.Immutable;
using Pulse.Build.Engine.Fusion.Composition;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Fusion.Entities;

// What the fused module is made of, before it has indices. A node is one entity of the fused module; equal nodes are one entity.

/// <summary>Number of a function node, in order of discovery.</summary>
internal readonly record struct FunctionId(int Index) : IEntityId<FunctionId>
{
    public static FunctionId FromIndex(int index) => new(index);
}

/// <summary>Number of a memory node.</summary>
internal readonly record struct MemoryId(int Index) : IEntityId<MemoryId>
{
    public static MemoryId FromIndex(int index) => new(index);
}

/// <summary>Number of a flag: a global of generated code, 0 at first.</summary>
internal readonly record struct FlagId(int Index) : IEntityId<FlagId>
{
    public static FlagId FromIndex(int index) => new(index);
}

/// <summary>A flag of an instance.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Name">What it says: that the instance must not be left, or that it was entered.</param>
internal sealed record Flag(ComponentInstance Instance, string Name);

/// <summary>A function of the fused module.</summary>
internal abstract record FunctionNode;

/// <summary>Imported from the host.</summary>
internal sealed record HostNode(string Module, string Name, FuncType Type) : FunctionNode;

/// <summary>Function <paramref name="Index"/> of a module instance, which defines it.</summary>
internal sealed record CodeNode(ModuleInstance Instance, int Index) : FunctionNode;

/// <summary>Generated: an adapter or a part that adapters share. Equal keys are one function.</summary>
internal sealed record GeneratedNode(string Key) : FunctionNode;

/// <summary>A generated body. Its function and memory indices are <see cref="FunctionId"/>s and <see cref="MemoryId"/>s.</summary>
/// <param name="Name">Name for people.</param>
/// <param name="Edge">The edge it implements, for the provenance map; null for a shared part.</param>
/// <param name="Type">Signature.</param>
/// <param name="Body">Locals and code.</param>
internal sealed record GeneratedFunction(string Name, string? Edge, FuncType Type, FunctionBody Body);

/// <summary>An entity other than a function that a module instance defines.</summary>
internal sealed record EntityNode(ModuleInstance Instance, ExternKind Kind, int Index);

/// <summary>A memory of the fused module, or a part of one.</summary>
internal abstract record MemoryNode;

/// <summary>A memory that a module instance defines.</summary>
internal sealed record DefinedMemory(EntityNode Entity) : MemoryNode
{
    /// <summary>The instance that defines it.</summary>
    public ModuleInstance Instance => Entity.Instance;

    /// <summary>Its limits.</summary>
    public Limits Limits => Entity.Instance.Module.Memories[Entity.Index].Limits;
}

/// <summary>The table of a component instance's handles.</summary>
/// <param name="Owner">The instance.</param>
/// <param name="Capacity">Handles that it can hold; 0 when it grows.</param>
internal sealed record HandleMemory(ComponentInstance Owner, int Capacity) : MemoryNode;

/// <summary>The area through which data passes to and from the host.</summary>
internal sealed record HostTransferMemory : MemoryNode;

/// <summary>An element or data segment of a module instance.</summary>
internal sealed record SegmentNode(ModuleInstance Instance, bool IsData, int Index);

/// <summary>A memory, a string encoding and an allocator: one side of an edge.</summary>
/// <param name="Memory">The memory; null where no value passes through memory.</param>
/// <param name="Encoding">Encoding of strings in it.</param>
/// <param name="Realloc">Its allocator; null where nothing is allocated.</param>
/// <param name="Handles">Whose its handles are; null where none pass.</param>
/// <param name="Lends">Whether what is lent from it is counted while a call runs.</param>
/// <param name="IsInPlace">Whether what arrives on it stays where it is, since both sides have the same memory: only handles are replaced.</param>
internal sealed record CanonicalContext(
    MemoryId? Memory, Components.StringEncoding Encoding, FunctionId? Realloc, HandleOwner? Handles = null, bool Lends = false, bool IsInPlace = false)
{
    /// <summary>Equal sides have equal texts.</summary>
    public override string ToString() => $"{Memory?.Index}/{Encoding}/{Realloc?.Index}/{Handles?.Instance}/{Lends}/{IsInPlace}";
}

/// <summary>An edge of the host that passes through memory.</summary>
/// <param name="Owner">The component at its other end.</param>
/// <param name="Options">That component's options.</param>
/// <param name="Allocates">Whether the host allocates with them.</param>
internal sealed record HostBoundaryUse(ComponentInstance Owner, ResolvedOptions Options, bool Allocates);

/// <summary>Through what the host passes data: the options of one component, which the others' edges are adapted to, or an area of its own.</summary>
/// <param name="Owner">The component.</param>
/// <param name="Options">Its options; null for an area.</param>
/// <param name="Encoding">The encoding of strings.</param>
/// <param name="HostAllocates">Whether the host allocates.</param>
/// <param name="IsShared">Whether all memories become one.</param>
internal sealed record HostBoundary(ComponentInstance Owner, ResolvedOptions? Options, Components.StringEncoding Encoding, bool HostAllocates, bool IsShared)
{
    /// <summary>The same with an area instead, which has the encoding of all <paramref name="uses"/>, else UTF-8.</summary>
    public HostBoundary OfArea(IReadOnlyList<HostBoundaryUse> uses) =>
        this with { Options = null, Encoding = uses.All(u => u.Options.Encoding == Encoding) ? Encoding : Components.StringEncoding.Utf8 };

    /// <summary>Whether two memory nodes are the same memory in the fused module.</summary>
    public bool SameMemory(MemoryId a, MemoryId b) => IsShared || a == b;

    /// <summary>The border for <paramref name="uses"/>: a component that the host allocates with, else the first; null without uses.</summary>
    public static HostBoundary? Choose(IReadOnlyList<HostBoundaryUse> uses, bool shared)
    {
        if (uses.Count == 0)
        {
            return null;
        }

        var use = uses.FirstOrDefault(u => u.Allocates) ?? uses.FirstOrDefault(u => u.Options.Realloc is not null) ?? uses[0];
        return new HostBoundary(use.Owner, use.Options, use.Options.Encoding, uses.Any(u => u.Allocates), shared);
    }
}
