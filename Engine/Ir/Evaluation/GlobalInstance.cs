namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>A global.</summary>
internal sealed class GlobalInstance(RuntimeValue value, bool isMutable)
{
    /// <summary>Whether code may set it.</summary>
    public bool IsMutable => isMutable;

    /// <summary>Its value; a caller that sets up a state may set it always.</summary>
    public RuntimeValue Value { get; set; } = value;
}
