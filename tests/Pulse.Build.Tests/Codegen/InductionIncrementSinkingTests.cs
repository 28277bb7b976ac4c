using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Selection;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Tests.Codegen;

[TestClass]
public sealed class InductionIncrementSinkingTests
{
    private readonly MachineFunction _function = new("f");
    private readonly MachineBlock _loop = new(0);
    private readonly MachineBlock _exit = new(1);
    private readonly VReg _variable;
    private readonly VReg _next;

    public InductionIncrementSinkingTests()
    {
        (_variable, _next) = (_function.NewRegister(), _function.NewRegister());
        _loop.Parameters.Add(_variable);
        _exit.Insts.Add(new MachineInst(MachineOp.Return));
        _function.Blocks.AddRange([_loop, _exit]);
    }

    [TestMethod]
    public void A_step_moves_down_to_the_branch_that_asks_it()
    {
        Loop(MachineOp.Sub, CompareKind.Cmp, _next, 0, between: Use(_variable));
        Assert.AreEqual("store32 %0, %0 | %1 = sub %0, #1 | branch.cmp.ne %1, #0 -> b0(%1) -> b1()", Sunk());
    }

    [TestMethod]
    public void A_step_stays_above_its_own_use()
    {
        Loop(MachineOp.Sub, CompareKind.Cmp, _next, 0, between: Use(_next));
        Assert.AreEqual("%1 = sub %0, #1 | store32 %1, %1 | branch.cmp.ne %1, #0 -> b0(%1) -> b1()", Sunk());
    }

    [TestMethod]
    public void A_step_stays_where_its_variable_ends()
    {
        Loop(MachineOp.Sub, CompareKind.Cmp, _function.NewRegister(), 7, between: Use(_function.NewRegister()));
        Assert.AreEqual("%1 = sub %0, #1 | store32 %3, %3 | branch.cmp.ne %2, #7 -> b0(%1) -> b1()", Sunk());
    }

    [TestMethod]
    [DataRow(nameof(MachineOp.Add), nameof(CompareKind.Cmp), 255, "branch.cmp.ne %1, #256")]
    [DataRow(nameof(MachineOp.Sub), nameof(CompareKind.Cmp), 1, "branch.cmp.ne %1, #0")]
    [DataRow(nameof(MachineOp.Sub), nameof(CompareKind.Cmp), int.MinValue, "branch.cmp.ne %0, #-2147483648")]
    [DataRow(nameof(MachineOp.Sub), nameof(CompareKind.Cmp), -3, "branch.cmn.ne %1, #4")]
    [DataRow(nameof(MachineOp.Add), nameof(CompareKind.Cmn), 9, "branch.cmn.ne %1, #8")]
    [DataRow(nameof(MachineOp.Add), nameof(CompareKind.Cmp), 65280, "branch.cmp.ne %0, #65280")]
    public void A_comparison_asks_the_next_value_when_a_constant_for_it_fits(string op, string compare, int constant, string branch)
    {
        Loop(Enum.Parse<MachineOp>(op), Enum.Parse<CompareKind>(compare), _variable, constant);
        Assert.Contains(branch, Sunk());
    }

    [TestMethod]
    public void A_comparison_stays_when_the_variable_lives_on_or_is_ordered()
    {
        Loop(MachineOp.Add, CompareKind.Cmp, _variable, 255);
        _exit.Insts.Insert(0, Use(_variable));
        Assert.Contains("branch.cmp.ne %0, #255", Sunk());
        _exit.Insts.RemoveAt(0);
        _loop.Terminator.Condition = Condition.LO;
        Assert.Contains("branch.cmp.lo %0, #255", Sunk());
    }

    private static MachineInst Use(VReg register)
    {
        var inst = new MachineInst(MachineOp.Store32);
        inst.Uses.AddRange([register, register]);
        return inst;
    }

    private void Loop(MachineOp op, CompareKind compare, VReg asked, int constant, params ReadOnlySpan<MachineInst> between)
    {
        var step = new MachineInst(op);
        step.Defs.Add(_next);
        step.Uses.AddRange([_variable, MachineOperand.Of(1)]);
        var branch = new MachineInst(MachineOp.Branch) { Compare = compare, Condition = Condition.NE };
        branch.Uses.AddRange([asked, MachineOperand.Of(constant)]);
        branch.Targets.AddRange([new MachineEdge(_loop, [_next]), new MachineEdge(_exit, [])]);
        _loop.Insts.AddRange([step, .. between, branch]);
    }

    private string Sunk()
    {
        InductionIncrementSinking.Run(_function);
        return string.Join(" | ", _loop.Insts.Select(MachineFunction.Print));
    }
}
