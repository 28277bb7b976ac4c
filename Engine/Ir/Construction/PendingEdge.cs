namespace Pulse.Build.Engine.Ir.Construction;

/// <summary>An edge of a graph under construction; its arguments grow with the parameters of its target.</summary>
internal sealed class PendingEdge(Block from, Inst terminator, int position, Block target, IEnumerable<Value> arguments)
{
    /// <summary>The block that it leaves, which ends in <see cref="Terminator"/>.</summary>
    public Block From => from;

    /// <summary>The terminator.</summary>
    public Inst Terminator => terminator;

    /// <summary>Position among the terminator's targets.</summary>
    public int Position => position;

    /// <summary>Where it goes.</summary>
    public Block Target => target;

    /// <summary>One for each parameter of the target.</summary>
    public List<Value> Arguments { get; } = [.. arguments];
}
