using Pulse.Build.Engine.Smt.Locating;
using Pulse.Build.Engine.Smt.Text;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Tests.Smt;

/// <summary>
/// The simplifier is trusted, so each of its rules is proved: the term as spelled and the term as built must be equal for all inputs, at
/// every width. A row also fails if its rule does not fire, that is if building gives the spelled term back.
/// </summary>
[TestClass]
public sealed class TermRuleTests
{
    private delegate (Term Spelled, Term Built) Rule(TermFactory f, Inputs x);

    /// <summary>Free variables and constants of one width.</summary>
    private sealed record Inputs(TermFactory F, int W)
    {
        public Term A { get; } = F.Variable("a", W);
        public Term B { get; } = F.Variable("b", W);
        public Term P { get; } = F.Variable("p", Sort.Bool);
        public Term Q { get; } = F.Variable("q", Sort.Bool);
        public Term R { get; } = F.Variable("r", Sort.Bool);

        public Term C(ulong value) => F.Constant(value, W);

        public Term Raw(TermOp op, params Term[] x) => F.Raw(op, W, 0, null, x);

        public Term RawBool(TermOp op, params Term[] x) => F.Raw(op, Sort.Bool, 0, null, x);

        public Term RawExtract(Term a, int high, int low) => F.Raw(TermOp.Extract, high - low + 1, (ulong)low, null, a);

        public Term RawExtend(TermOp op, Term a, int width) => F.Raw(op, width, 0, null, a);
    }

    private static readonly (string Name, Rule Rule)[] Rules =
    [
        ("sum-collects",          (f, x) => (x.Raw(TermOp.Add, x.Raw(TermOp.Multiply, x.C(3), x.A), x.A), f.Add(f.Multiply(x.C(3), x.A), x.A))),
        ("sub-self",              (f, x) => (x.Raw(TermOp.Add, x.A, x.Raw(TermOp.Multiply, x.C(ulong.MaxValue), x.A)), f.Subtract(x.A, x.A))),
        ("mul-factor-out",        (f, x) => (x.Raw(TermOp.Multiply, x.Raw(TermOp.Multiply, x.C(6), x.A), x.B), f.Multiply(f.Multiply(x.C(6), x.A), x.B))),
        ("mul-distributes",       (f, x) => (x.Raw(TermOp.Multiply, x.C(5), x.Raw(TermOp.Add, x.A, x.B)), f.Multiply(x.C(5), f.Add(x.A, x.B)))),
        ("udiv-pow2",             (f, x) => (x.Raw(TermOp.DivideUnsigned, x.A, x.C(4)), f.Divide(TermOp.DivideUnsigned, x.A, x.C(4)))),
        ("urem-pow2",             (f, x) => (x.Raw(TermOp.RemainderUnsigned, x.A, x.C(8)), f.Divide(TermOp.RemainderUnsigned, x.A, x.C(8)))),
        ("sdiv-one",              (f, x) => (x.Raw(TermOp.DivideSigned, x.A, x.C(1)), f.Divide(TermOp.DivideSigned, x.A, x.C(1)))),
        ("srem-one",              (f, x) => (x.Raw(TermOp.RemainderSigned, x.A, x.C(1)), f.Divide(TermOp.RemainderSigned, x.A, x.C(1)))),
        ("and-mask-is-field",     (f, x) => (x.Raw(TermOp.And, x.A, x.C(0x3C)), f.And(x.A, x.C(0x3C)))),
        ("and-low-mask",          (f, x) => (x.Raw(TermOp.And, x.A, x.C(0x0F)), f.And(x.A, x.C(0x0F)))),
        ("and-self",              (f, x) => (x.Raw(TermOp.And, x.A, x.A), f.And(x.A, x.A))),
        ("xor-self",              (f, x) => (x.Raw(TermOp.Xor, x.Raw(TermOp.Xor, x.A, x.B), x.A), f.Xor(f.Xor(x.A, x.B), x.A))),
        ("xor-ones",              (f, x) => (x.Raw(TermOp.Xor, x.A, x.C(ulong.MaxValue)), f.Xor(x.A, x.C(ulong.MaxValue)))),
        ("or-disjoint-is-sum",    (f, x) => (x.Raw(TermOp.Or, x.Raw(TermOp.Multiply, x.C(16), x.A), x.Raw(TermOp.And, x.B, x.C(15))), f.Or(f.ShiftLeft(x.A, x.C(4)), f.And(x.B, x.C(15))))),
        ("shl-constant",          (f, x) => (x.Raw(TermOp.ShiftLeft, x.A, x.C(3)), f.ShiftLeft(x.A, x.C(3)))),
        ("shl-modulo",            (f, x) => (x.Raw(TermOp.ShiftLeft, x.A, x.C((ulong)x.W + 1)), f.ShiftLeft(x.A, x.C((ulong)x.W + 1)))),
        ("shr-constant",          (f, x) => (x.Raw(TermOp.ShiftRight, x.A, x.C(3)), f.ShiftRight(x.A, x.C(3)))),
        ("sar-constant",          (f, x) => (x.Raw(TermOp.ShiftRightSigned, x.A, x.C(3)), f.ShiftRightSigned(x.A, x.C(3)))),
        ("shift-pair-is-extend",  (f, x) => (x.Raw(TermOp.ShiftRightSigned, x.Raw(TermOp.ShiftLeft, x.A, x.C(4)), x.C(4)), f.ShiftRightSigned(f.ShiftLeft(x.A, x.C(4)), x.C(4)))),
        ("shl-variable-modulo",   (f, x) => (x.Raw(TermOp.ShiftLeft, x.A, x.B), f.ShiftLeft(x.A, x.B))),
        ("rotr-is-rotl",          (f, x) => (x.Raw(TermOp.RotateLeft, x.A, x.Raw(TermOp.Multiply, x.C(ulong.MaxValue), x.B)), f.Rotate(x.A, x.B, left: false))),
        ("zext-zext",             (f, x) => (x.RawExtend(TermOp.ZeroExtend, x.RawExtend(TermOp.ZeroExtend, x.RawExtract(x.A, 3, 0), 6), x.W), f.ZeroExtend(f.ZeroExtend(f.Extract(x.A, 3, 0), 6), x.W))),
        ("sext-of-zext",          (f, x) => (x.RawExtend(TermOp.SignExtend, x.RawExtend(TermOp.ZeroExtend, x.RawExtract(x.A, 3, 0), 6), x.W), f.SignExtend(f.ZeroExtend(f.Extract(x.A, 3, 0), 6), x.W))),
        ("sext-sext",             (f, x) => (x.RawExtend(TermOp.SignExtend, x.RawExtend(TermOp.SignExtend, x.RawExtract(x.A, 3, 0), 6), x.W), f.SignExtend(f.SignExtend(f.Extract(x.A, 3, 0), 6), x.W))),
        ("extract-extract",       (f, x) => (x.RawExtract(x.RawExtract(x.A, 6, 2), 3, 1), f.Extract(f.Extract(x.A, 6, 2), 3, 1))),
        ("extract-sum",           (f, x) => (x.RawExtract(x.Raw(TermOp.Add, x.A, x.B, x.C(9)), 4, 0), f.Extract(f.AddConstant(f.Add(x.A, x.B), 9), 4, 0))),
        ("extract-product",       (f, x) => (x.RawExtract(x.Raw(TermOp.Multiply, x.A, x.B), 3, 0), f.Extract(f.Multiply(x.A, x.B), 3, 0))),
        ("extract-scaled",        (f, x) => (x.RawExtract(x.Raw(TermOp.Multiply, x.C(8), x.A), x.W - 1, 3), f.Extract(f.Multiply(x.C(8), x.A), x.W - 1, 3))),
        ("extract-bitwise",       (f, x) => (x.RawExtract(x.Raw(TermOp.Xor, x.A, x.B), 5, 2), f.Extract(f.Xor(x.A, x.B), 5, 2))),
        ("extract-of-zext",       (f, x) => (x.RawExtract(x.RawExtend(TermOp.ZeroExtend, x.RawExtract(x.A, 4, 0), x.W), 6, 2), f.Extract(f.ZeroExtend(f.Extract(x.A, 4, 0), x.W), 6, 2))),
        ("extract-of-sext",       (f, x) => (x.RawExtract(x.RawExtend(TermOp.SignExtend, x.RawExtract(x.A, 4, 0), x.W), 6, 2), f.Extract(f.SignExtend(f.Extract(x.A, 4, 0), x.W), 6, 2))),
        ("eq-move-constant",      (f, x) => (x.RawBool(TermOp.Equal, x.Raw(TermOp.Add, x.A, x.C(5)), x.C(7)), f.Equal(f.AddConstant(x.A, 5), x.C(7)))),
        ("eq-cancel",             (f, x) => (x.RawBool(TermOp.Equal, x.Raw(TermOp.Add, x.A, x.B), x.Raw(TermOp.Add, x.A, x.C(2))), f.Equal(f.Add(x.A, x.B), f.AddConstant(x.A, 2)))),
        ("eq-canonical-sign",     (f, x) => (x.RawBool(TermOp.Equal, x.Raw(TermOp.Multiply, x.C(ulong.MaxValue), x.B), x.A), f.Equal(f.Negate(x.B), x.A))),
        ("eq-zext-constant",      (f, x) => (x.RawBool(TermOp.Equal, x.RawExtend(TermOp.ZeroExtend, x.RawExtract(x.A, 3, 0), x.W), x.C(9)), f.Equal(f.ZeroExtend(f.Extract(x.A, 3, 0), x.W), x.C(9)))),
        ("eq-sext-constant",      (f, x) => (x.RawBool(TermOp.Equal, x.RawExtend(TermOp.SignExtend, x.RawExtract(x.A, 3, 0), x.W), x.C(9)), f.Equal(f.SignExtend(f.Extract(x.A, 3, 0), x.W), x.C(9)))),
        ("eq-or-of-choices",      (f, x) => (x.RawBool(TermOp.Equal, x.Raw(TermOp.Or, x.Raw(TermOp.IfThenElse, x.P, x.C(0), x.C(1)), x.A), x.C(0)), f.Equal(f.Or(f.IfThenElse(x.P, x.C(0), x.C(1)), x.A), x.C(0)))),
        ("eq-or-is-not-less",     (f, x) => (x.RawBool(TermOp.Equal, x.Raw(TermOp.Or, x.A, x.C(2)), x.C(1)), f.Equal(f.Or(x.A, x.C(2)), x.C(1)))),
        ("eq-choice",             (f, x) => (x.RawBool(TermOp.Equal, x.Raw(TermOp.IfThenElse, x.P, x.C(1), x.A), x.C(1)), f.Equal(f.IfThenElse(x.P, x.C(1), x.A), x.C(1)))),
        ("choice-constant-for-term", (f, x) => (
            x.Raw(TermOp.IfThenElse, x.RawBool(TermOp.Equal, f.And(x.B, x.C((ulong)x.W - 1)), x.C(3)), f.Rotate(x.A, x.C(3), left: true), x.Raw(TermOp.RotateLeft, x.A, x.B)),
            f.IfThenElse(f.Equal(f.And(x.B, x.C((ulong)x.W - 1)), x.C(3)), f.Rotate(x.A, x.C(3), left: true), f.Rotate(x.A, x.B, left: true)))),
        ("ult-one",               (f, x) => (x.RawBool(TermOp.LessUnsigned, x.A, x.C(1)), f.LessUnsigned(x.A, x.C(1)))),
        ("ult-constant-left",     (f, x) => (x.RawBool(TermOp.LessUnsigned, x.C(6), x.A), f.LessUnsigned(x.C(6), x.A))),
        ("ult-range",             (f, x) => (x.RawBool(TermOp.LessUnsigned, x.Raw(TermOp.And, x.A, x.C(7)), x.C(8)), f.LessUnsigned(f.And(x.A, x.C(7)), x.C(8)))),
        ("ult-zext",              (f, x) => (x.RawBool(TermOp.LessUnsigned, x.RawExtend(TermOp.ZeroExtend, x.RawExtract(x.A, 4, 0), x.W), x.C(5)), f.LessUnsigned(f.ZeroExtend(f.Extract(x.A, 4, 0), x.W), x.C(5)))),
        ("slt-minimum",           (f, x) => (x.RawBool(TermOp.LessSigned, x.A, x.C(1UL << (x.W - 1))), f.LessSigned(x.A, x.C(1UL << (x.W - 1))))),
        ("slt-minus-one",         (f, x) => (x.RawBool(TermOp.LessSigned, x.C(ulong.MaxValue), x.A), f.LessSigned(x.C(ulong.MaxValue), x.A))),
        ("slt-never-negative",    (f, x) => (x.RawBool(TermOp.LessSigned, x.Raw(TermOp.And, x.A, x.C(7)), x.C(4)), f.LessSigned(f.And(x.A, x.C(7)), x.C(4)))),
        ("slt-below-zero",        (f, x) => (x.RawBool(TermOp.LessSigned, x.Raw(TermOp.And, x.A, x.C(7)), x.C(ulong.MaxValue)), f.LessSigned(f.And(x.A, x.C(7)), x.C(ulong.MaxValue)))),
        ("slt-sext",              (f, x) => (x.RawBool(TermOp.LessSigned, x.RawExtend(TermOp.SignExtend, x.RawExtract(x.A, 4, 0), x.W), x.RawExtend(TermOp.SignExtend, x.RawExtract(x.B, 4, 0), x.W)), f.LessSigned(f.SignExtend(f.Extract(x.A, 4, 0), x.W), f.SignExtend(f.Extract(x.B, 4, 0), x.W)))),
        ("ite-not",               (f, x) => (x.Raw(TermOp.IfThenElse, x.RawBool(TermOp.Not, x.P), x.A, x.B), f.IfThenElse(f.Not(x.P), x.A, x.B))),
        ("ite-nested-same",       (f, x) => (x.Raw(TermOp.IfThenElse, x.P, x.Raw(TermOp.IfThenElse, x.P, x.A, x.B), x.B), f.IfThenElse(x.P, f.IfThenElse(x.P, x.A, x.B), x.B))),
        ("ite-collapse-else",     (f, x) => (x.Raw(TermOp.IfThenElse, x.P, x.Raw(TermOp.IfThenElse, x.Q, x.A, x.B), x.B), f.IfThenElse(x.P, f.IfThenElse(x.Q, x.A, x.B), x.B))),
        ("ite-collapse-then",     (f, x) => (x.Raw(TermOp.IfThenElse, x.P, x.Raw(TermOp.IfThenElse, x.Q, x.B, x.A), x.B), f.IfThenElse(x.P, f.IfThenElse(x.Q, x.B, x.A), x.B))),
        ("ite-collapse-or",       (f, x) => (x.Raw(TermOp.IfThenElse, x.P, x.A, x.Raw(TermOp.IfThenElse, x.Q, x.A, x.B)), f.IfThenElse(x.P, x.A, f.IfThenElse(x.Q, x.A, x.B)))),
        ("ite-collapse-and",      (f, x) => (x.Raw(TermOp.IfThenElse, x.P, x.A, x.Raw(TermOp.IfThenElse, x.Q, x.B, x.A)), f.IfThenElse(x.P, x.A, f.IfThenElse(x.Q, x.B, x.A)))),
        ("and-of-bits",           (f, x) => (x.Raw(TermOp.And, x.Raw(TermOp.IfThenElse, x.P, x.C(1), x.C(0)), x.Raw(TermOp.IfThenElse, x.Q, x.C(1), x.C(0))), f.And(f.Bit(x.P, x.W), f.Bit(x.Q, x.W)))),
        ("or-of-bits",            (f, x) => (x.Raw(TermOp.Or, x.Raw(TermOp.IfThenElse, x.P, x.C(1), x.C(0)), x.Raw(TermOp.IfThenElse, x.Q, x.C(1), x.C(0))), f.Or(f.Bit(x.P, x.W), f.Bit(x.Q, x.W)))),
        ("xor-of-bits",           (f, x) => (x.Raw(TermOp.Xor, x.Raw(TermOp.IfThenElse, x.P, x.C(1), x.C(0)), x.Raw(TermOp.IfThenElse, x.Q, x.C(1), x.C(0))), f.Xor(f.Bit(x.P, x.W), f.Bit(x.Q, x.W)))),
        ("xor-bit-one",           (f, x) => (x.Raw(TermOp.Xor, x.Raw(TermOp.IfThenElse, x.P, x.C(1), x.C(0)), x.C(1)), f.Xor(f.Bit(x.P, x.W), x.C(1)))),
        ("and-choice-constant",   (f, x) => (x.Raw(TermOp.And, x.Raw(TermOp.IfThenElse, x.P, x.C(6), x.C(9)), x.C(3)), f.And(f.IfThenElse(x.P, x.C(6), x.C(9)), x.C(3)))),
        ("conjunction-unit",      (f, x) => (x.RawBool(TermOp.Conjunction, x.P, x.RawBool(TermOp.Not, x.RawBool(TermOp.Conjunction, x.P, x.Q))), f.Both(x.P, f.Not(f.Both(x.P, x.Q))))),
        ("conjunction-drop",      (f, x) => (x.RawBool(TermOp.Conjunction, x.RawBool(TermOp.Not, x.P), x.RawBool(TermOp.Not, x.RawBool(TermOp.Conjunction, x.P, x.Q))), f.Both(f.Not(x.P), f.Not(f.Both(x.P, x.Q))))),
        ("conjunction-false",     (f, x) => (x.RawBool(TermOp.Conjunction, x.P, x.RawBool(TermOp.Not, x.P)), f.Both(x.P, f.Not(x.P)))),
        ("either-factors",        (f, x) => (Either(x, x.RawBool(TermOp.Conjunction, x.P, x.Q), x.RawBool(TermOp.Conjunction, x.P, x.R)), f.Either(f.Both(x.P, x.Q), f.Both(x.P, x.R)))),
        ("either-joins-arms",     (f, x) => (Either(x, x.RawBool(TermOp.Conjunction, x.P, x.Q), x.RawBool(TermOp.Conjunction, x.P, x.RawBool(TermOp.Not, x.Q))), f.Either(f.Both(x.P, x.Q), f.Both(x.P, f.Not(x.Q))))),
        ("either-absorbs",        (f, x) => (Either(x, x.P, x.RawBool(TermOp.Conjunction, x.RawBool(TermOp.Not, x.P), x.Q)), f.Either(x.P, f.Both(f.Not(x.P), x.Q)))),
    ];

    private static Term Either(Inputs x, Term a, Term b)
        => x.RawBool(TermOp.Not, x.RawBool(TermOp.Conjunction, x.RawBool(TermOp.Not, a), x.RawBool(TermOp.Not, b)));

    private static IEnumerable<object[]> Names => Rules.Select(r => new object[] { r.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_simplification_is_proved_at_every_width(string name)
    {
        var solver = Z3Locator.Find("");
        foreach (var width in new[] { 8, 16, 32, 64 })
        {
            var factory = new TermFactory();
            var (spelled, built) = Array.Find(Rules, r => r.Name == name).Rule(factory, new Inputs(factory, width));
            Assert.AreNotSame(spelled, built, $"{name} does nothing to {spelled}");
            var differ = factory.Raw(TermOp.Not, Sort.Bool, 0, null, factory.Raw(TermOp.Equal, Sort.Bool, 0, null, spelled, built));
            var answer = solver.Check(SmtText.Print(differ), 2_000_000);
            Assert.AreEqual(SolverVerdict.Unsatisfiable, answer.Verdict, $"{name} at {width}: {spelled} is not {built}; {answer.Reason}");
        }
    }

    [TestMethod]
    public void A_choice_between_a_call_of_a_constant_and_one_of_what_equals_it_is_the_call()
    {
        var f = new TermFactory();
        var x = new Inputs(f, 32);
        var (known, open) = (f.Function("g", 32, x.C(3), x.B), f.Function("g", 32, x.A, x.B));
        var condition = f.Both(x.P, f.Equal(x.A, x.C(3)));
        Assert.AreSame(open, f.IfThenElse(condition, known, open));
        Assert.AreNotSame(open, f.IfThenElse(f.Both(x.P, f.Equal(x.A, x.C(4))), known, open), "another constant");
        Assert.AreNotSame(open, f.IfThenElse(f.Not(f.Equal(x.A, x.C(3))), known, open), "the other arm");

        // The same with variables for the results: equal arguments give equal results.
        var (r, s) = (f.Variable("r", 32), f.Variable("s", 32));
        var congruence = Either(x, x.RawBool(TermOp.Not, x.RawBool(TermOp.Equal, x.A, x.C(3))), x.RawBool(TermOp.Equal, r, s));
        var differ = x.RawBool(TermOp.Not, x.RawBool(TermOp.Equal, x.Raw(TermOp.IfThenElse, condition, r, s), s));
        Assert.AreEqual(SolverVerdict.Unsatisfiable, Z3Locator.Find("").Check(SmtText.Print(x.RawBool(TermOp.Conjunction, congruence, differ)), 100_000).Verdict);
    }
}
