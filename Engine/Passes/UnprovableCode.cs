using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Passes;

/// <summary>
/// Bodies about which no proof could be made: they have vectors or atomics. The optimiser leaves them encoded, so that they come out
/// identical and need no proof.
/// </summary>
internal sealed class UnprovableCode(Module module)
{
    /// <summary>Whether <paramref name="function"/> is to be left as it is.</summary>
    public bool Contains(FuncIndex function)
        => module.Functions[function.Index].Body is { } body && VectorsAndAtomics.In(module, module.TypeOf(function), body);
}
