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

/// <summary>
/// Which terms have a meaning: operands of the sorts that the operation takes, and a result of the sort that it gives. The rules of the simplifier are
/// proved of such terms only, so nothing that comes from outside may be another one.
/// </summary>
internal static class TermSorts
{
    private const ulong MostResults = 1 << 22;

    /// <summary>Whether the node itself is well-sorted, its operands taken for granted.</summary>
    public static bool Fits(Term t)
    {
        var (w, x) = (t.Width, t.Args);
        bool Are(params int[] sorts) => x.Select(a => a.Width).SequenceEqual(sorts);
        return t.Op switch
        {
            TermOp.Constant => Are() && (w == Sort.Bool ? t.Value <= 1 : IsBits(w) && t.Value <= TermFactory.Mask(w)),
            TermOp.Variable => Are() && t.Name is not null && (IsBits(w) || w == Sort.Token || Sort.IsMemory(w)),
            TermOp.Add or TermOp.Multiply or TermOp.And or TermOp.Or or TermOp.Xor => IsBits(w) && x.Length > 0 && Array.TrueForAll(x, a => a.Width == w),
            TermOp.DivideUnsigned or TermOp.DivideSigned or TermOp.RemainderUnsigned or TermOp.RemainderSigned
                or TermOp.ShiftLeft or TermOp.ShiftRight or TermOp.ShiftRightSigned or TermOp.RotateLeft => IsWord(w) && Are(w, w),
            TermOp.LeadingZeros or TermOp.TrailingZeros or TermOp.PopulationCount => IsWord(w) && Are(w),
            TermOp.Extract => IsBits(w) && x.Length == 1 && IsBits(x[0].Width) && t.Value < 64 && (int)t.Value + w <= x[0].Width,
            TermOp.ZeroExtend or TermOp.SignExtend => IsBits(w) && x.Length == 1 && IsBits(x[0].Width) && x[0].Width <= w,
            TermOp.Equal => w == Sort.Bool && x.Length == 2 && x[0].Width is not (Sort.Tuple or Sort.Vector) && x[0].Width == x[1].Width,
            TermOp.LessUnsigned or TermOp.LessSigned => w == Sort.Bool && x.Length == 2 && IsBits(x[0].Width) && x[0].Width == x[1].Width,
            TermOp.Not => w == Sort.Bool && Are(Sort.Bool),
            TermOp.Conjunction => w == Sort.Bool && x.Length > 0 && Array.TrueForAll(x, a => a.Width == Sort.Bool),
            TermOp.IfThenElse => w is not (Sort.Tuple or Sort.Vector) && Are(Sort.Bool, w, w),
            TermOp.Load => x.Length == 2 && Sort.IsMemory(x[0].Width) && Are(x[0].Width, Sort.AddressWidth(x[0].Width)) && t.Value is >= 1 and <= 8 && w == 8 * (int)t.Value,
            TermOp.Store => Sort.IsMemory(w) && t.Value is >= 1 and <= 8 && Are(w, Sort.AddressWidth(w), 8 * (int)t.Value),
            TermOp.Fill => Sort.IsMemory(w) && Are(w, Sort.AddressWidth(w), 8, Sort.AddressWidth(w)),
            TermOp.Copy => Sort.IsMemory(w) && x.Length == 5 && Sort.IsMemory(x[1].Width)
                && Are(w, x[1].Width, Sort.AddressWidth(w), Sort.AddressWidth(x[1].Width), Sort.AddressWidth(w)),
            TermOp.Apply => w == Sort.Tuple && t.Name is not null && !Array.Exists(x, a => a.Width is Sort.Tuple or Sort.Vector),
            TermOp.Result => w is not (Sort.Tuple or Sort.Vector) && t.Value <= MostResults && x.Length == 1 && x[0].Op == TermOp.Apply,
            TermOp.Vector => w == Sort.Vector && Are(64, 64),
            _ => false,
        };
    }

    private static bool IsBits(int width) => width is >= 1 and <= 64;

    /// <summary>Counts are taken modulo the width by a mask, so it is a power of two.</summary>
    private static bool IsWord(int width) => width is 8 or 16 or 32 or 64;
}
