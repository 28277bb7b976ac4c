using Pulse.Build.Engine.Judge;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Smt.Deciding;
using Pulse.Build.Engine.Smt.Solving;
using Pulse.Build.Engine.Smt.Text;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Text;

namespace Pulse.Build.Tests.Judge;

/// <summary>The work of proofs is counted, by function and by module, and what it does not reach is unknown: the same on any machine.</summary>
[TestClass]
public sealed class WorkBudgetTests
{
    private static readonly byte[] _before = Module("i32.mul (local.get 0) (i32.const 2)");
    private static readonly byte[] _after = Module("i32.add (local.get 0) (local.get 0)");

    [TestMethod]
    public void Functions_behind_the_one_that_uses_the_work_up_are_unknown_with_any_number_of_threads()
    {
        var all = RefinementChecker.Check(_before, _after, new RefinementOptions());
        Assert.AreEqual(Verdict.Proved, all.Verdict);
        Assert.IsFalse(all.IsExhausted);
        foreach (var threads in new[] { 1, 4 })
        {
            var some = RefinementChecker.Check(_before, _after, new RefinementOptions { ModuleWork = all.Functions[0].NewWork + all.Functions[1].NewWork, Threads = threads });
            Assert.IsTrue(some.IsExhausted);
            CollectionAssert.AreEqual(
                new[] { Verdict.Proved, Verdict.Proved, Verdict.Unknown, Verdict.Unknown, Verdict.Proved }, some.Functions.Select(f => f.Verdict).ToArray());
            Assert.AreEqual(ModuleBudget.Reason, some.Functions[2].Reason);
            Assert.IsTrue(some.Functions[4].Identical, "what is the same needs no work");
        }
    }

    [TestMethod]
    public void A_solver_is_asked_once_for_one_text_and_old_answers_are_not_new_work()
    {
        var (inner, memory) = (new Counting(), new AnswerMemory());
        var solver = new RememberingSolver(inner, memory);
        var query = new SmtQuery("(assert true)\n", "QF_BV", new Dictionary<string, Engine.Smt.Terms.Term>());
        Assert.IsTrue(solver.Check(query, 10).IsNew);
        Assert.IsTrue(solver.Check(query, 10).IsNew, "who asked first does not matter within a round");
        memory.Keep();
        Assert.IsFalse(solver.Check(query, 10).IsNew);
        Assert.AreEqual(7, solver.Check(query, 10).Work);
        Assert.AreEqual(1, inner.Asked);
        Assert.IsTrue(solver.Check(query, 11).IsNew, "more work may give another answer");
        Assert.AreEqual(2, inner.Asked);
    }

    [TestMethod]
    public void A_later_check_of_the_module_has_what_is_left_but_never_nothing()
    {
        var history = new ProofHistory();
        Assert.AreEqual(100, history.Left(100));
        history.Finish(30);
        Assert.AreEqual(70, history.Left(100));
        history.Finish(60);
        Assert.AreEqual(25, history.Left(100));
    }

    private static byte[] Module(string expression)
    {
        var functions = string.Concat(Enumerable.Range(0, 4).Select(i => $"(func (export \"f{i}\") (param i32) (result i32) (i32.xor ({expression}) (i32.const {i + 5})))"));
        return ModuleWriter.Write(WatParser.Parse($"(module {functions} (func (export \"same\") (result i32) (i32.const 3)))", "m.wat"));
    }

    private sealed class Counting : ISolver
    {
        public int Asked { get; private set; }

        public string Version => "none";

        public string Path => "";

        public SolverAnswer Check(SmtQuery query, uint limit)
        {
            Asked++;
            return new SolverAnswer(query.Key, SolverVerdict.Unsatisfiable, 7, new Dictionary<string, ulong>(), "");
        }
    }
}
