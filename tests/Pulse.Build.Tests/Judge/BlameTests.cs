using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Tests.Judge;

/// <summary>A verdict says in which expanded callee its obligation failed, so that the optimiser knows what to do without.</summary>
[TestClass]
public sealed class BlameTests
{
    private const string Loop = "(local i32) (loop $l (call $put (local.get 1)) (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if $l (i32.lt_u (local.get 1) (local.get 0))))";
    private const string OtherLoop = "(local i32) (loop $l (call $put (i32.const 5)) (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if $l (i32.lt_u (local.get 1) (local.get 0))))";
    private const string Import = "(import \"h\" \"put\" (func $put (param i32)))";

    [TestMethod]
    public void A_loop_of_a_callee_is_the_callee_s()
    {
        var verdict = Judge(
            $"(module {Import} (func $g (param i32) {Loop}) (func (export \"f\") (param i32) (call $g (local.get 0))))",
            $"(module {Import} (func (export \"f\") (param i32) {OtherLoop}))");
        Assert.StartsWith("loop", verdict.Obligation);
        CollectionAssert.AreEqual(new[] { 1 }, verdict.Blamed.ToArray());
    }

    [TestMethod]
    public void A_loop_of_the_function_itself_is_nobody_s()
    {
        var verdict = Judge(
            $"(module {Import} (func $g (call $put (i32.const 1))) (func (export \"f\") (param i32) {Loop} (call $g)))",
            $"(module {Import} (func (export \"f\") (param i32) {OtherLoop} (call $put (i32.const 1))))");
        Assert.StartsWith("loop", verdict.Obligation);
        Assert.IsEmpty(verdict.Blamed);
    }

    private static FunctionVerdict Judge(string before, string after)
    {
        static byte[] Bytes(string text) => ModuleWriter.Write(WatParser.Parse(text, "m.wat"));
        var verdict = RefinementChecker.Check(Bytes(before), Bytes(after), new RefinementOptions()).Functions.Single();
        Assert.AreNotEqual(Verdict.Proved, verdict.Verdict);
        return verdict;
    }
}
