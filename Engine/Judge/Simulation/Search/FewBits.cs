using System.Numerics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>
/// How many bits the values of a class need at a cutpoint, where every way in brings few: what a compiler knows when it leaves a mask out. Looked for
/// once, when the class comes to be or in the first round in which it has a variable of its own; given up when a way in brings more.
/// </summary>
/// <example><code>before: c = c &amp; 255   after: c   =>   c = zext(8 bits) at the header, so both are one</code></example>
internal sealed class FewBits(int positions)
{
    private readonly int?[] _bits = new int?[positions];
    private readonly bool[] _looked = new bool[positions];

    /// <summary>The bits of a position's values, or null where they may need all.</summary>
    public int? Of(int position) => _bits[position];

    /// <summary>Whether a number of bits was given up, or found, for classes that have a variable. Values of few bits are an extended variable, without an offset.</summary>
    public bool Find(IEnumerable<IReadOnlyList<int>> classes, Term?[][] vectors, ulong[] offsets)
    {
        var changed = false;
        foreach (var members in classes)
        {
            if (_bits[members[0]] is { } known && members.Min(i => Bits(vectors[i])) > known)
            {
                members.ToList().ForEach(i => _bits[i] = null);
                changed = true;
            }
            else
            {
                changed |= Look(members, vectors, offsets);
            }
        }

        return changed;
    }

    /// <summary>Looks for classes that have just come to be, where what comes in shows more than a loop's first rounds do.</summary>
    public void Expect(IEnumerable<IReadOnlyList<int>> classes, Term?[][] vectors, ulong[] offsets)
    {
        foreach (var members in classes.Where(members => vectors[members[0]].Any(v => v is { IsConstant: false })))
        {
            Look(members, vectors, offsets);
        }
    }

    private bool Look(IReadOnlyList<int> members, Term?[][] vectors, ulong[] offsets)
    {
        var isNew = members.All(i => !_looked[i]);
        var bits = members.Min(i => Bits(vectors[i]));
        members.ToList().ForEach(i => _looked[i] = true);
        if (!isNew || bits >= (vectors[members[0]][0]?.Width ?? 0) || members.Any(i => offsets[i] != offsets[members[0]]))
        {
            return false;
        }

        foreach (var i in members)
        {
            _bits[i] = bits;
            offsets[i] = 0;
        }

        return true;
    }

    private static int Bits(Term?[] vector)
        => Array.Exists(vector, v => v is not { Width: > 0 }) ? 64 : Math.Max(1, 64 - BitOperations.LeadingZeroCount(vector.Max(v => TermFactory.RangeOf(v!).High)));
}
