using System.Globalization;
using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;

namespace Pulse.Build.Engine.Firmware;

/// <summary>A part of RAM with what lies in it: the board's own, which has the stack too, or one that the project adds.</summary>
internal sealed class RamRegion
{
    /// <summary>Regions that a project can add.</summary>
    public const int MostAdded = 4;

    private const uint Word = 4;

    private RamRegion(MemoryRange range, int index, List<ElfSection> inputs)
    {
        (Range, Suffix) = (range, SuffixOf(index));
        Initial = new(".initial" + Suffix, []);
        Data = new(".data" + Suffix, [.. inputs.Where(IsStored)]);
        Zero = new(".bss" + Suffix, [.. inputs.Where(input => !IsStored(input))]);
    }

    /// <summary>Where it is.</summary>
    public MemoryRange Range { get; }

    /// <summary>What the names of its sections and symbols end with: nothing for the board's own, then 1, 2.</summary>
    public string Suffix { get; }

    /// <summary>In flash: what start-up reads to initialise it.</summary>
    public PlacedSection Initial { get; }

    /// <summary>Initialised variables.</summary>
    public PlacedSection Data { get; }

    /// <summary>Zeroed variables.</summary>
    public PlacedSection Zero { get; }

    /// <summary>The values that <see cref="Data"/> starts with.</summary>
    public InitialValues Values { get; private set; } = null!;

    /// <summary>Where what start-up initialises ends; it begins with <see cref="Data"/>.</summary>
    public uint End => Zero.Address + Zero.Size;

    /// <summary>The suffix of the region <paramref name="index"/>.</summary>
    public static string SuffixOf(int index) => index == 0 ? "" : index.ToString(CultureInfo.InvariantCulture);

    /// <summary>Refuses added regions that are no whole words or lie on something else (PULSE4063).</summary>
    public static void Check(Board board)
    {
        var known = new List<MemoryRange> { board.Flash, board.Ram };
        foreach (var range in board.AddedRam)
        {
            var why = known.Count == 2 + MostAdded ? string.Create(CultureInfo.InvariantCulture, $"is more than the {MostAdded} that can be added")
                : range.Origin % Word != 0 || range.Size % Word != 0 || range.Size == 0 || (ulong)range.Origin + range.Size > uint.MaxValue ? "is not a range of whole words"
                : known.Exists(other => range.Origin < other.End && other.Origin < range.End) ? "lies on other memory"
                : null;
            if (why is not null)
            {
                throw new DiagnosticException(DiagnosticId.PULSE4063, Location.None, range.Origin, range.Size, why);
            }

            known.Add(range);
        }
    }

    /// <summary>The regions of <paramref name="board"/> with <paramref name="variables"/>: each in the first that has room for it, else in the board's own.</summary>
    public static List<RamRegion> Fill(Board board, uint stackTop, IEnumerable<ElfSection> variables)
    {
        var ranges = board.AddedRam.Prepend(board.Ram).ToList();
        var inputs = ranges.ConvertAll(_ => new List<ElfSection>());
        var free = ranges.ConvertAll(range => (ulong)range.Origin);
        free[0] = stackTop;
        var ordered = variables.OrderBy(variable => !IsStored(variable)).ToList();

        // All as strictly aligned as the strictest: then the sections fit as a whole too.
        var alignment = ordered.Select(variable => (ulong)variable.Alignment).Append(Word).Max();
        foreach (var variable in ordered)
        {
            ulong EndIn(int region) => ((free[region] + alignment - 1) & ~(alignment - 1)) + variable.Size;
            var home = Enumerable.Range(0, ranges.Count).FirstOrDefault(region => EndIn(region) <= ranges[region].End);
            free[home] = EndIn(home);
            inputs[home].Add(variable);
        }

        return [.. ranges.Select((range, i) => new RamRegion(range, i, inputs[i]))];
    }

    /// <summary>Finds the initial values of what has been placed.</summary>
    public void FindValues() => Values = new InitialValues(Data.Inputs.Select(input => (input, input.Address - Data.Address)));

    private static bool IsStored(ElfSection variable) => variable.Type != SectionType.NoBits;
}
