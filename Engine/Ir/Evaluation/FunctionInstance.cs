using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>What the host does when it is called.</summary>
internal delegate RuntimeValue[] HostFunction(ReadOnlySpan<RuntimeValue> arguments);

/// <summary>A function that can be called and referred to: of an instance, or of the host. Two are the same only if they are one object.</summary>
internal sealed class FunctionInstance
{
    /// <summary>A function of <paramref name="owner"/>.</summary>
    public FunctionInstance(Instance owner, FuncIndex index, FuncType type) => (Owner, Index, Type) = (owner, index, type);

    /// <summary>A function of the host.</summary>
    public FunctionInstance(FuncType type, HostFunction host) => (Type, Host) = (type, host);

    /// <summary>Parameters and results.</summary>
    public FuncType Type { get; }

    /// <summary>Whose function it is; null for the host's.</summary>
    public Instance? Owner { get; }

    /// <summary>Its index in <see cref="Owner"/>.</summary>
    public FuncIndex Index { get; }

    /// <summary>What the host does; null for a function of an instance.</summary>
    public HostFunction? Host { get; }
}
