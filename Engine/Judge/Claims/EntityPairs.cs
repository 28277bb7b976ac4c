using System.Collections.Immutable;

namespace Pulse.Build.Engine.Judge.Claims;

/// <summary>Functions that are said to be equal: every one of the source to every one of the target.</summary>
internal sealed record FunctionClass(ImmutableArray<int> Before, ImmutableArray<int> After);

/// <summary>
/// Which entities of two modules correspond, as anybody may say it. Nothing of it is believed: the correspondence drops what cannot be,
/// and all that is left is proved. Imports are no part of it where their names decide.
/// </summary>
internal sealed record EntityPairs
{
    public ImmutableArray<FunctionClass> Functions { get; init; } = [];

    public ImmutableArray<(int Before, int After)> Memories { get; init; } = [];

    public ImmutableArray<(int Before, int After)> Tables { get; init; } = [];

    public ImmutableArray<(int Before, int After)> Globals { get; init; } = [];

    /// <summary>Data segments that code drops; of others the contents decide.</summary>
    public ImmutableArray<(int Before, int After)> Data { get; init; } = [];

    /// <summary>Element segments that code drops; of others the contents decide.</summary>
    public ImmutableArray<(int Before, int After)> Elements { get; init; } = [];
}
