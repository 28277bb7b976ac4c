using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>The identifiers of one module, by index space.</summary>
internal sealed class WatSymbols
{
    private readonly Dictionary<string, int>[] _ids = [.. Enum.GetValues<IndexSpace>().Select(_ => new Dictionary<string, int>(StringComparer.Ordinal))];

    /// <summary>Gives entity <paramref name="index"/> the identifier <paramref name="id"/>, when there is one.</summary>
    public void Declare(IndexSpace space, WatNode? id, int index, WatCursor cursor)
    {
        if (id is not null && !_ids[(int)space].TryAdd(id.Text, index))
        {
            throw cursor.Error($"duplicate {Name(space)} ${id.Text}", id);
        }
    }

    /// <summary>The index that <paramref name="node"/> names, as a number or an identifier.</summary>
    public int Resolve(IndexSpace space, WatNode node, WatCursor cursor)
    {
        if (node.Kind == WatKind.Id)
        {
            return _ids[(int)space].TryGetValue(node.Text, out var index) ? index : throw cursor.Error($"unknown {Name(space)} ${node.Text}", node);
        }

        return Number(node, Name(space), cursor);
    }

    /// <summary>An index written as a number.</summary>
    public static int Number(WatNode node, string what, WatCursor cursor) =>
        WatNumbers.TryNatural(node.Text, int.MaxValue, out var value) ? (int)value : throw cursor.Error($"{what} index '{node.Text}' out of range", node);

    /// <summary>The identifiers of <paramref name="space"/>.</summary>
    public IEnumerable<(int Index, string Id)> Of(IndexSpace space) => _ids[(int)space].Select(pair => (pair.Value, pair.Key));

    private static string Name(IndexSpace space) => space switch
    {
        IndexSpace.Type => "type",
        IndexSpace.Function => "function",
        IndexSpace.Table => "table",
        IndexSpace.Memory => "memory",
        IndexSpace.Global => "global",
        IndexSpace.Element => "elem segment",
        _ => "data segment",
    };
}
