using Pulse.Build.Engine.Ir;

namespace Pulse.Build.Engine.Passes;

/// <summary>Rewrites one function. Keeps no state between functions.</summary>
internal abstract class FunctionPass
{
    /// <summary>The pass's name.</summary>
    public abstract PassInfo Info { get; }

    /// <summary>Rewrites <paramref name="function"/>; true when anything changed.</summary>
    public abstract bool Run(Function function, PassContext context);
}
