using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;
using static Pulse.Build.Engine.Thumb.Operation;
using static Pulse.Build.Engine.Thumb.Register;

namespace Pulse.Build.Engine.Codegen;

/// <summary>
/// The initial values of a part of RAM as they lie in flash: only runs of words that are not zero are stored. Each run is headed by the address where
/// the zeros before it end and the address where it ends itself; behind the last run stand the end of the part and a zero.
/// </summary>
internal sealed class InitialValues
{
    // A shorter gap costs no more inside a run than the header of another one.
    private const int WordsOfHeader = 2;
    private const int Word = 4;

    private readonly List<(int Start, int End)> _runs = [];

    /// <summary>Finds the runs of what lies at ascending offsets; what the linker patches counts as not zero.</summary>
    public InitialValues(IEnumerable<(ElfSection Data, uint Offset)> parts)
    {
        foreach (var word in parts.SelectMany(part => StoredWords(part.Data, (int)part.Offset)))
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

    /// <summary>Offsets of the addresses in what <see cref="Write"/> gives.</summary>
    public IEnumerable<uint> Addresses
    {
        get
        {
            var at = 0;
            foreach (var (start, next) in _runs)
            {
                yield return (uint)at * Word;
                yield return (uint)(at + 1) * Word;
                at += WordsOfHeader + next - start;
            }

            yield return (uint)at * Word;
        }
    }

    /// <summary>Bytes of flash that <paramref name="input"/> takes by itself, headers of runs aside.</summary>
    public static uint StoredBytes(ElfSection input) => (uint)StoredWords(input, 0).Count * Word;

    /// <summary>The bytes in flash for the patched <paramref name="content"/> of data at <paramref name="address"/>, in a part that ends at <paramref name="end"/>.</summary>
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

    /// <summary>Fills the part of RAM that begins at the symbol <paramref name="start"/>; changes r0 to r5.</summary>
    public static void EmitFill(Assembler code, string values, string start)
    {
        var (next, testZeros, clear, testWords, copy) = (code.NewLabel(), code.NewLabel(), code.NewLabel(), code.NewLabel(), code.NewLabel());
        code.SymbolAddress(R0, values);
        code.SymbolAddress(R1, start);
        code.Constant(R3, 0);
        code.Bind(next);
        code.Emit(MemoryBlock(Ldm, R0, RegisterList.Of(R2, R4), writeBack: true));
        code.Branch(testZeros);
        code.Bind(clear);
        code.Emit(MemoryBlock(Stm, R1, RegisterList.Of(R3), writeBack: true));
        code.Bind(testZeros);
        code.Emit(Compare(Cmp, R1, R2));
        code.Branch(clear, Condition.LO);
        code.Branch(testWords);
        code.Bind(copy);
        code.Emit(MemoryBlock(Ldm, R0, RegisterList.Of(R5), writeBack: true));
        code.Emit(MemoryBlock(Stm, R1, RegisterList.Of(R5), writeBack: true));
        code.Bind(testWords);
        code.Emit(Compare(Cmp, R1, R4));
        code.Branch(copy, Condition.LO);

        // A run has ended where it had to; behind the last one R4 is zero.
        code.Branch(next, Condition.EQ);
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
