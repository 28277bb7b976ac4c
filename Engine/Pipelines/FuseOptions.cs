using System.Collections.Immutable;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>What <see cref="ComponentFuser"/> is asked to do.</summary>
public sealed record FuseOptions
{
    /// <summary>Components, core modules or WAT texts, in the project's order.</summary>
    public required ImmutableArray<InputFile> Components { get; init; }

    /// <summary>Wiring; null matches each import with the one export of its name.</summary>
    public Composition? Composition { get; init; }

    /// <summary>Layout of linear memory.</summary>
    public MemoryMode Memory { get; init; } = MemoryMode.Auto;

    /// <summary>Proposals that the core modules may use.</summary>
    public FeatureSet Features { get; init; } = FeatureSet.All;

    /// <summary>Exports that stay although nothing in the world asks for them.</summary>
    public ImmutableArray<string> KeepExports { get; init; } = [];

    /// <summary>Positions in <see cref="Components"/> of those whose instances trap when an interrupt enters them while they run.</summary>
    public ImmutableArray<int> NotReentrant { get; init; } = [];

    /// <summary>Exports that interrupt the others: stacks in linear memory have room for them.</summary>
    public ImmutableArray<InterruptHandler> InterruptHandlers { get; init; } = [];
}

/// <summary>An explicit wiring of components; it replaces the match by name.</summary>
/// <param name="Instances">Named instances, each of one of <see cref="FuseOptions.Components"/>.</param>
/// <param name="Plugs">Which import is satisfied by which export.</param>
/// <param name="Exports">What the outer world sees.</param>
public sealed record Composition(
    ImmutableArray<CompositionInstance> Instances, ImmutableArray<CompositionPlug> Plugs, ImmutableArray<CompositionExport> Exports);

/// <summary>An instance of the composition.</summary>
/// <param name="Name">Name within the composition.</param>
/// <param name="Component">Index into <see cref="FuseOptions.Components"/>.</param>
public sealed record CompositionInstance(string Name, int Component);

/// <summary>The <paramref name="Import"/> of <paramref name="Into"/> is the <paramref name="Export"/> of <paramref name="From"/>.</summary>
public sealed record CompositionPlug(string Into, string Import, string From, string Export);

/// <summary>The outer world's <paramref name="Name"/> is the <paramref name="Export"/> of <paramref name="Instance"/>.</summary>
public sealed record CompositionExport(string Name, string Instance, string Export);
