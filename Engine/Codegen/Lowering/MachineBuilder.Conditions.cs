using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Comparisons, and what consumes them.</summary>
internal sealed partial class MachineBuilder
{
    /// <summary>1 when the condition holds of <c>a - b</c>, else 0.</summary>
    public VReg SetIf(Condition condition, VReg a, VReg b)
    {
        if (IsConstant(a, out _) && !IsConstant(b, out _))
        {
            (a, b, condition) = (b, a, Swap(condition));
        }

        if (Decide(condition, a, b) is { } decided)
        {
            return Constant(decided ? 1 : 0);
        }

        if (IsConstant(b, out var zero) && zero == 0)
        {
            condition = condition switch { Condition.HI => Condition.NE, Condition.LS => Condition.EQ, _ => condition };
            if (condition == Condition.NE && FactsOf(a).UnsignedMax <= 1)
            {
                return a;
            }

            if (condition == Condition.EQ && DefinitionOf(a) is { Op: MachineOp.SetIf })
            {
                return Not(a);
            }
        }

        return SetIf(new MachineCondition(CompareKind.Cmp, condition, [a, b]));
    }

    /// <summary>The same for 64-bit values.</summary>
    public VReg SetIfWide(Condition condition, RegisterPair a, RegisterPair b)
    {
        if (condition is Condition.EQ or Condition.NE)
        {
            return WideEquality(condition, a, b);
        }

        if (condition is Condition.HI or Condition.LS or Condition.GT or Condition.LE)
        {
            (a, b, condition) = (b, a, Swap(condition));
        }

        if (condition is Condition.LT or Condition.GE && IsZero(b.Low) && IsZero(b.High))
        {
            return SetIf(condition, a.High, b.High);
        }

        if (condition is Condition.LO or Condition.HS && IsConstant(a.High, out var x) && IsConstant(b.High, out var y))
        {
            return x == y ? SetIf(condition, a.Low, b.Low) : Constant((unchecked((uint)x) < unchecked((uint)y)) == (condition == Condition.LO) ? 1 : 0);
        }

        if (condition is Condition.LO or Condition.HS && IsZero(a.Low))
        {
            // 0 <= b always; and 0 < b is a question of equality.
            if (IsZero(a.High))
            {
                return WideEquality(condition == Condition.LO ? Condition.NE : Condition.EQ, b, a);
            }
        }

        return SetIf(new MachineCondition(CompareKind.WideLess, condition, [a.Low, b.Low, a.High, b.High]));
    }

    /// <summary>1 when <paramref name="value"/> is 0, else 0.</summary>
    public VReg Not(VReg value) => DefinitionOf(value) is { Op: MachineOp.SetIf } set
        ? SetIf(ConditionOf(value).Invert())
        : SetIf(Condition.EQ, value, Constant(0));

    /// <summary>The question whether <paramref name="value"/> is not 0.</summary>
    public MachineCondition ConditionOf(VReg value)
    {
        if (DefinitionOf(value) is { Op: MachineOp.SetIf } set)
        {
            return new(set.Compare, set.Condition, [.. set.Uses.Take(set.CompareCount).Select(use => use.Register)]);
        }

        return new(CompareKind.Cmp, Condition.NE, [value, Constant(0)]);
    }

    /// <summary>One of two values.</summary>
    public VReg Select(VReg condition, VReg whenTrue, VReg whenFalse)
    {
        if (whenTrue == whenFalse)
        {
            return whenTrue;
        }

        if (IsConstant(condition, out var decided))
        {
            return decided != 0 ? whenTrue : whenFalse;
        }

        if (IsConstant(whenTrue, out var one) && IsConstant(whenFalse, out var zero) && ((one, zero) is (1, 0) or (0, 1)))
        {
            var set = SetIf(ConditionOf(condition));
            return one == 1 ? set : Not(set);
        }

        var question = ConditionOf(condition);
        var inst = new MachineInst(MachineOp.Select);
        inst.Uses.Add(whenTrue);
        inst.Uses.Add(whenFalse);
        question.ApplyTo(inst);
        return Conditional(inst, FactsOfSelect(question, whenTrue, whenFalse));
    }

    private ValueFacts FactsOfSelect(MachineCondition question, VReg whenTrue, VReg whenFalse)
    {
        var mark = Enter();
        Assume(question);
        var first = FactsOf(whenTrue);
        Leave(mark);
        Assume(question.Invert());
        var second = FactsOf(whenFalse);
        Leave(mark);
        return first.Join(second);
    }

    /// <summary>Traps when the condition holds; nothing when it cannot.</summary>
    public void TrapIf(MachineCondition condition, TrapKind kind)
    {
        if (condition.Kind == CompareKind.Cmp && Decide(condition.Condition, condition.Operands[0], condition.Operands[1]) == false)
        {
            return;
        }

        var inst = new MachineInst(MachineOp.TrapIf) { Trap = kind };
        condition.ApplyTo(inst);
        if (inst.HasScratch)
        {
            inst.Defs.Add(Function.NewRegister());
        }

        Append(inst);
        Assume(condition.Invert());
    }

    /// <summary>Learns from a condition that holds here.</summary>
    public void Assume(MachineCondition condition)
    {
        if (condition.Kind != CompareKind.Cmp)
        {
            return;
        }

        var (a, b) = (condition.Operands[0], condition.Operands[1]);
        if (!IsConstant(b, out var limit))
        {
            return;
        }

        var known = FactsOf(a);
        Refine(a, condition.Condition switch
        {
            Condition.EQ => ValueFacts.Of(limit),
            Condition.NE when limit == known.Min && known.Min < known.Max => known with { Min = known.Min + 1 },
            Condition.NE when limit == known.Max && known.Min < known.Max => known with { Max = known.Max - 1 },
            Condition.LT when limit > int.MinValue => ValueFacts.Range(known.Min, limit - 1),
            Condition.LE => ValueFacts.Range(known.Min, limit),
            Condition.GT when limit < int.MaxValue => ValueFacts.Range(limit + 1, known.Max),
            Condition.GE => ValueFacts.Range(limit, known.Max),
            Condition.LO when limit > 0 => ValueFacts.UpTo((uint)limit - 1),
            Condition.LS when limit >= 0 => ValueFacts.UpTo((uint)limit),
            Condition.HI when limit >= 0 && known.Min >= 0 && limit < int.MaxValue => ValueFacts.Range(limit + 1, known.Max),
            Condition.HS when limit >= 0 && known.Min >= 0 => ValueFacts.Range(limit, known.Max),
            _ => ValueFacts.Unknown,
        });
    }

    /// <summary>The same condition with its operands exchanged.</summary>
    public static Condition Swap(Condition condition) => condition switch
    {
        Condition.HS => Condition.LS,
        Condition.LS => Condition.HS,
        Condition.LO => Condition.HI,
        Condition.HI => Condition.LO,
        Condition.GE => Condition.LE,
        Condition.LE => Condition.GE,
        Condition.LT => Condition.GT,
        Condition.GT => Condition.LT,
        _ => condition,
    };

    private VReg WideEquality(Condition condition, RegisterPair a, RegisterPair b)
    {
        if (IsZero(b.Low) && IsZero(b.High))
        {
            return SetIf(condition, Or(a.Low, a.High), Constant(0));
        }

        return a.High == b.High
            ? SetIf(condition, a.Low, b.Low)
            : SetIf(new MachineCondition(CompareKind.WideEqual, condition, [a.Low, b.Low, a.High, b.High]));
    }

    private VReg SetIf(MachineCondition condition)
    {
        var inst = new MachineInst(MachineOp.SetIf);
        condition.ApplyTo(inst);
        return Value(inst, ValueFacts.UpTo(1));
    }

    private VReg Conditional(MachineInst inst, ValueFacts facts)
    {
        if (inst.HasScratch)
        {
            inst.Defs.Add(Function.NewRegister());
        }

        return Value(inst, facts);
    }

    private bool IsZero(VReg value) => IsConstant(value, out var constant) && constant == 0;

    private bool? Decide(Condition condition, VReg a, VReg b)
    {
        if (a == b)
        {
            return condition is Condition.EQ or Condition.HS or Condition.LS or Condition.GE or Condition.LE;
        }

        var (x, y) = (FactsOf(a), FactsOf(b));
        return condition switch
        {
            Condition.EQ => Differ(x, y) ? false : Same(x, y) ? true : null,
            Condition.NE => Differ(x, y) ? true : Same(x, y) ? false : null,
            Condition.LT => Less(x.Min, x.Max, y.Min, y.Max),
            Condition.GE => !Less(x.Min, x.Max, y.Min, y.Max),
            Condition.GT => Less(y.Min, y.Max, x.Min, x.Max),
            Condition.LE => !Less(y.Min, y.Max, x.Min, x.Max),
            Condition.LO => Less(x.UnsignedMin, x.UnsignedMax, y.UnsignedMin, y.UnsignedMax),
            Condition.HS => !Less(x.UnsignedMin, x.UnsignedMax, y.UnsignedMin, y.UnsignedMax),
            Condition.HI => Less(y.UnsignedMin, y.UnsignedMax, x.UnsignedMin, x.UnsignedMax),
            Condition.LS => !Less(y.UnsignedMin, y.UnsignedMax, x.UnsignedMin, x.UnsignedMax),
            _ => null,
        };
    }

    private static bool? Less(long minA, long maxA, long minB, long maxB) => maxA < minB ? true : minA >= maxB ? false : null;

    private static bool Differ(ValueFacts x, ValueFacts y) => x.Max < y.Min || y.Max < x.Min
        || (x.Min == x.Max && (unchecked((uint)x.Min) & y.KnownZero) != 0) || (y.Min == y.Max && (unchecked((uint)y.Min) & x.KnownZero) != 0);

    private static bool Same(ValueFacts x, ValueFacts y) => x.Min == x.Max && y.Min == y.Max && x.Min == y.Min;
}
