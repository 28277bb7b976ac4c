using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Ir;

[TestClass]
public sealed class AnalysesTests
{
    /// <summary>b0 → b1 ⇄ b2, b1 → b3; b4 is unreachable.</summary>
    private static Function Counter(out Block[] blocks)
    {
        var function = new Function("count", FuncType.Of([ValType.I32], [ValType.I32]));
        var (head, body, exit, lost) = (function.AddBlock(), function.AddBlock(), function.AddBlock(), function.AddBlock());
        blocks = [function.Entry, head, body, exit, lost];
        var build = new IrBuilder(function);
        var limit = function.Parameters(function.Entry)[0];
        var start = build.I32(0);
        build.Jump(head, start);
        var i = function.AddParameter(head, ValType.I32);
        build.AtEnd(head);
        build.Branch(build.Op(Opcode.I32LtS, i, limit), new Edge(body), new Edge(exit));
        build.AtEnd(body);
        build.Jump(head, build.Op(Opcode.I32Add, i, limit));
        build.AtEnd(exit).Return(i);
        build.AtEnd(lost).Unreachable();
        return function;
    }

    [TestMethod]
    public void Control_flow_orders_blocks_and_leaves_out_the_unreachable()
    {
        var function = Counter(out var blocks);
        var flow = new ControlFlow(function);
        CollectionAssert.AreEqual(new[] { blocks[0], blocks[1], blocks[2], blocks[3] }, flow.ReversePostOrder.ToArray());
        Assert.IsFalse(flow.IsReachable(blocks[4]));
        CollectionAssert.AreEquivalent(new[] { blocks[0], blocks[2] }, flow.Predecessors(blocks[1]).Select(edge => edge.From).ToArray());
    }

    [TestMethod]
    public void Dominators_follow_every_path()
    {
        var function = Counter(out var blocks);
        var tree = new DominatorTree(function);
        Assert.IsTrue(tree.Dominates(blocks[1], blocks[3]));
        Assert.IsTrue(tree.Dominates(blocks[1], blocks[1]));
        Assert.IsFalse(tree.Dominates(blocks[2], blocks[3]));
        Assert.IsFalse(tree.Dominates(blocks[0], blocks[4]));
        Assert.AreEqual(blocks[1], tree.ImmediateDominator(blocks[2]));
        Assert.IsNull(tree.ImmediateDominator(blocks[0]));
        Assert.AreEqual(blocks[1], tree.CommonDominator(blocks[2], blocks[3]));
    }

    [TestMethod]
    public void A_loop_is_its_header_and_what_leads_back_to_it()
    {
        var function = Counter(out var blocks);
        var loops = new LoopForest(function);
        Assert.HasCount(1, loops.Loops);
        CollectionAssert.AreEqual(new[] { blocks[1], blocks[2] }, loops.Loops[0].Blocks);
        CollectionAssert.AreEqual(new[] { blocks[2] }, loops.Loops[0].Latches);
        Assert.AreEqual(1, loops.Depth(blocks[2]));
        Assert.AreEqual(0, loops.Depth(blocks[3]));
    }

    [TestMethod]
    public void A_value_is_live_from_its_definition_to_its_uses_around_a_loop()
    {
        var function = Counter(out var blocks);
        var liveness = new Liveness(function);
        var limit = function.Parameters(function.Entry)[0];
        var i = function.Parameters(blocks[1])[0];
        Assert.IsTrue(liveness.LiveIn(blocks[1]).Contains(limit));
        Assert.IsTrue(liveness.LiveOut(blocks[2]).Contains(limit));
        Assert.IsFalse(liveness.LiveIn(blocks[1]).Contains(i));
        Assert.IsTrue(liveness.LiveIn(blocks[3]).Contains(i));
        Assert.IsFalse(liveness.LiveIn(blocks[3]).Contains(limit));
    }

    [TestMethod]
    public void Uses_are_found_as_operands_and_as_arguments_of_targets()
    {
        var function = Counter(out var blocks);
        var uses = new Uses(function);
        var i = function.Parameters(blocks[1])[0];
        Assert.AreEqual(3, uses.Count(i));
        var start = function.Result(function.First(function.Entry));
        Assert.AreEqual(new Use(function.Last(function.Entry), 0, 0), uses.Of(start)[0]);
        Assert.AreEqual(3, new UseCounts(function)[i]);
    }
}
