namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>Shifts and rotations with wasm's counts: modulo the width, which is a power of two.</summary>
internal sealed partial class TermFactory
{
    public Term ShiftLeft(Term a, Term count)
        => count.IsConstant ? Combine(a.Width, (a, 1UL << Amount(count))) : Raw(TermOp.ShiftLeft, a.Width, 0, null, a, Modulo(count));

    /// <summary>a·2ᵏ for a k below the width, which need be no power of two.</summary>
    public Term ShiftLeftBy(Term a, int k) => Combine(a.Width, (a, 1UL << k));

    public Term ShiftRight(Term a, Term count) => count.IsConstant ? ZeroExtend(Extract(a, a.Width - 1, Amount(count)), a.Width)
        : Raw(TermOp.ShiftRight, a.Width, 0, null, a, Modulo(count));

    public Term ShiftRightSigned(Term a, Term count) => count.IsConstant ? SignExtend(Extract(a, a.Width - 1, Amount(count)), a.Width)
        : Raw(TermOp.ShiftRightSigned, a.Width, 0, null, a, Modulo(count));

    /// <summary>A rotation; to the right is to the left by the negated count.</summary>
    public Term Rotate(Term a, Term count, bool left)
    {
        var by = Modulo(left ? count : Negate(count));
        if (!by.IsConstant)
        {
            return Raw(TermOp.RotateLeft, a.Width, 0, null, a, by);
        }

        var k = (int)by.Value;
        return k == 0 ? a
            : a.IsConstant ? Constant(a.Value << k | a.Value >> (a.Width - k), a.Width)
            : Raw(TermOp.RotateLeft, a.Width, 0, null, a, by);
    }

    private static int Amount(Term count) => (int)(count.Value & (ulong)(count.Width - 1));

    private Term Modulo(Term count) => And(count, Constant((ulong)(count.Width - 1), count.Width));
}
