using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>Block types as <see cref="ImmediateKind.BlockType"/> keeps them.</summary>
internal static class BlockTypes
{
    /// <summary>The type of a block with <paramref name="results"/> and no parameters; null when the module has no such type.</summary>
    public static int? OfResults(Module module, ImmutableArray<ValType> results)
    {
        if (results.Length < 2)
        {
            return results.IsEmpty ? -0x40 : (int)results[0] - 0x80;
        }

        var index = module.Types.IndexOf(new FuncType([], results));
        return index < 0 ? null : index;
    }
}
