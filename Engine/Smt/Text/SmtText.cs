using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Smt.Text;

/// <summary>A formula as SMT-LIB text, with the variables by the name they have there.</summary>
/// <param name="Text">Declarations and assertions; unsatisfiable means proved.</param>
/// <param name="Logic">QF_BV, or QF_NIA for the integer form.</param>
/// <param name="Variables">SMT name → variable.</param>
/// <param name="IsHard">Whether it multiplies unknowns or divides, which makes thousands of gates each.</param>
internal sealed record SmtQuery(string Text, string Logic, IReadOnlyDictionary<string, Term> Variables, bool IsHard = false)
{
    /// <summary>What tells the text from every other.</summary>
    public string Key { get; } = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));
}

/// <summary>Prints a formula of bit-vectors and Booleans. One definition a node, in construction order, so the text is always the same.</summary>
internal static class SmtText
{
    public static SmtQuery Print(Term goal) => Print(goal, "QF_BV", Declare, Expression)!;

    /// <summary>
    /// Prints a formula in a logic with its own declarations and expressions; null where an operation has none. Each definition may use those before it, as
    /// nested lets, since Z3 goes through the whole of each define-fun.
    /// </summary>
    internal static SmtQuery? Print(Term goal, string logic, Action<StringBuilder, Term> declare, Func<Term, string?> expression)
    {
        var variables = new SortedDictionary<string, Term>(StringComparer.Ordinal);
        var (text, definitions) = (new StringBuilder($"(set-logic {logic})\n"), new List<string>());
        foreach (var t in TermOrder.Of(goal).Where(t => t.Op != TermOp.Constant))
        {
            if (t.Op == TermOp.Variable)
            {
                declare(text, t);
                variables[Ref(t)] = t;
            }
            else if (expression(t) is { } expressed)
            {
                definitions.Add($"(let (({Ref(t)} {expressed}))\n");
            }
            else
            {
                return null;
            }
        }

        text.Append("(assert\n").AppendJoin("", definitions).Append(Ref(goal)).Append(')', definitions.Count).Append(")\n");
        return new SmtQuery(text.ToString(), logic, variables);
    }

    private static void Declare(StringBuilder text, Term t)
    {
        text.Append(CultureInfo.InvariantCulture, $"(declare-const {Ref(t)} {SortOf(t.Width)}) ; {Comment(t.Name!)}\n");
        if (t.Bounds is { } range && t.Width > 0 && (range.Low > 0 || range.High < TermFactory.Mask(t.Width)))
        {
            text.Append(CultureInfo.InvariantCulture,
                $"(assert (! (and (bvule (_ bv{range.Low} {t.Width}) {Ref(t)}) (bvule {Ref(t)} (_ bv{range.High} {t.Width}))) :named AX-MEM.{t.Id}))\n");
        }
    }

    /// <summary>A name as it may stand in a comment: names of imports are the user's and may hold anything.</summary>
    internal static string Comment(string name) => string.Concat(name.Select(c => char.IsControl(c) || c > '~' ? '?' : c));

    private static string SortOf(int width) => width == Sort.Bool ? "Bool" : string.Create(CultureInfo.InvariantCulture, $"(_ BitVec {width})");

    internal static string Ref(Term t) => t.Op switch
    {
        TermOp.Constant => t.Width == Sort.Bool ? t.IsTrue ? "true" : "false" : string.Create(CultureInfo.InvariantCulture, $"(_ bv{t.Value} {t.Width})"),
        TermOp.Variable => string.Create(CultureInfo.InvariantCulture, $"v{t.Id}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"t{t.Id}"),
    };

    private static string Expression(Term t)
    {
        string A(int i) => Ref(t.Args[i]);
        var width = t.Width;
        return t.Op switch
        {
            TermOp.Add => Chain("bvadd", t),
            TermOp.Multiply => Chain("bvmul", t),
            TermOp.And => Chain("bvand", t),
            TermOp.Or => Chain("bvor", t),
            TermOp.Xor => Chain("bvxor", t),
            TermOp.DivideUnsigned => $"(bvudiv {A(0)} {A(1)})",
            TermOp.DivideSigned => $"(bvsdiv {A(0)} {A(1)})",
            TermOp.RemainderUnsigned => $"(bvurem {A(0)} {A(1)})",
            TermOp.RemainderSigned => $"(bvsrem {A(0)} {A(1)})",
            TermOp.ShiftLeft => $"(bvshl {A(0)} {Count(t)})",
            TermOp.ShiftRight => $"(bvlshr {A(0)} {Count(t)})",
            TermOp.ShiftRightSigned => $"(bvashr {A(0)} {Count(t)})",
            TermOp.RotateLeft => $"(bvor (bvshl {A(0)} {Count(t)}) (bvlshr {A(0)} (bvand (bvneg {A(1)}) (_ bv{width - 1} {width}))))",
            TermOp.LeadingZeros => Scan(t, fromLow: true),
            TermOp.TrailingZeros => Scan(t, fromLow: false),
            TermOp.PopulationCount => Population(t),
            TermOp.Extract => $"((_ extract {(int)t.Value + width - 1} {t.Value}) {A(0)})",
            TermOp.ZeroExtend => $"((_ zero_extend {width - t.Args[0].Width}) {A(0)})",
            TermOp.SignExtend => $"((_ sign_extend {width - t.Args[0].Width}) {A(0)})",
            TermOp.Equal => $"(= {A(0)} {A(1)})",
            TermOp.LessUnsigned => $"(bvult {A(0)} {A(1)})",
            TermOp.LessSigned => $"(bvslt {A(0)} {A(1)})",
            TermOp.Not => $"(not {A(0)})",
            TermOp.Conjunction => "(and " + string.Join(' ', t.Args.Select(Ref)) + ")",
            TermOp.IfThenElse => $"(ite {A(0)} {A(1)} {A(2)})",
            _ => throw new InvariantException($"a {t.Op} reaches the solver"),
        };
    }

    private static string Count(Term t) => $"(bvand {Ref(t.Args[1])} (_ bv{t.Width - 1} {t.Width}))";

    private static string Chain(string op, Term t) => t.Args.Skip(1).Aggregate(Ref(t.Args[0]), (text, arg) => $"({op} {text} {Ref(arg)})");

    private static string Scan(Term t, bool fromLow)
    {
        var (width, a) = (t.Width, Ref(t.Args[0]));
        return Enumerable.Range(0, width).Select(k => fromLow ? k : width - 1 - k).Aggregate(
            $"(_ bv{width} {width})", (text, bit) => $"(ite (= ((_ extract {bit} {bit}) {a}) #b1) (_ bv{(fromLow ? width - 1 - bit : bit)} {width}) {text})");
    }

    private static string Population(Term t)
    {
        var (width, a) = (t.Width, Ref(t.Args[0]));
        return Enumerable.Range(0, width).Select(bit => width == 1 ? a : $"((_ zero_extend {width - 1}) ((_ extract {bit} {bit}) {a}))")
            .Aggregate($"(_ bv0 {width})", (text, bit) => $"(bvadd {text} {bit})");
    }
}
