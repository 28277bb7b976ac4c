namespace Pulse.Build.Engine.Fusion.Entities;

/// <summary>Whose handles the indices on one side of an edge are: those of component instance <paramref name="Instance"/>, or the host's.</summary>
/// <param name="Instance">Number of the component instance, or -1.</param>
internal sealed record HandleOwner(int Instance)
{
    /// <summary>The host.</summary>
    public static HandleOwner Host { get; } = new(-1);

    /// <summary>Whether it is the host.</summary>
    public bool IsHost => Instance < 0;
}

/// <summary>What is known about handles before code is made.</summary>
/// <param name="UsesHostTable">The host's table is the only one: one component instance has handles, and they pass to and from the host alone.</param>
/// <param name="Capacity">Handles that a table can hold; 0 for a table that grows in a memory of its own.</param>
internal sealed record HandlePlan(bool UsesHostTable, int Capacity)
{
    /// <summary>What is taken for granted until the edges are known.</summary>
    public static HandlePlan Unknown { get; } = new(false, 0);
}
