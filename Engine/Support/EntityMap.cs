using System.Runtime.CompilerServices;

namespace Pulse.Build.Engine.Support;

/// <summary>A dense table keyed by an entity id. Reads of ids never written give the default; writes grow the table.</summary>
internal sealed class EntityMap<TId, T>(T @default = default!)
    where TId : struct, IEntityId<TId>
{
    private T[] _items = [];

    /// <summary>One more than the highest id written.</summary>
    public int Count { get; private set; }

    /// <summary>The entry of <paramref name="id"/>.</summary>
    public T this[TId id]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint)id.Index < (uint)Count ? _items[id.Index] : @default;
        set => Reference(id) = value;
    }

    /// <summary>The entry by reference; invalid after the next write to a higher id.</summary>
    public ref T Reference(TId id)
    {
        var index = id.Index;
        if (index >= Count)
        {
            if (index >= _items.Length)
            {
                Array.Resize(ref _items, Math.Max(index + 1, Math.Max(16, _items.Length * 2)));
            }

            Array.Fill(_items, @default, Count, index + 1 - Count);
            Count = index + 1;
        }

        return ref _items[index];
    }

    /// <summary>Appends an entry and returns its id.</summary>
    public TId Add(T item)
    {
        var id = TId.FromIndex(Count);
        Reference(id) = item;
        return id;
    }

    /// <summary>All entries in id order.</summary>
    public ReadOnlySpan<T> Items => _items.AsSpan(0, Count);

    /// <summary>Forgets every entry.</summary>
    public void Clear() => Count = 0;
}
