namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>
/// There is no certificate of the kind that is looked for; it would fail at the obligation <paramref name="obligation"/>, at the loop whose
/// header has the number <paramref name="header"/> in the first graph, if at one.
/// </summary>
internal sealed class NoRelationException(string obligation, string message, int header = -1) : Exception(message)
{
    public string Obligation { get; } = obligation;

    public int Header { get; } = header;
}
