using System.Collections.Immutable;

namespace Pulse.Build.Engine.Wasm.Validation;

/// <summary>
/// The types of a function's locals, parameters first. The first few stand in an array; the others are searched for among the groups, because
/// a declaration of six bytes can stand for fifty thousand of them, and a file can have a hundred thousand such functions.
/// </summary>
internal sealed class LocalTypes
{
    private const int Spread = 256;

    private ValType[] _first = new ValType[Spread];
    private readonly List<(int End, ValType Type)> _groups = [];
    private int _spread;

    /// <summary>Number of locals.</summary>
    public int Count { get; private set; }

    /// <summary>The type of local <paramref name="index"/>, which exists.</summary>
    public ValType this[int index] => index < _spread ? _first[index] : Search(index);

    /// <summary>Starts a function; the caller has checked that the number of locals is in range.</summary>
    public void Set(ImmutableArray<ValType> parameters, ImmutableArray<LocalGroup> locals)
    {
        if (parameters.Length + Spread > _first.Length)
        {
            _first = new ValType[parameters.Length + Spread];
        }

        parameters.CopyTo(_first);
        _groups.Clear();
        Count = _spread = parameters.Length;
        foreach (var group in locals)
        {
            Count += (int)group.Count;
            var last = Math.Min(Count, _first.Length);
            if (last > _spread)
            {
                _first.AsSpan(_spread, last - _spread).Fill(group.Type);
                _spread = last;
            }

            if (Count > _spread)
            {
                _groups.Add((Count, group.Type));
            }
        }
    }

    private ValType Search(int index)
    {
        var (low, high) = (0, _groups.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _groups[middle].End > index ? (low, middle) : (middle + 1, high);
        }

        return _groups[low].Type;
    }
}
