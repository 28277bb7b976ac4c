namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>
/// What a term is made of. Bit-vector operations have SMT-LIB's meaning except that shift and rotate counts are taken modulo the width,
/// as wasm does, and that the simplifier keeps one form of each idea: subtraction is addition, <c>a &gt; b</c> is <c>b &lt; a</c>.
/// </summary>
internal enum TermOp : byte
{
    Constant, Variable,
    Add, Multiply, DivideUnsigned, DivideSigned, RemainderUnsigned, RemainderSigned,
    And, Or, Xor, ShiftLeft, ShiftRight, ShiftRightSigned, RotateLeft,
    LeadingZeros, TrailingZeros, PopulationCount,
    Extract, ZeroExtend, SignExtend,
    Equal, LessUnsigned, LessSigned, Not, Conjunction, IfThenElse,

    /// <summary>(memory, address): the <c>Value</c> bytes there, low byte first.</summary>
    Load,

    /// <summary>(memory, address, value): the memory after <c>Value</c> bytes were written.</summary>
    Store,

    /// <summary>(memory, address, byte, length): the memory after a fill.</summary>
    Fill,

    /// <summary>(memory, source memory, destination, source, length): the memory after a copy; the source is read before it is written.</summary>
    Copy,

    /// <summary>An uninterpreted application with several results; <c>Name</c> is the function.</summary>
    Apply,

    /// <summary>(application): its result number <c>Value</c>.</summary>
    Result,

    /// <summary>(low half, high half): a vector of 128 bits.</summary>
    Vector,
}

/// <summary>Sorts that are no bit-vectors; a positive width is a bit-vector.</summary>
internal static class Sort
{
    /// <summary>True or false.</summary>
    public const int Bool = 0;

    /// <summary>A total map from 32-bit addresses to bytes.</summary>
    public const int Memory = -1;

    /// <summary>An opaque value that can only be compared: the history of the outside world, the contents of a table.</summary>
    public const int Token = -2;

    /// <summary>All results of one application.</summary>
    public const int Tuple = -3;

    /// <summary>A total map from 64-bit addresses to bytes.</summary>
    public const int Memory64 = -4;

    /// <summary>Two halves of 64 bits, the low one first; always a <see cref="TermOp.Vector"/>.</summary>
    public const int Vector = -5;

    public static bool IsMemory(int sort) => sort is Memory or Memory64;

    /// <summary>Bits of an address of a memory.</summary>
    public static int AddressWidth(int sort) => sort == Memory64 ? 64 : 32;
}
