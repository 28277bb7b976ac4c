namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>The labels of the open blocks. An inner label hides an outer one of the same name; finding one does not depend on the depth.</summary>
internal sealed class WatLabels
{
    private readonly List<string?> _open = [];
    private readonly Dictionary<string, Stack<int>> _places = new(StringComparer.Ordinal);

    /// <summary>Number of open blocks.</summary>
    public int Count => _open.Count;

    /// <summary>The label of the innermost block.</summary>
    public string? Innermost => _open[^1];

    /// <summary>Opens a block.</summary>
    public void Push(string? label)
    {
        if (label is not null)
        {
            (_places.TryGetValue(label, out var places) ? places : _places[label] = new Stack<int>()).Push(_open.Count);
        }

        _open.Add(label);
    }

    /// <summary>Closes the innermost block.</summary>
    public void Pop()
    {
        if (_open[^1] is { } label)
        {
            _places[label].Pop();
        }

        _open.RemoveAt(_open.Count - 1);
    }

    /// <summary>How many blocks out <paramref name="label"/> is, or -1.</summary>
    public int DepthOf(string label) => _places.TryGetValue(label, out var places) && places.TryPeek(out var place) ? _open.Count - 1 - place : -1;

    /// <summary>The label <paramref name="depth"/> blocks out when a branch can name it, else null.</summary>
    public string? Visible(int depth)
    {
        var place = _open.Count - 1 - depth;
        return place >= 0 && _open[place] is { } label && DepthOf(label) == depth ? label : null;
    }
}
