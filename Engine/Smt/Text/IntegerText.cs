using System.Globalization;
using System.Numerics;
using System.Text;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Smt.Text;

/// <summary>
/// Prints a formula over the integers: a bit-vector of n bits is a number from 0 to 2ⁿ-1, wrap-around an explicit mod. Multiplication and
/// division by constants, hopeless as bits, take milliseconds so. Not every operation has such a form.
/// </summary>
internal static class IntegerText
{
    /// <summary>The integer form, or null where some operation has none.</summary>
    public static SmtQuery? Print(Term goal) => SmtText.Print(goal, "QF_NIA", Declare, Expression);

    private static void Declare(StringBuilder text, Term t)
    {
        text.Append(CultureInfo.InvariantCulture, $"(declare-const {Ref(t)} {SortOf(t)}) ; {SmtText.Comment(t.Name!)}\n");
        if (t.Width > 0)
        {
            var (low, high) = t.Bounds ?? (0, TermFactory.Mask(t.Width));
            text.Append(CultureInfo.InvariantCulture, $"(assert (<= {low} {Ref(t)} {high}))\n");
        }
    }

    private static string SortOf(Term t) => t.Width == Sort.Bool ? "Bool" : "Int";

    private static string Ref(Term t) => t.IsConstant && t.Width > 0 ? t.Value.ToString(CultureInfo.InvariantCulture) : SmtText.Ref(t);

    private static BigInteger Modulus(int width) => BigInteger.One << width;

    private static string SignedOf(Term t) => t.IsConstant
        ? TermFactory.Signed(t.Value, t.Width) is var v and < 0 ? string.Create(CultureInfo.InvariantCulture, $"(- {-(Int128)v})") : Ref(t)
        : string.Create(CultureInfo.InvariantCulture, $"(ite (< {Ref(t)} {Modulus(t.Width - 1)}) {Ref(t)} (- {Ref(t)} {Modulus(t.Width)}))");

    private static string? Expression(Term t)
    {
        string A(int i) => Ref(t.Args[i]);
        var modulus = Modulus(t.Width > 0 ? t.Width : 1);
        return t.Op switch
        {
            TermOp.Add => Wrap(t, $"(+ {string.Join(' ', t.Args.Select(Summand))})"),
            TermOp.Multiply => Wrap(t, Summand(t)),
            TermOp.DivideUnsigned when NonZero(t.Args[1]) => $"(div {A(0)} {A(1)})",
            TermOp.RemainderUnsigned when NonZero(t.Args[1]) => $"(mod {A(0)} {A(1)})",
            TermOp.DivideSigned when NonZero(t.Args[1]) => string.Create(CultureInfo.InvariantCulture, $"(mod {Truncated(t)} {modulus})"),
            TermOp.RemainderSigned when NonZero(t.Args[1]) =>
                string.Create(CultureInfo.InvariantCulture, $"(mod (- {SignedOf(t.Args[0])} (* {SignedOf(t.Args[1])} {Truncated(t)})) {modulus})"),
            TermOp.Extract => Field(t),
            TermOp.ZeroExtend => A(0),
            TermOp.SignExtend => string.Create(CultureInfo.InvariantCulture, $"(mod {SignedOf(t.Args[0])} {modulus})"),
            TermOp.Equal => $"(= {A(0)} {A(1)})",
            TermOp.LessUnsigned => $"(< {A(0)} {A(1)})",
            TermOp.LessSigned => $"(< {SignedOf(t.Args[0])} {SignedOf(t.Args[1])})",
            TermOp.Not => $"(not {A(0)})",
            TermOp.Conjunction => "(and " + string.Join(' ', t.Args.Select(Ref)) + ")",
            TermOp.IfThenElse => $"(ite {A(0)} {A(1)} {A(2)})",
            _ => null,
        };
    }

    /// <summary>
    /// The sum or product modulo 2ⁿ; as it is where it cannot reach 2ⁿ. Large factors under a large modulus have no form here: on those the
    /// solver's work is not bounded by its budget.
    /// </summary>
    private static string? Wrap(Term t, string text)
    {
        var summands = t.Op == TermOp.Add ? t.Args : [t];
        var largest = summands.Aggregate(BigInteger.Zero, (sum, s) => sum + Largest(s));
        return largest <= TermFactory.Mask(t.Width) ? text
            : t.Width > 32 && Array.Exists(summands, s => s.Op == TermOp.Multiply && s.Args[0].IsConstant && Int128.Abs(TermFactory.Signed(s.Args[0].Value, s.Width)) > 65536) ? null
            : string.Create(CultureInfo.InvariantCulture, $"(mod {text} {Modulus(t.Width)})");
    }

    private static BigInteger Largest(Term t) => t.Op == TermOp.Multiply
        ? (BigInteger)TermFactory.RangeOf(t.Args[0]).High * TermFactory.RangeOf(t.Args[1]).High : TermFactory.RangeOf(t).High;

    private static string Field(Term t)
    {
        var low = (int)t.Value;
        var moved = low == 0 ? Ref(t.Args[0]) : string.Create(CultureInfo.InvariantCulture, $"(div {Ref(t.Args[0])} {BigInteger.One << low})");
        return TermFactory.RangeOf(t.Args[0]).High >> low <= TermFactory.Mask(t.Width) ? moved
            : string.Create(CultureInfo.InvariantCulture, $"(mod {moved} {Modulus(t.Width)})");
    }

    private static bool NonZero(Term t) => t.IsConstant && t.Value != 0;

    /// <summary>A factor near 2ⁿ is a small negative one, which keeps the numbers small.</summary>
    private static string Summand(Term t) => t.Op == TermOp.Multiply ? $"(* {SignedFactor(t)} {Ref(t.Args[1])})" : Ref(t);

    private static string SignedFactor(Term product)
        => product.Args[0].IsConstant && Largest(product) > TermFactory.Mask(product.Width) ? SignedOf(product.Args[0]) : Ref(product.Args[0]);

    /// <summary>Division that rounds towards zero, from division that rounds down.</summary>
    private static string Truncated(Term t)
    {
        var divisor = TermFactory.Signed(t.Args[1].Value, t.Width);
        var magnitude = Int128.Abs(divisor);
        var a = SignedOf(t.Args[0]);
        var towardsZero = string.Create(CultureInfo.InvariantCulture, $"(ite (< {a} 0) (- (div (- {a}) {magnitude})) (div {a} {magnitude}))");
        return divisor < 0 ? $"(- {towardsZero})" : towardsZero;
    }
}
