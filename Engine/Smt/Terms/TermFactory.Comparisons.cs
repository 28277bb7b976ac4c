namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>Equality and the two orders. Constants stand on the right; a ≤ b is ¬(b &lt; a).</summary>
internal sealed partial class TermFactory
{
    public Term Equal(Term a, Term b)
    {
        if (a.IsConstant)
        {
            (a, b) = (b, a);
        }

        return ReferenceEquals(a, b) ? True
            : a.Width == Sort.Bool && b.IsConstant ? b.IsTrue ? a : Not(a)
            : a.Width == Sort.Vector ? Both(Equal(a.Args[0], b.Args[0]), Equal(a.Args[1], b.Args[1]))
            : a.Width <= 0 ? EqualArms(a, b) ?? EqualRaw(a, b)
            : b.IsConstant && EqualConstant(a, b) is { } simple ? simple
            : a.Op is TermOp.Add or TermOp.Multiply || b.Op is TermOp.Add or TermOp.Multiply ? EqualSums(a, b)
            : EqualRaw(a, b);
    }

    /// <summary>Where two choices are between the same two, they are equal if the conditions are, or the two.</summary>
    private Term? EqualArms(Term a, Term b) => a.Op == TermOp.IfThenElse && b.Op == TermOp.IfThenElse && ReferenceEquals(a.Args[1], b.Args[1]) && ReferenceEquals(a.Args[2], b.Args[2])
        ? Either(Equal(a.Args[0], b.Args[0]), Equal(a.Args[1], a.Args[2])) : null;

    private Term EqualRaw(Term a, Term b) => a.Id > b.Id ? Raw(TermOp.Equal, Sort.Bool, 0, null, b, a) : Raw(TermOp.Equal, Sort.Bool, 0, null, a, b);

    private Term? EqualConstant(Term a, Term b)
    {
        var value = b.Value;
        switch (a.Op)
        {
            case TermOp.Constant:
                return Boolean(a.Value == value);
            case TermOp.IfThenElse when a.Args[1].IsConstant && a.Args[2].IsConstant:
                var (yes, no) = (a.Args[1].Value == value, a.Args[2].Value == value);
                return yes ? no ? True : a.Args[0] : no ? Not(a.Args[0]) : False;
            case TermOp.IfThenElse when a.Args[1].IsConstant || a.Args[2].IsConstant:
                return Either(Both(a.Args[0], Equal(a.Args[1], b)), Both(Not(a.Args[0]), Equal(a.Args[2], b)));
            case TermOp.Or when value == 0 && Array.Exists(a.Args, x => x.Op == TermOp.IfThenElse):
                return All(a.Args.Select(x => Equal(x, b)));
            case TermOp.ZeroExtend:
                return (value & ~Mask(a.Args[0].Width)) != 0 ? False : Equal(a.Args[0], Constant(value, a.Args[0].Width));
            case TermOp.SignExtend:
                var narrow = Constant(value, a.Args[0].Width);
                return SignExtend(narrow, a.Width).Value != value ? False : Equal(a.Args[0], narrow);
        }

        if (a.Width == 1 && value == 0)
        {
            return Not(Equal(a, Constant(1, 1)));
        }

        var (low, high) = RangeOf(a);
        return value < low || value > high ? False : null;
    }

    /// <summary>a = b as Σ = 0 with one canonical sign; a lone variable, or a difference of two, keeps its natural form.</summary>
    private Term EqualSums(Term a, Term b)
    {
        var width = a.Width;
        var mask = Mask(width);
        var sum = new LinearSum();
        sum.Add(a, 1);
        sum.Add(b, ulong.MaxValue);
        var items = sum.Sorted().Where(item => (item.Factor & mask) != 0).Select(item => (item.Term, Factor: item.Factor & mask)).ToList();
        var constant = sum.Constant & mask;
        if (items.Count == 0)
        {
            return Boolean(constant == 0);
        }

        var unit = items[0].Factor == 1 || items[0].Factor == mask;
        if (items.Count == 1 && unit)
        {
            var other = Constant(items[0].Factor == 1 ? unchecked(0 - constant) : constant, width);
            return EqualConstant(items[0].Term, other) ?? EqualRaw(items[0].Term, other);
        }

        if (items.Count == 2 && constant == 0 && unit && (unchecked(items[0].Factor + items[1].Factor) & mask) == 0)
        {
            // Two sums that stay as they are have no simpler form: asking again would not end.
            return (ReferenceEquals(items[0].Term, a) || ReferenceEquals(items[0].Term, b)) && (ReferenceEquals(items[1].Term, a) || ReferenceEquals(items[1].Term, b))
                ? EqualRaw(a, b)
                : Equal(items[0].Term, items[1].Term);
        }

        var sign = Signed(items[0].Factor, width) < 0 ? ulong.MaxValue : 1;
        var canonical = new LinearSum();
        canonical.Add(Constant(constant, width), sign);
        foreach (var (term, factor) in items)
        {
            canonical.Add(term, unchecked(factor * sign));
        }

        return EqualRaw(FromSum(canonical, width), Constant(0, width));
    }

    public Term LessUnsigned(Term a, Term b)
    {
        var ((lowA, highA), (lowB, highB)) = (RangeOf(a), RangeOf(b));
        return ReferenceEquals(a, b) || lowA >= highB ? False
            : highA < lowB ? True
            : b.IsConstant && b.Value == 1 ? Equal(a, Constant(0, a.Width))
            : b.IsConstant && a.Op == TermOp.ZeroExtend ? LessUnsigned(a.Args[0], Constant(b.Value, a.Args[0].Width))
            : b.IsConstant && ChoiceOfConstants(a) ? IfThenElse(a.Args[0], LessUnsigned(a.Args[1], b), LessUnsigned(a.Args[2], b))
            : a.IsConstant ? Not(LessUnsigned(b, Constant(a.Value + 1, a.Width)))
            : BothExtend(TermOp.ZeroExtend, a, b) ? LessUnsigned(a.Args[0], b.Args[0])
            : Raw(TermOp.LessUnsigned, Sort.Bool, 0, null, a, b);
    }

    public Term LessSigned(Term a, Term b)
    {
        var (width, minimum) = (a.Width, 1UL << (a.Width - 1));
        return ReferenceEquals(a, b) ? False
            : a.IsConstant && b.IsConstant ? Boolean(Signed(a.Value, width) < Signed(b.Value, width))
            : NeverNegative(a) && NeverNegative(b) ? LessUnsigned(a, b)
            : b.IsConstant && (b.Value == minimum || NeverNegative(a)) ? False
            : b.IsConstant && ChoiceOfConstants(a) ? IfThenElse(a.Args[0], LessSigned(a.Args[1], b), LessSigned(a.Args[2], b))
            : a.IsConstant ? a.Value == minimum - 1 ? False : Not(LessSigned(b, Constant(unchecked(a.Value + 1), width)))
            : BothExtend(TermOp.SignExtend, a, b) ? LessSigned(a.Args[0], b.Args[0])
            : Raw(TermOp.LessSigned, Sort.Bool, 0, null, a, b);
    }

    private static bool BothExtend(TermOp op, Term a, Term b) => a.Op == op && b.Op == op && a.Args[0].Width == b.Args[0].Width;

    private static bool NeverNegative(Term a) => RangeOf(a).High < 1UL << (a.Width - 1);

    private static bool ChoiceOfConstants(Term a) => a.Op == TermOp.IfThenElse && a.Args[1].IsConstant && a.Args[2].IsConstant;
}
