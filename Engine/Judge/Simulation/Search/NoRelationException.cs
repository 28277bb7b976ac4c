namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>There is no certificate of the kind that is looked for; it would fail at the obligation <paramref name="obligation"/>.</summary>
internal sealed class NoRelationException(string obligation, string message) : Exception(message)
{
    public string Obligation { get; } = obligation;
}
