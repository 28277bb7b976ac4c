using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Verification;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Ir;

[TestClass]
public sealed class IrVerifierTests
{
    private static Function Empty(params ValType[] results) => new("f", FuncType.Of([ValType.I32], results));

    private static void Refused(Function function, string message, Module? module = null)
    {
        var errors = IrVerifier.Verify(function, module);
        Assert.IsTrue(errors.Any(error => error.ToString().Contains(message, StringComparison.Ordinal)), string.Join("\n", errors));
    }

    [TestMethod]
    public void A_well_formed_function_has_no_errors()
    {
        var function = Empty(ValType.I32);
        var build = new IrBuilder(function);
        build.Return(build.Op(Opcode.I32Add, function.Parameters(function.Entry)[0], build.I32(1)));
        Assert.IsEmpty(IrVerifier.Verify(function, new Module()));
    }

    [TestMethod]
    public void A_block_without_terminator_is_refused()
    {
        var function = Empty();
        new IrBuilder(function).I32(1);
        Refused(function, "does not end in a terminator");
        Refused(Empty(), "does not end in a terminator");
    }

    [TestMethod]
    public void A_terminator_inside_a_block_is_refused()
    {
        var function = Empty();
        var build = new IrBuilder(function);
        build.Return();
        build.Return();
        Refused(function, "terminator stands inside");
    }

    [TestMethod]
    public void An_operand_of_another_type_is_refused()
    {
        var function = Empty(ValType.I64);
        var build = new IrBuilder(function);
        build.Return(build.Op(Opcode.I64Add, function.Parameters(function.Entry)[0], build.I64(1)));
        Refused(function, "operands of i64.add");
    }

    [TestMethod]
    [DataRow("v1 = i32x4.extract_lane lane=4 v0", "the lanes or the alignment of i32x4.extract_lane")]
    [DataRow("v1 = i8x16.shuffle 20000000000000000000000000000000 v0, v0", "the lanes or the alignment of i8x16.shuffle")]
    [DataRow("v1 = i32.const 0\n  v2 = v128.load64_lane lane=2 v1, v0", "the lanes or the alignment of v128.load64_lane")]
    [DataRow("v1 = i32.const 0\n  v2 = i32.atomic.load align=2 v1", "the lanes or the alignment of i32.atomic.load")]
    [DataRow("v1 = i32.const 0\n  v2 = i32.atomic.load mem1 v1", "there is no memory 1")]
    [DataRow("v1 = i32.const 0\n  v128.store8_lane mem2 lane=1 v1, v0", "there is no memory 2")]
    [DataRow("v1 = i32.const 0\n  v2 = i32x4.add v0, v1", "operands of i32x4.add")]
    public void An_immediate_out_of_bounds_is_refused(string code, string message)
    {
        var module = new Module();
        module.Memories.Add(new ModuleMemory(new Limits(1, 1), null));
        Refused(IrParser.Parse($"func @f(v128) {{\nb0(v0: v128):\n  {code}\n  return\n}}"), message, module);
    }

    [TestMethod]
    public void A_use_before_its_definition_is_refused()
    {
        var function = Empty(ValType.I32);
        var build = new IrBuilder(function);
        var one = build.I32(1);
        var sum = build.Op(Opcode.I32Add, one, one);
        build.Return(sum);
        function.MoveBefore(function.DefiningInst(sum), function.DefiningInst(one));
        Refused(function, "does not dominate its use");
    }

    [TestMethod]
    public void A_use_in_a_branch_that_does_not_see_the_definition_is_refused()
    {
        var function = Empty(ValType.I32);
        var (left, right) = (function.AddBlock(), function.AddBlock());
        var build = new IrBuilder(function);
        build.Branch(function.Parameters(function.Entry)[0], new Edge(left), new Edge(right));
        var value = build.AtEnd(left).I32(1);
        build.Return(value);
        build.AtEnd(right).Return(value);
        Refused(function, "does not dominate its use");
    }

    [TestMethod]
    public void A_use_of_a_removed_definition_is_refused()
    {
        var function = Empty(ValType.I32);
        var build = new IrBuilder(function);
        var value = build.I32(1);
        build.Return(value);
        function.Remove(function.DefiningInst(value));
        Refused(function, "used and not defined");
    }

    [TestMethod]
    public void Arguments_of_a_target_must_match_its_parameters()
    {
        var function = Empty();
        var target = function.AddBlock();
        function.AddParameter(target, ValType.I64);
        var build = new IrBuilder(function);
        build.Jump(target);
        build.AtEnd(target).Return();
        Refused(function, "takes 1 arguments and gets 0");
        function.SetTarget(function.Last(function.Entry), 0, target, [function.Parameters(function.Entry)[0]]);
        Refused(function, "is not of the type of parameter");
    }

    [TestMethod]
    public void The_entry_has_no_predecessor_and_the_parameters_of_the_type()
    {
        var function = Empty();
        var build = new IrBuilder(function);
        build.Jump(function.Entry, function.Parameters(function.Entry)[0]);
        Refused(function, "entry block is a target");
        function.AddParameter(function.Entry, ValType.I32);
        Refused(function, "parameters of the entry");
    }

    [TestMethod]
    public void A_target_outside_the_layout_is_refused()
    {
        var function = Empty();
        var target = function.AddBlock();
        var build = new IrBuilder(function);
        build.Jump(target);
        build.AtEnd(target).Return();
        function.SetLayout([function.Entry]);
        Refused(function, "is not in the layout");
    }

    [TestMethod]
    public void Indices_must_exist_in_the_module_and_calls_must_match_its_types()
    {
        var module = new Module();
        module.Types.Add(FuncType.Of([ValType.I64], []));
        module.Functions.Add(new ModuleFunction(new TypeIndex(0), null, null));
        var function = Empty();
        var build = new IrBuilder(function);
        build.Add(new InstSpec { Opcode = Opcode.Call, Arguments = [function.Parameters(function.Entry)[0]] });
        build.Return();
        Refused(function, "operands of call", module);
        function.Replace(function.First(function.Entry), new InstSpec { Opcode = Opcode.Call, Immediates = new Immediates(7) });
        Refused(function, "there is no func7", module);
    }

    [TestMethod]
    public void Results_must_match_the_function_type()
    {
        var function = Empty(ValType.I64);
        new IrBuilder(function).Return(function.Parameters(function.Entry)[0]);
        Refused(function, "operands of return");
    }

    [TestMethod]
    public void Structure_of_the_operand_stack_has_no_place()
    {
        var function = Empty();
        var build = new IrBuilder(function);
        build.Add(new InstSpec { Opcode = Opcode.Nop });
        build.Return();
        Refused(function, "nop has no place");
    }
}
