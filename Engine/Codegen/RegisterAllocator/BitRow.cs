using System.Numerics;

namespace Pulse.Build.Engine.Codegen.RegisterAllocator;

/// <summary>A set of register numbers as a row of bits of fixed length.</summary>
internal sealed class BitRow(int length)
{
    private readonly ulong[] _words = new ulong[(length + 63) / 64];

    /// <summary>Whether <paramref name="index"/> is a member.</summary>
    public bool this[int index]
    {
        get => (_words[index >> 6] >> (index & 63) & 1) != 0;
        set
        {
            if (value)
            {
                _words[index >> 6] |= 1UL << (index & 63);
            }
            else
            {
                _words[index >> 6] &= ~(1UL << (index & 63));
            }
        }
    }

    /// <summary>Adds the members of <paramref name="other"/>; true when this set grew.</summary>
    public bool Union(BitRow other)
    {
        var grew = false;
        for (var i = 0; i < _words.Length; i++)
        {
            var union = _words[i] | other._words[i];
            grew |= union != _words[i];
            _words[i] = union;
        }

        return grew;
    }

    /// <summary>Whether the sets have a member in common.</summary>
    public bool Intersects(BitRow other)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            if ((_words[i] & other._words[i]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A copy.</summary>
    public BitRow Clone()
    {
        var copy = new BitRow(_words.Length * 64);
        _words.CopyTo(copy._words, 0);
        return copy;
    }

    /// <summary>Members in rising order.</summary>
    public IEnumerable<int> Members()
    {
        for (var i = 0; i < _words.Length; i++)
        {
            for (var bits = _words[i]; bits != 0; bits &= bits - 1)
            {
                yield return (i << 6) + BitOperations.TrailingZeroCount(bits);
            }
        }
    }
}
