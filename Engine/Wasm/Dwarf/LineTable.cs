namespace Pulse.Build.Engine.Wasm.Dwarf;

/// <summary>A place in a source file.</summary>
/// <param name="File">Path as the producer recorded it, its directories joined.</param>
/// <param name="Line">Line from 1.</param>
/// <param name="Column">Column from 1, or 0 when the producer did not record it.</param>
internal readonly record struct SourcePosition(string File, int Line, int Column);

/// <summary>A source file of a line table: its name under a directory, under the directory of compilation.</summary>
internal readonly record struct LineFile(DwarfString? Name, DwarfString? Directory, DwarfString? CompilationDirectory);

/// <summary>A row of the line table; <paramref name="File"/> counts <see cref="LineTable.Files"/>, and is -1 where a sequence ends.</summary>
internal readonly record struct LineRow(int Address, int File, int Line, int Column);

/// <summary>
/// Source positions by code address. A sequence is believed only when it starts in a body and ends where one ends: a tool that
/// rewrites code and forgets the debug information leaves sequences that do not, and a wrong line is worse than none.
/// </summary>
internal sealed class LineTable
{
    private readonly List<LineRow> _rows = [];
    private readonly List<LineFile> _files = [];
    private int _sequenceStart;
    private bool _isSorted = true;

    /// <summary>The files that rows name.</summary>
    public IReadOnlyList<LineFile> Files => _files;

    /// <summary>Number of rows.</summary>
    public int Count => _rows.Count;

    /// <summary>Whether a sequence was left out because it does not match the code.</summary>
    public bool HasMismatches { get; private set; }

    /// <summary>Adds a file; rows name it by the index given.</summary>
    public int AddFile(LineFile file)
    {
        _files.Add(file);
        return _files.Count - 1;
    }

    /// <summary>Adds a row to the open sequence.</summary>
    public void Add(LineRow row) => _rows.Add(row);

    /// <summary>Ends the open sequence at <paramref name="end"/>, and drops it unless it ends with a body of <paramref name="layout"/>.</summary>
    public void EndSequence(int end, CodeLayout layout)
    {
        var matches = _rows.Count > _sequenceStart && Matches(_rows[_sequenceStart].Address, end, layout);
        for (var i = _sequenceStart + 1; matches && i < _rows.Count; i++)
        {
            matches = _rows[i].Address >= _rows[i - 1].Address;
        }

        if (matches && _rows[^1].Address <= end)
        {
            _rows.Add(new LineRow(end, -1, 0, 0));
            _sequenceStart = _rows.Count;
            _isSorted = false;
            return;
        }

        // Linkers leave the sequences of functions that they dropped at address 0 or at the highest one: those are no mismatch.
        HasMismatches |= _rows.Count > _sequenceStart && layout.Find(_rows[_sequenceStart].Address) is not null;
        Abandon();
    }

    /// <summary>Forgets the rows of the open sequence.</summary>
    public void Abandon() => _rows.RemoveRange(_sequenceStart, _rows.Count - _sequenceStart);

    /// <summary>The row that covers <paramref name="address"/>, or null.</summary>
    public LineRow? Find(int address) => LastUpTo(address) is var last and >= 0 && _rows[last].File >= 0 ? _rows[last] : null;

    /// <summary>The rows at <paramref name="address"/> itself, in their order; else the one that covers it.</summary>
    public IEnumerable<LineRow> FindAll(int address)
    {
        var last = LastUpTo(address);
        var first = last;
        while (first > 0 && _rows[first - 1].Address == address)
        {
            first--;
        }

        return last < 0 ? [] : _rows[first..(last + 1)].Where(row => row.File >= 0);
    }

    /// <summary>Index of the last row that is not behind <paramref name="address"/>, or -1.</summary>
    private int LastUpTo(int address)
    {
        if (!_isSorted)
        {
            Sort();
        }

        int low = 0, high = _rows.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_rows[middle].Address <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    private static bool Matches(int start, int end, CodeLayout layout) =>
        end > start && layout.Find(start) is not null && layout.Find(end - 1) is { } last && last.End == end;

    /// <summary>By address; an end before a start at the same address, rows of one address in their order.</summary>
    private void Sort()
    {
        var sorted = _rows.OrderBy(row => row.Address).ThenBy(row => row.File < 0 ? 0 : 1).ToArray();
        _rows.Clear();
        _rows.AddRange(sorted);
        _isSorted = true;
    }
}
