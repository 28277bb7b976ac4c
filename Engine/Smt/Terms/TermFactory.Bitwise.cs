using System.Numerics;

namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>And, or, xor: flattened, sorted, constants folded; masks become extractions and disjoint unions become sums.</summary>
internal sealed partial class TermFactory
{
    public Term And(Term a, Term b)
        => IsBit(a) && IsBit(b) ? Bit(Both(a.Args[0], b.Args[0]), a.Width)
            : b.IsConstant && ChoiceOfConstants(a)
                ? IfThenElse(a.Args[0], Constant(a.Args[1].Value & b.Value, a.Width), Constant(a.Args[2].Value & b.Value, a.Width))
            : Flatten(TermOp.And, a, b);

    /// <summary>Bits that never meet add up, so that an address built with `or` is the one built with `add`.</summary>
    public Term Or(Term a, Term b)
        => IsBit(a) && IsBit(b) ? Bit(Either(a.Args[0], b.Args[0]), a.Width)
            : (PossibleOnes(a) & PossibleOnes(b)) == 0 ? Add(a, b)
            : Flatten(TermOp.Or, a, b);

    public Term Xor(Term a, Term b)
        => IsBit(a) && IsBit(b) ? Bit(Not(Equal(a.Args[0], b.Args[0])), a.Width)
            : IsBit(a) && b.IsConstant && b.Value == 1 ? Bit(Not(a.Args[0]), a.Width)
            : IsBit(b) && a.IsConstant && a.Value == 1 ? Bit(Not(b.Args[0]), a.Width)
            : Flatten(TermOp.Xor, a, b);

    /// <summary>A condition as 1 or 0.</summary>
    public Term Bit(Term condition, int width) => IfThenElse(condition, Constant(1, width), Constant(0, width));

    private static bool IsBit(Term t) => t.Width > 1 && ChoiceOfConstants(t) && t.Args[1].Value == 1 && t.Args[2].Value == 0;

    private Term Flatten(TermOp op, Term a, Term b)
    {
        var width = a.Width;
        var constant = op == TermOp.And ? Mask(width) : 0;
        var items = new SortedDictionary<int, Term>();
        Collect(op, a, items, ref constant);
        Collect(op, b, items, ref constant);
        if (op == TermOp.And && constant == 0 || op == TermOp.Or && constant == Mask(width) || items.Count == 0)
        {
            return Constant(constant, width);
        }

        var list = items.Values.ToList();
        var neutral = constant == (op == TermOp.And ? Mask(width) : 0);
        if (op == TermOp.And && !neutral && ContiguousMask(constant, out var low, out var high))
        {
            // A contiguous mask keeps a field: the zero-extended extraction, moved back into place.
            var inner = list.Count == 1 ? list[0] : Raw(TermOp.And, width, 0, null, [.. list]);
            return Combine(width, (ZeroExtend(Extract(inner, high, low), width), 1UL << low));
        }

        if (neutral && list.Count == 1)
        {
            return list[0];
        }

        if (op == TermOp.Xor && constant == Mask(width) && list.Count == 1)
        {
            return Combine(width, (list[0], ulong.MaxValue), (Constant(ulong.MaxValue, width), 1UL));
        }

        if (!neutral)
        {
            list.Add(Constant(constant, width));
        }

        return Raw(op, width, 0, null, [.. list]);
    }

    private static void Collect(TermOp op, Term t, SortedDictionary<int, Term> items, ref ulong constant)
    {
        if (t.Op == op)
        {
            foreach (var arg in t.Args)
            {
                Collect(op, arg, items, ref constant);
            }
        }
        else if (t.IsConstant)
        {
            constant = op == TermOp.And ? constant & t.Value : op == TermOp.Or ? constant | t.Value : constant ^ t.Value;
        }
        else if (op != TermOp.Xor || !items.Remove(t.Id))
        {
            items[t.Id] = t;
        }
    }

    private static bool ContiguousMask(ulong mask, out int low, out int high)
    {
        low = BitOperations.TrailingZeroCount(mask);
        high = 63 - BitOperations.LeadingZeroCount(mask);
        return mask == Mask(high - low + 1) << low;
    }

    // Shifts and rotations with wasm's counts: modulo the width, which is a power of two.
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
