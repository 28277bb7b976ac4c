using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Engine.Passes;

/// <summary>
/// Bodies about which no proof could be made: they touch a memory or table that is addressed by 64 bits, is shared among threads, or has
/// pages of its own size, they name an element segment, or they have vectors or atomics. The optimiser leaves them encoded, so that they
/// come out identical and need no proof.
/// </summary>
internal sealed class UnprovableCode(Module module)
{
    private readonly bool[] _memories = [.. module.Memories.Select(memory => memory.PageSizeLog2 != 16 || IsUnusual(memory.Limits))];
    private readonly bool[] _tables = [.. module.Tables.Select(table => IsUnusual(table.Limits))];

    /// <summary>Whether <paramref name="function"/> is to be left as it is.</summary>
    public bool Contains(FuncIndex function)
    {
        if (module.Functions[function.Index].Body is not { } body)
        {
            return false;
        }

        var found = VectorsAndAtomics.In(module, module.TypeOf(function), body);
        if (found || (module.Elements.Count == 0 && !_memories.Contains(true) && !_tables.Contains(true)))
        {
            return found;
        }

        BodyRewriter.VisitIndices(body.Code.Span, (space, index) =>
            found |= space == IndexSpace.Element || (space == IndexSpace.Memory && _memories[index]) || (space == IndexSpace.Table && _tables[index]));
        return found;
    }

    private static bool IsUnusual(Limits limits) => limits.Is64 || limits.Shared;
}
