using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>
/// The initial values of RAM as they lie in flash: only runs of words that are not zero are stored. Each run is headed by the address where
/// the zeros before it end and the address where it ends itself; behind the last run stand the end of RAM's zeros and a zero.
/// </summary>
internal sealed class InitialValues
{
    // A shorter gap costs no more inside a run than the header of another one.
    private const int WordsOfHeader = 2;
    private const int Word = 4;

    private readonly List<(int Start, int End)> _runs = [];

    /// <summary>Finds the runs of <paramref name="data"/>, whose parts have addresses; what the linker patches counts as not zero.</summary>
    public InitialValues(PlacedSection data)
    {
        foreach (var word in data.Inputs.SelectMany(input => StoredWords(input, (int)(input.Address - data.Address))))
        {
            if (_runs.Count > 0 && word - _runs[^1].End <= WordsOfHeader)
            {
                _runs[^1] = (_runs[^1].Start, Math.Max(_runs[^1].End, word + 1));
            }
            else
            {
                _runs.Add((word, word + 1));
            }
        }
    }

    /// <summary>Bytes of flash.</summary>
    public uint Size => (uint)(_runs.Sum(run => run.End - run.Start + WordsOfHeader) + WordsOfHeader) * Word;

    /// <summary>Bytes of flash that <paramref name="input"/> takes by itself, headers of runs aside.</summary>
    public static uint StoredBytes(ElfSection input) => (uint)StoredWords(input, 0).Count * Word;

    /// <summary>The bytes in flash for the patched <paramref name="content"/> of data at <paramref name="address"/>, in RAM that ends at <paramref name="end"/>.</summary>
    public byte[] Write(ReadOnlySpan<byte> content, uint address, uint end)
    {
        var bytes = new List<byte>();
        foreach (var (start, next) in _runs)
        {
            bytes.AddRange(BitConverter.GetBytes(address + (uint)start * Word));
            bytes.AddRange(BitConverter.GetBytes(address + (uint)next * Word));
            bytes.AddRange(content[(start * Word)..(next * Word)]);
        }

        return [.. bytes, .. BitConverter.GetBytes(end), 0, 0, 0, 0];
    }

    private static SortedSet<int> StoredWords(ElfSection input, int offset)
    {
        var words = new SortedSet<int>();
        int zeros;
        for (var at = 0; (zeros = input.Content.AsSpan(at).IndexOfAnyExcept((byte)0)) >= 0;)
        {
            var word = (offset + at + zeros) / Word;
            words.Add(word);
            at = Math.Min((word + 1) * Word - offset, input.Content.Length);
        }

        // The linker patches at most a word at each relocation.
        foreach (var relocation in input.Relocations)
        {
            words.Add((offset + (int)relocation.Offset) / Word);
            words.Add((offset + (int)relocation.Offset + Word - 1) / Word);
        }

        return words;
    }
}
