using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;

namespace Pulse.Build.Tests.Judge;

/// <summary>Small changes to real control code: each must be rejected, or be equal for a reason that stands beside it.</summary>
[TestClass]
public sealed class MutationTests
{
    private const string Original = """
        (module (import "e" "p" (func $p (param i32) (result i32)))
          (memory 1) (export "m" (memory 0)) (global $g (mut i32) (i32.const 0)) (export "g" (global $g))
          (func (export "f") (param i32 i32) (result i32) (local i32 i32)
            (local.set 2 (i32.const 0))
            (block $done
              (loop $next
                (br_if $done (i32.ge_u (local.get 2) (i32.const 10)))
                (local.set 3 (i32.load offset=16 (i32.shl (local.get 2) (i32.const 2))))
                (if (i32.lt_s (local.get 3) (local.get 0))
                  (then (i32.store offset=64 (i32.shl (local.get 2) (i32.const 2)) (i32.add (local.get 3) (local.get 1))))
                  (else (global.set $g (i32.and (local.get 3) (i32.const 255)))))
                (local.set 2 (i32.add (local.get 2) (i32.const 1)))
                (br $next)))
            (drop (call $p (local.get 1)))
            (i32.sub (global.get $g) (i32.xor (local.get 0) (local.get 1)))))
        """;

    [TestMethod]
    [DataRow("i32.ge_u (local.get 2) (i32.const 10)", "i32.gt_u (local.get 2) (i32.const 10)", "another comparison")]
    [DataRow("(i32.const 10)", "(i32.const 11)", "a flipped constant bit")]
    [DataRow("offset=16", "offset=20", "a load elsewhere")]
    [DataRow("offset=64", "offset=68", "a store elsewhere")]
    [DataRow("i32.lt_s", "i32.lt_u", "an unsigned comparison")]
    [DataRow("i32.lt_s", "i32.ge_s", "a negated branch")]
    [DataRow("i32.add (local.get 3) (local.get 1)", "i32.sub (local.get 3) (local.get 1)", "add became sub")]
    [DataRow("i32.and (local.get 3)", "i32.or (local.get 3)", "and became or")]
    [DataRow("(i32.const 255)", "(i32.const 254)", "a flipped mask bit")]
    [DataRow("(global.set $g (i32.and (local.get 3) (i32.const 255)))", "(nop)", "a dropped global.set")]
    [DataRow("(drop (call $p (local.get 1)))", "(nop)", "a dropped host call")]
    [DataRow("call $p (local.get 1)", "call $p (local.get 0)", "another argument of a host call")]
    [DataRow("i32.store offset=64", "i32.store8 offset=64", "a narrow store")]
    [DataRow("i32.xor (local.get 0) (local.get 1)", "i32.or (local.get 0) (local.get 1)", "xor became or")]
    [DataRow("(local.set 2 (i32.add (local.get 2) (i32.const 1)))", "(local.set 2 (i32.add (local.get 2) (i32.const 2)))", "another step")]
    [DataRow("(i32.shl (local.get 2) (i32.const 2)) (i32.add", "(i32.shl (local.get 2) (i32.const 3)) (i32.add", "another scale")]
    public void A_mutant_is_refuted(string from, string to, string what)
    {
        var mutant = Original.Replace(from, to, StringComparison.Ordinal);
        Assert.AreNotEqual(Original, mutant, what);
        var report = RefinePairs.Check(Original, mutant);
        Assert.AreEqual(Verdict.Refuted, report.Verdict, what + ": " + RefinePairs.Describe(report));
    }

    [TestMethod]
    [DataRow("i32.ge_u (local.get 2) (i32.const 10)", "i32.gt_u (local.get 2) (i32.const 9)", "the same bound")]
    [DataRow("(i32.shl (local.get 2) (i32.const 2)) (i32.add", "(i32.mul (local.get 2) (i32.const 4)) (i32.add", "a product for a shift")]
    [DataRow("(i32.shl (local.get 2) (i32.const 2)) (i32.add", "(i32.shl (local.get 2) (i32.const 34)) (i32.add", "a count modulo 32")]
    [DataRow("i32.add (local.get 3) (local.get 1)", "i32.add (local.get 1) (local.get 3)", "commuted operands")]
    [DataRow("(local.set 2 (i32.const 0))", "(nop)", "locals are zero at the entry")]
    [DataRow("i32.and (local.get 3) (i32.const 255)", "i32.load8_u offset=16 (i32.shl (local.get 2) (i32.const 2))", "a narrow load of the word just loaded")]
    public void An_equal_change_is_proved(string from, string to, string what)
    {
        var changed = Original.Replace(from, to, StringComparison.Ordinal);
        Assert.AreNotEqual(Original, changed, what);
        var report = RefinePairs.Check(Original, changed);
        Assert.AreEqual(Verdict.Proved, report.Verdict, what + ": " + RefinePairs.Describe(report));
    }
}
