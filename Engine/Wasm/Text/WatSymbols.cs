using System.Text;

namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>The identifiers of one module, by index space.</summary>
internal sealed class WatSymbols
{
    private readonly Dictionary<string, int>[] _ids = [.. Enum.GetValues<IndexSpace>().Select(_ => new Dictionary<string, int>(Utf8Comparer.Instance))];

    /// <summary>Gives entity <paramref name="index"/> the identifier <paramref name="id"/>, when there is one.</summary>
    public void Declare(IndexSpace space, WatToken? id, int index, WatCursor cursor)
    {
        if (id is { } token && !_ids[(int)space].TryAdd(Encoding.UTF8.GetString(cursor.IdBytes(token)), index))
        {
            throw cursor.Error($"duplicate {Name(space)} {cursor.Quote(token)}", token);
        }
    }

    /// <summary>The index that <paramref name="token"/> names, as a number or an identifier.</summary>
    public int Resolve(IndexSpace space, WatToken token, WatCursor cursor)
    {
        if (token.Kind != WatKind.Id)
        {
            return Number(token, Name(space), cursor);
        }

        var found = _ids[(int)space].GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(cursor.IdBytes(token), out var index);
        return found ? index : throw cursor.Error($"unknown {Name(space)} {cursor.Quote(token)}", token);
    }

    /// <summary>An index written as a number.</summary>
    public static int Number(WatToken token, string what, WatCursor cursor) =>
        WatNumbers.TryNatural(cursor.Text(token), int.MaxValue, out var value) ? (int)value
            : throw (WatNumbers.IsNatural(cursor.Text(token)) ? cursor.Error($"{what} index {cursor.Quote(token)} out of range", token) : cursor.Unexpected(token, "an index"));

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
