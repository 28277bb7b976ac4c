using System.Collections.Immutable;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>Inputs on which two functions were run to different ends.</summary>
/// <param name="Arguments">The arguments, as printed.</param>
/// <param name="State">What of the initial state matters: sizes, globals, bytes that were read.</param>
/// <param name="Before">How the original ended.</param>
/// <param name="After">How the other ended.</param>
/// <param name="Difference">The first difference, in words.</param>
internal sealed record Counterexample(ImmutableArray<string> Arguments, ImmutableArray<string> State, string Before, string After, string Difference)
{
    public override string ToString()
        => $"({string.Join(", ", Arguments)}){(State.Length > 0 ? " with " + string.Join(", ", State) : "")}: {Difference}; original {Before}; optimised {After}";
}
