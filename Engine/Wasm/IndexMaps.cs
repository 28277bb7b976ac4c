using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm;

/// <summary>New indices for old ones, by index space. A space without a map keeps its indices; an entry of -1 is an entity that is gone.</summary>
internal sealed class IndexMaps
{
    private readonly int[]?[] _maps = new int[Enum.GetValues<IndexSpace>().Length][];

    /// <summary>The map of <paramref name="space"/>, by old index; null keeps every index.</summary>
    public int[]? this[IndexSpace space]
    {
        get => _maps[(int)space];
        set => _maps[(int)space] = value;
    }

    /// <summary>The new index of an entity that is still there.</summary>
    public int Map(IndexSpace space, int index)
    {
        if (_maps[(int)space] is not { } map)
        {
            return index;
        }

        InvariantException.Require((uint)index < (uint)map.Length && map[index] >= 0, $"{space} {index} is used, but has no new index");
        return map[index];
    }

    /// <summary>The new index, or -1 when the entity is gone.</summary>
    public int MapOrRemoved(IndexSpace space, int index) => _maps[(int)space] is { } map ? map[index] : index;

    /// <summary>A map that keeps the entities of <paramref name="kept"/>, in their order, and closes the gaps.</summary>
    public static int[] Keeping(int count, Func<int, bool> kept)
    {
        var map = new int[count];
        var next = 0;
        for (var i = 0; i < count; i++)
        {
            map[i] = kept(i) ? next++ : -1;
        }

        return map;
    }
}
