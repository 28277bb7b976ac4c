using System.Collections.Immutable;

namespace Pulse.Build.Engine.Fusion.Composition;

/// <summary>The components of a program, instantiated: core module instances in order, and what the world sees.</summary>
/// <param name="Modules">Core module instances in instantiation order.</param>
/// <param name="Exports">The functions that the world sees.</param>
/// <param name="Resources">The resource types by number.</param>
/// <param name="WorldResources">The resource types that components define and the world sees.</param>
internal sealed record ComponentGraph(
    ImmutableArray<ModuleInstance> Modules, ImmutableArray<WorldExport> Exports,
    ImmutableArray<ResourceItem> Resources, ImmutableArray<WorldResource> WorldResources)
{
    /// <summary>The allocators and post-return functions that lifts and lowerings name, with the instance whose they are.</summary>
    public ImmutableArray<(ComponentInstance Owner, CoreItem Function)> Callbacks { get; init; } = [];

    /// <summary>Every lowered function.</summary>
    public ImmutableArray<LoweredFunction> Lowered { get; init; } = [];

    /// <summary>What the world sees of core modules that are linked as they are.</summary>
    public ImmutableArray<CoreExport> CoreExports { get; init; } = [];
}

/// <summary>An export of a core module that is linked as it is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Item">What it is.</param>
/// <param name="Instance">The module.</param>
internal sealed record CoreExport(string Name, CoreEntity Item, string Instance);

/// <summary>A component's resource type that the world sees.</summary>
/// <param name="Interface">The interface; <c>$root</c> for a world's own.</param>
/// <param name="Name">The name in it.</param>
/// <param name="Resource">The type.</param>
internal sealed record WorldResource(string Interface, string Name, ResourceItem Resource);

/// <summary>A function that the world sees.</summary>
/// <param name="Name">Its name in the core module: <c>iface#func</c>, or <c>func</c> of a world's own function.</param>
/// <param name="Function">The function.</param>
/// <param name="Instance">The instance that exports it.</param>
/// <param name="Interface">The interface it is in; null for a world's own function.</param>
internal sealed record WorldExport(string Name, FunctionItem Function, string Instance, InstanceItem? Interface);
