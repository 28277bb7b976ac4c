using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Smt.Terms;

/// <summary>Builds a term's operation again on other operands, in normal form.</summary>
internal static class TermRebuilder
{
    public static Term Rebuild(TermFactory factory, Term t, Term[] x) => t.Op switch
    {
        TermOp.Add => x.Aggregate(factory.Add),
        TermOp.Multiply => x.Aggregate(factory.Multiply),
        TermOp.And => x.Aggregate(factory.And),
        TermOp.Or => x.Aggregate(factory.Or),
        TermOp.Xor => x.Aggregate(factory.Xor),
        TermOp.Conjunction => x.Aggregate(factory.Both),
        TermOp.DivideUnsigned or TermOp.DivideSigned or TermOp.RemainderUnsigned or TermOp.RemainderSigned => factory.Divide(t.Op, x[0], x[1]),
        TermOp.LeadingZeros or TermOp.TrailingZeros or TermOp.PopulationCount => factory.CountBits(t.Op, x[0]),
        TermOp.ShiftLeft => factory.ShiftLeft(x[0], x[1]),
        TermOp.ShiftRight => factory.ShiftRight(x[0], x[1]),
        TermOp.ShiftRightSigned => factory.ShiftRightSigned(x[0], x[1]),
        TermOp.RotateLeft => factory.Rotate(x[0], x[1], left: true),
        TermOp.Extract => factory.Extract(x[0], (int)t.Value + t.Width - 1, (int)t.Value),
        TermOp.ZeroExtend => factory.ZeroExtend(x[0], t.Width),
        TermOp.SignExtend => factory.SignExtend(x[0], t.Width),
        TermOp.Equal => factory.Equal(x[0], x[1]),
        TermOp.LessUnsigned => factory.LessUnsigned(x[0], x[1]),
        TermOp.LessSigned => factory.LessSigned(x[0], x[1]),
        TermOp.Not => factory.Not(x[0]),
        TermOp.IfThenElse => factory.IfThenElse(x[0], x[1], x[2]),
        TermOp.Load => factory.Load(x[0], x[1], (int)t.Value),
        TermOp.Store => factory.Store(x[0], x[1], (int)t.Value, x[2]),
        TermOp.Fill => factory.Fill(x[0], x[1], x[2], x[3]),
        TermOp.Copy => factory.Copy(x[0], x[1], x[2], x[3], x[4]),
        TermOp.Vector => factory.Vector(x[0], x[1]),
        TermOp.Apply => factory.Apply(t.Name!, x),
        TermOp.Result => factory.Result(x[0], (int)t.Value, t.Width, t.Bounds),
        _ => throw new InvariantException($"a {t.Op} is rebuilt"),
    };
}

/// <summary>The nodes below a term, operands first.</summary>
internal static class TermOrder
{
    /// <summary>Every node once; a rising id is an order with operands first.</summary>
    public static List<Term> Of(Term root)
    {
        var seen = new HashSet<int> { root.Id };
        var stack = new Stack<Term>([root]);
        var result = new List<Term>();
        while (stack.TryPop(out var t))
        {
            result.Add(t);
            foreach (var arg in t.Args)
            {
                if (seen.Add(arg.Id))
                {
                    stack.Push(arg);
                }
            }
        }

        result.Sort((a, b) => a.Id.CompareTo(b.Id));
        return result;
    }
}
