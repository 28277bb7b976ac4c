using System.Collections.Immutable;

namespace Pulse.Build.Engine.Thumb;

/// <summary>From <paramref name="Offset"/> on the bytes are data, or instructions.</summary>
internal readonly record struct MappingRegion(int Offset, bool IsData);

/// <summary>What the linker must do to a place in the code.</summary>
internal enum RelocationKind : byte
{
    /// <summary>BL to a symbol.</summary>
    Call,

    /// <summary>B.W to a symbol.</summary>
    Jump,

    /// <summary>MOVW of the low half of an address.</summary>
    MovwAbs,

    /// <summary>MOVT of the high half of an address.</summary>
    MovtAbs,

    /// <summary>A word with an address.</summary>
    Abs32,
}

/// <summary>A place in the code that depends on the address of a symbol.</summary>
/// <param name="Offset">Offset of the instruction or word.</param>
/// <param name="Kind">What stands there.</param>
/// <param name="Symbol">Name of the symbol.</param>
/// <param name="Addend">Added to the symbol's address; the bytes hold the same addend, as REL relocations want it.</param>
internal readonly record struct CodeRelocation(int Offset, RelocationKind Kind, string Symbol, int Addend);

/// <summary>A mark set with <c>Assembler.Mark</c> and where it ended up.</summary>
internal readonly record struct CodeMark(int Tag, int Offset);

/// <summary>What an assembler makes of one section. It must be placed at a multiple of <see cref="Alignment"/>.</summary>
/// <param name="Bytes">Code, pools and tables.</param>
/// <param name="Regions">Where code and data begin, in order.</param>
/// <param name="Relocations">Places that refer to symbols, by offset.</param>
/// <param name="Marks">Marks in the order they were set.</param>
/// <param name="LabelOffsets">Offset of each label.</param>
internal sealed record AssembledCode(
    ImmutableArray<byte> Bytes,
    ImmutableArray<MappingRegion> Regions,
    ImmutableArray<CodeRelocation> Relocations,
    ImmutableArray<CodeMark> Marks,
    ImmutableArray<int> LabelOffsets)
{
    /// <summary>Alignment of the section: literal loads count from a multiple of four.</summary>
    public const int Alignment = 4;

    /// <summary>Where <paramref name="label"/> ended up.</summary>
    public int OffsetOf(Label label) => LabelOffsets[label.Index];
}
