namespace Pulse.Build.Engine.Wasm.Text;

/// <summary>
/// Where in a text each encoded instruction stands. The bodies and constant expressions of the module are taken to lie one after the other,
/// from byte 1 on: these are the offsets that a validator then gives.
/// </summary>
internal sealed class WatSourceMap
{
    private readonly List<int> _offsets = [];
    private readonly List<int> _texts = [];

    /// <summary>The offset of the code that is encoded next.</summary>
    public int Base { get; private set; } = 1;

    /// <summary>What is encoded from byte <paramref name="position"/> of the present code comes from <paramref name="text"/>.</summary>
    public void Add(int position, int text)
    {
        _offsets.Add(Base + position);
        _texts.Add(text);
    }

    /// <summary>Ends the present code, which has so many bytes.</summary>
    public void Advance(int length) => Base += length;

    /// <summary>The place in the text of the byte at <paramref name="offset"/>, or null when there is no such code.</summary>
    public int? Find(long offset)
    {
        if (offset < 1 || offset >= Base || _offsets.Count == 0)
        {
            return null;
        }

        var found = _offsets.BinarySearch((int)offset);
        return _texts[found >= 0 ? found : Math.Max(0, ~found - 1)];
    }
}
