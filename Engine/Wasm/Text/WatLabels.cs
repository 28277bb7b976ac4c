namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>The labels of the open blocks. An inner label hides an outer one of the same name; finding one does not depend on the depth.</summary>
internal sealed class WatLabels
{
    /// <summary>Each open block's label, and the place of the one that it hides.</summary>
    private readonly List<(string? Label, int Hidden)> _open = [];
    private readonly Dictionary<string, int> _places = new(Utf8Comparer.Instance);

    /// <summary>Number of open blocks.</summary>
    public int Count => _open.Count;

    /// <summary>Opens a block.</summary>
    public void Push(string? label)
    {
        var hidden = -1;
        if (label is not null)
        {
            hidden = _places.GetValueOrDefault(label, -1);
            _places[label] = _open.Count;
        }

        _open.Add((label, hidden));
    }

    /// <summary>Closes the innermost block.</summary>
    public void Pop()
    {
        var (label, hidden) = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        if (label is not null && hidden < 0)
        {
            _places.Remove(label);
        }
        else if (label is not null)
        {
            _places[label] = hidden;
        }
    }

    /// <summary>How many blocks out the label with the UTF-8 <paramref name="label"/> is, or -1.</summary>
    public int DepthOf(ReadOnlySpan<byte> label) =>
        _places.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(label, out var place) ? _open.Count - 1 - place : -1;

    /// <summary>The label <paramref name="depth"/> blocks out when a branch can name it, else null.</summary>
    public string? Visible(int depth)
    {
        var place = _open.Count - 1 - depth;
        return place >= 0 && _open[place].Label is { } label && _places[label] == place ? label : null;
    }
}
