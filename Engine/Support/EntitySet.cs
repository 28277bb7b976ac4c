using System.Numerics;

namespace Pulse.Build.Engine.Support;

/// <summary>A bit set of entity ids that grows on demand; enumeration is in id order.</summary>
internal sealed class EntitySet<TId>
    where TId : struct, IEntityId<TId>
{
    private ulong[] _words = [];

    /// <summary>Adds <paramref name="id"/>; true when it was absent.</summary>
    public bool Add(TId id)
    {
        var word = id.Index >> 6;
        if (word >= _words.Length)
        {
            Array.Resize(ref _words, Math.Max(word + 1, _words.Length * 2));
        }

        var bit = 1UL << (id.Index & 63);
        var absent = (_words[word] & bit) == 0;
        _words[word] |= bit;
        return absent;
    }

    /// <summary>Removes <paramref name="id"/>; true when it was present.</summary>
    public bool Remove(TId id)
    {
        if (!Contains(id))
        {
            return false;
        }

        _words[id.Index >> 6] &= ~(1UL << (id.Index & 63));
        return true;
    }

    /// <summary>Whether <paramref name="id"/> is a member.</summary>
    public bool Contains(TId id) => id.Index >> 6 < _words.Length && (_words[id.Index >> 6] & (1UL << (id.Index & 63))) != 0;

    /// <summary>Adds every member of <paramref name="other"/>; true when this set grew.</summary>
    public bool UnionWith(EntitySet<TId> other)
    {
        if (other._words.Length > _words.Length)
        {
            Array.Resize(ref _words, other._words.Length);
        }

        var grew = false;
        for (var i = 0; i < other._words.Length; i++)
        {
            var union = _words[i] | other._words[i];
            grew |= union != _words[i];
            _words[i] = union;
        }

        return grew;
    }

    /// <summary>A copy that changes on its own.</summary>
    public EntitySet<TId> Clone() => new() { _words = (ulong[])_words.Clone() };

    /// <summary>The number of members.</summary>
    public int Count => _words.Sum(BitOperations.PopCount);

    /// <summary>Members in id order.</summary>
    public IEnumerator<TId> GetEnumerator()
    {
        for (var word = 0; word < _words.Length; word++)
        {
            for (var bits = _words[word]; bits != 0; bits &= bits - 1)
            {
                yield return TId.FromIndex((word << 6) | BitOperations.TrailingZeroCount(bits));
            }
        }
    }
}
