using System.Collections.Immutable;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>What a call may read and write, from the bodies of the source module alone.</summary>
/// <param name="Reads">Components of the state whose value may matter.</param>
/// <param name="Writes">Components that may change.</param>
/// <param name="Total">Whether it always returns: no trap, no loop, no call to the outside. Such a call is no event.</param>
internal sealed record CallEffect(ImmutableArray<int> Reads, ImmutableArray<int> Writes, bool Total)
{
    /// <summary>A call that may do anything to the first <paramref name="parts"/> components.</summary>
    public static CallEffect Anything(int parts) => new([.. Enumerable.Range(0, parts)], [.. Enumerable.Range(0, parts)], false);
}
