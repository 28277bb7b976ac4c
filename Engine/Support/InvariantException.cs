namespace Pulse.Build.Engine.Support;

/// <summary>An invariant of the engine does not hold: a defect of the engine, never of its input. Reported as PULSE9001.</summary>
internal sealed class InvariantException : Exception
{
    /// <summary>Names the broken invariant.</summary>
    public InvariantException(string message) : base(message) { }

    /// <summary>Names the broken invariant and what uncovered it.</summary>
    public InvariantException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Throws unless <paramref name="holds"/>, in Release too.</summary>
    public static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvariantException(message);
        }
    }
}
