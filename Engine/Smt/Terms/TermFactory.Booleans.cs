namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>Conditions: flat conjunctions sorted by id, negation, and if-then-else. A disjunction is a negated conjunction.</summary>
internal sealed partial class TermFactory
{
    /// <summary>Longer conjunctions are left as they are: propagation would take quadratic time.</summary>
    private const int Propagated = 192;

    /// <summary>How deep two terms are compared that differ by a known constant.</summary>
    private const int Nesting = 4;

    public Term Not(Term a) => a.Op == TermOp.Not ? a.Args[0] : a.IsConstant ? Boolean(a.Value == 0) : Raw(TermOp.Not, Sort.Bool, 0, null, a);

    public Term Both(Term a, Term b) => ReferenceEquals(a, b) || b.IsTrue || a.IsFalse ? a
        : a.IsTrue || b.IsFalse ? b
        : FromConjuncts(Pick(Conjuncts(a), Conjuncts(b), left: true, both: true, right: true));

    public Term Either(Term a, Term b)
    {
        if (ReferenceEquals(a, b) || b.IsFalse || a.IsTrue)
        {
            return a;
        }

        if (a.IsFalse || b.IsTrue)
        {
            return b;
        }

        // What both sides share is factored out, so that the two arms of a branch join to the branch's own condition.
        var left = Conjuncts(a);
        var right = Conjuncts(b);
        var common = Common(left, right);
        var restA = Without(left, common);
        var restB = Without(right, common);
        if (restA.Length == 0 || restB.Length == 0)
        {
            return FromConjuncts(common);
        }

        // c ∨ (¬c ∧ x) is c ∨ x.
        if (restA.Length == 1)
        {
            restB = Without(restB, [Not(restA[0])]);
        }
        else if (restB.Length == 1)
        {
            restA = Without(restA, [Not(restB[0])]);
        }

        if (restA.Length == 0 || restB.Length == 0)
        {
            return FromConjuncts(common);
        }

        var union = Not(Both(Not(FromConjuncts(restA)), Not(FromConjuncts(restB))));
        return Both(FromConjuncts(common), union);
    }

    /// <summary>The conjuncts of a condition by rising id; none for true.</summary>
    public static ReadOnlySpan<Term> Conjuncts(Term a) => a.IsTrue ? [] : a.Op == TermOp.Conjunction ? a.Args : new[] { a };

    /// <summary>Whether every conjunct of <paramref name="weak"/> is one of <paramref name="strong"/>.</summary>
    public static bool Implies(Term strong, Term weak)
        => strong.IsFalse || weak.IsTrue || ReferenceEquals(strong, weak) || Without(Conjuncts(weak), Conjuncts(strong)).Length == 0;

    /// <summary><paramref name="condition"/> without the conjuncts of <paramref name="known"/>.</summary>
    public Term Relative(Term condition, ReadOnlySpan<Term> known) => FromConjuncts(Without(Conjuncts(condition), known));

    /// <summary>The conjunction of many conditions at once.</summary>
    public Term All(IEnumerable<Term> conditions)
    {
        var items = new SortedDictionary<int, Term>();
        foreach (var condition in conditions)
        {
            foreach (var item in Conjuncts(condition))
            {
                items[item.Id] = item;
            }
        }

        return items.Values.Any(c => c.IsFalse) ? False : FromConjuncts([.. items.Values]);
    }

    /// <summary>The conjunction of sorted, distinct conjuncts, after unit propagation into negated conjunctions.</summary>
    public Term FromConjuncts(ReadOnlySpan<Term> items)
    {
        if (items.Length <= 1)
        {
            return items.Length == 0 ? True : items[0];
        }

        var units = new HashSet<int>(items.Length);
        foreach (var item in items)
        {
            units.Add(item.Id);
        }

        var changed = false;
        var result = new List<Term>(items.Length);
        foreach (var item in items)
        {
            if (item.Op == TermOp.Not && units.Contains(item.Args[0].Id))
            {
                return False;
            }

            var reduced = items.Length <= Propagated && item.Op == TermOp.Not && item.Args[0].Op == TermOp.Conjunction ? Propagate(item, units) : item;
            changed |= !ReferenceEquals(reduced, item);
            if (reduced.IsFalse)
            {
                return False;
            }

            if (!reduced.IsTrue)
            {
                result.Add(reduced);
            }
        }

        return changed ? All(result) : Raw(TermOp.Conjunction, Sort.Bool, 0, null, items.ToArray());
    }

    /// <summary>¬(a ∧ b) beside a is ¬b; beside ¬a it says nothing.</summary>
    private Term Propagate(Term negated, HashSet<int> units)
    {
        var rest = new List<Term>();
        foreach (var inner in negated.Args[0].Args)
        {
            if (inner.Op == TermOp.Not && units.Contains(inner.Args[0].Id))
            {
                return True;
            }

            if (!units.Contains(inner.Id))
            {
                var opposite = inner.Op == TermOp.Not ? inner.Args[0] : Raw(TermOp.Not, Sort.Bool, 0, null, inner);
                if (units.Contains(opposite.Id))
                {
                    return True;
                }

                rest.Add(inner);
            }
        }

        return rest.Count == negated.Args[0].Args.Length ? negated : Not(FromConjuncts(rest.ToArray()));
    }

    public Term IfThenElse(Term condition, Term a, Term b)
    {
        if (condition.IsConstant || ReferenceEquals(a, b))
        {
            return condition.IsFalse ? b : a;
        }

        if (condition.Op == TermOp.Not)
        {
            return IfThenElse(condition.Args[0], b, a);
        }

        if (a.Width == Sort.Bool)
        {
            return Either(Both(condition, a), Both(Not(condition), b));
        }

        if (a.Width == Sort.Vector)
        {
            return Vector(IfThenElse(condition, a.Args[0], b.Args[0]), IfThenElse(condition, a.Args[1], b.Args[1]));
        }

        a = a.Op == TermOp.IfThenElse && ReferenceEquals(a.Args[0], condition) ? a.Args[1] : a;
        b = b.Op == TermOp.IfThenElse && ReferenceEquals(b.Args[0], condition) ? b.Args[2] : b;
        return ReferenceEquals(a, b) || AgreeWhere(condition, a, b) ? b : Collapse(condition, a, b) ?? Raw(TermOp.IfThenElse, a.Width, 0, null, condition, a, b);
    }

    /// <summary>Whether the condition says that some term is a constant, and <paramref name="a"/> is <paramref name="b"/> with the constant in its place: f(3) where x = 3, else f(x).</summary>
    private static bool AgreeWhere(Term condition, Term a, Term b)
    {
        foreach (var fact in Conjuncts(condition))
        {
            if (fact.Op == TermOp.Equal && Array.FindIndex(fact.Args, x => x.IsConstant) is var constant and >= 0 && Agree(a, b, fact.Args[constant], fact.Args[1 - constant], Nesting))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Agree(Term a, Term b, Term constant, Term value, int depth)
    {
        var isSame = ReferenceEquals(a, b) || ReferenceEquals(a, constant) && ReferenceEquals(b, value);
        var agree = !isSame && depth > 0 && a.Args.Length > 0 && a.IsLike(b);
        for (var i = 0; agree && i < a.Args.Length; i++)
        {
            agree = Agree(a.Args[i], b.Args[i], constant, value, depth - 1);
        }

        return isSame || agree;
    }

    /// <summary>Two nested choices between the same two values become one.</summary>
    private Term? Collapse(Term c, Term a, Term b)
        => Chooses(a, 2, b) ? IfThenElse(Both(c, a.Args[0]), a.Args[1], b)
            : Chooses(a, 1, b) ? IfThenElse(Both(c, Not(a.Args[0])), a.Args[2], b)
            : Chooses(b, 1, a) ? IfThenElse(Either(c, b.Args[0]), a, b.Args[2])
            : Chooses(b, 2, a) ? IfThenElse(Both(Not(c), b.Args[0]), b.Args[1], a)
            : null;

    private static bool Chooses(Term t, int arm, Term value) => t.Op == TermOp.IfThenElse && ReferenceEquals(t.Args[arm], value);

    internal static Term[] Common(ReadOnlySpan<Term> a, ReadOnlySpan<Term> b) => Pick(a, b, left: false, both: true, right: false);

    private static Term[] Without(ReadOnlySpan<Term> a, ReadOnlySpan<Term> removed) => Pick(a, removed, left: true, both: false, right: false);

    /// <summary>Of two lists of rising ids what stands in the left one alone, in both, and in the right one alone, as far as it is wanted.</summary>
    private static Term[] Pick(ReadOnlySpan<Term> a, ReadOnlySpan<Term> b, bool left, bool both, bool right)
    {
        var result = new List<Term>(a.Length);
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
        {
            var order = i == a.Length ? 1 : j == b.Length ? -1 : a[i].Id.CompareTo(b[j].Id);
            if (order < 0 ? left : order == 0 ? both : right)
            {
                result.Add(order > 0 ? b[j] : a[i]);
            }

            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return [.. result];
    }
}
