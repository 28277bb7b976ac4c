namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// The locals of one type, asked for a first fit at rising positions. A local that holds something at a position is not looked at again
/// before that ends: of tens of thousands of values that are alive at once, each would look at the locals of all before it.
/// </summary>
internal sealed class LocalsOfType
{
    private readonly List<Local> _locals = [];

    /// <summary>Those that may be free, by their place in the list.</summary>
    private readonly SortedSet<int> _free = [];

    /// <summary>The others, by the position where they may be free again.</summary>
    private readonly PriorityQueue<int, int> _held = new();

    public LocalsOfType(IEnumerable<Local> locals)
    {
        foreach (var local in locals)
        {
            Add(local);
        }
    }

    /// <summary>Adds a local behind the others.</summary>
    public void Add(Local local)
    {
        _free.Add(_locals.Count);
        _locals.Add(local);
    }

    /// <summary>The first local that holds nothing in <paramref name="segments"/>, which start no earlier than those of the last call.</summary>
    public Local? FirstFit(SegmentSet segments)
    {
        var start = segments.Start;
        while (_held.TryPeek(out var local, out var end) && end <= start)
        {
            _free.Add(_held.Dequeue());
        }

        Local? found = null;
        List<(int Place, int End)> held = [];
        foreach (var place in _free)
        {
            if (_locals[place].Segments.EndOf(start) is { } end)
            {
                held.Add((place, end));
            }
            else if (!_locals[place].Segments.Overlaps(segments))
            {
                found = _locals[place];
                break;
            }
        }

        foreach (var (place, end) in held)
        {
            _free.Remove(place);
            _held.Enqueue(place, end);
        }

        return found;
    }
}
