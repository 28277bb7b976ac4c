using System.Collections.Immutable;

namespace Pulse.Build.Engine.Passes;

/// <summary>What a cost model optimises for.</summary>
internal enum Goal
{
    Balanced,
    Size,
    Speed,
}

/// <summary>Everything a pass may depend on besides the program.</summary>
internal sealed record OptimizerSettings
{
    /// <summary>What cost models weigh.</summary>
    public Goal Goal { get; init; } = Goal.Balanced;

    /// <summary>Whether calls are inlined at all.</summary>
    public bool Inline { get; init; } = true;

    /// <summary>Names of functions to inline whatever they cost.</summary>
    public ImmutableHashSet<string> InlineFunctions { get; init; } = [];

    /// <summary>Exports that the build calls hot: calls below them are worth more code.</summary>
    public ImmutableHashSet<string> HotExports { get; init; } = [];

    /// <summary>Functions to which less is done, by their index in the module that came in.</summary>
    public ImmutableSortedDictionary<int, FunctionLevel> Levels { get; init; } = ImmutableSortedDictionary<int, FunctionLevel>.Empty;

    /// <summary>Whether what nothing can reach is removed.</summary>
    public bool RemoveDead { get; init; } = true;

    /// <summary>How much is done to the function that had <paramref name="index"/> in the module that came in.</summary>
    public FunctionLevel LevelOf(int index) => Levels.GetValueOrDefault(index, FunctionLevel.Full);

    /// <summary>Stops after this many changes, to find the change that breaks something; 0 for no limit.</summary>
    public int Fuel { get; init; }
}
