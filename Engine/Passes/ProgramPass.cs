namespace Pulse.Build.Engine.Passes;

/// <summary>Rewrites the program as a whole: several functions, or the module around them.</summary>
internal abstract class ProgramPass
{
    /// <summary>The pass's name.</summary>
    public abstract PassInfo Info { get; }

    /// <summary>Rewrites the program of <paramref name="context"/>; true when anything changed.</summary>
    public abstract bool Run(PassContext context);
}
