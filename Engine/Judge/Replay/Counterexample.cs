using System.Collections.Immutable;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>What a host did with two modules until it saw a difference.</summary>
/// <param name="Entry">The call that shows it: an export, a slot of an exported table, or instantiation.</param>
/// <param name="Arguments">The arguments, as printed.</param>
/// <param name="State">What the host did and gave before.</param>
/// <param name="Before">What it saw of the original.</param>
/// <param name="After">What it saw of the other.</param>
/// <param name="Difference">The first difference, in words.</param>
internal sealed record Counterexample(string Entry, ImmutableArray<string> Arguments, ImmutableArray<string> State, string Before, string After, string Difference)
{
    public override string ToString()
        => $"{Entry}({string.Join(", ", Arguments)}){(State.Length > 0 ? " with " + string.Join(", ", State) : "")}: {Difference}";
}
