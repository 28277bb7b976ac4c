using Pulse.Build.Engine.Ir;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>
/// What dominating checks proved: that <c>root + addend</c>, modulo 2^32, has so many bytes of its memory from there on.
/// </summary>
internal sealed class BoundsFacts
{
    private readonly List<(Value Root, int Memory, int Addend, long Bytes)> _proved = [];

    /// <summary>A mark to return to.</summary>
    public int Enter() => _proved.Count;

    /// <summary>Forgets what was proved since <paramref name="mark"/>.</summary>
    public void Leave(int mark) => _proved.RemoveRange(mark, _proved.Count - mark);

    /// <summary>Adds a proved fact.</summary>
    public void Add(Value root, int memory, int addend, long bytes) => _proved.Add((root, memory, addend, bytes));

    /// <summary>Whether <paramref name="bytes"/> bytes from <c>root + addend</c> are known to be inside.</summary>
    public bool Covers(Value root, int memory, int addend, long bytes)
    {
        for (var i = _proved.Count - 1; i >= 0; i--)
        {
            var fact = _proved[i];
            var distance = (long)addend - fact.Addend;
            if (fact.Root == root && fact.Memory == memory && distance >= 0 && distance + bytes <= fact.Bytes)
            {
                return true;
            }
        }

        return false;
    }
}
