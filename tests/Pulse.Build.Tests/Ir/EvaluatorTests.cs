using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Ir.Verification;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Tests.Ir;

[TestClass]
public sealed class EvaluatorTests
{
    /// <summary>A module whose functions are the parsed texts; all have the type <c>(i32) -> i32</c> and are exported by name.</summary>
    private static Instance Link(params string[] bodies)
    {
        var module = new Module();
        module.Types.Add(FuncType.Of([ValType.I32], [ValType.I32]));
        module.Memories.Add(new ModuleMemory(new Limits(1, 2), null));
        module.Globals.Add(new ModuleGlobal(ValType.I32, true, null, ConstantExpression.I32(7)));
        var functions = bodies.Select(IrParser.Parse).ToArray();
        foreach (var function in functions)
        {
            module.Exports.Add(new Export(function.Name, ExternKind.Function, module.Functions.Count));
            module.Functions.Add(new ModuleFunction(new TypeIndex(0), null, null));
        }

        var program = new Engine.Ir.Program(module);
        for (var i = 0; i < functions.Length; i++)
        {
            Assert.IsEmpty(IrVerifier.Verify(functions[i], module));
            program.SetBody(new FuncIndex(i), functions[i]);
        }

        return Instance.Create(program, new Imports());
    }

    private static string Body(string name, string code) => $"func @{name}(i32) -> i32 {{\nb0(v0: i32):\n{code}\n}}";

    [TestMethod]
    public void A_loop_runs_until_its_condition_fails()
    {
        var instance = Link("""
            func @sum(i32) -> i32 {
            b0(v0: i32):
              v1 = i32.const 0
              br b1(v0, v1)
            b1(v2: i32, v3: i32):
              v4 = i32.add v3, v2
              v5 = i32.const 1
              v6 = i32.sub v2, v5
              br_if v6, b1(v6, v4), b2
            b2:
              return v4
            }
            """);
        Assert.AreEqual(55, instance.Invoke("sum", [RuntimeValue.I32(10)]).Results[0].AsI32);
    }

    [TestMethod]
    [DataRow("  unreachable", nameof(TrapKind.Unreachable))]
    [DataRow("  v1 = i32.const 0\n  v2 = i32.div_s v0, v1\n  return v2", nameof(TrapKind.IntegerDivideByZero))]
    [DataRow("  v1 = i32.const -65536\n  v2 = i32.load offset=131072 v1\n  return v2", nameof(TrapKind.OutOfBoundsMemory))]
    [DataRow("  v1 = i32.const 65533\n  v2 = i32.load v1\n  return v2", nameof(TrapKind.OutOfBoundsMemory))]
    [DataRow("  v1 = i32.const -1\n  i32.store8 offset=1 v1, v0\n  return v0", nameof(TrapKind.OutOfBoundsMemory))]
    [DataRow("  v1 = f32.const nan:0x400000\n  v2 = i32.trunc_f32_s v1\n  return v2", nameof(TrapKind.InvalidConversion))]
    [DataRow("  v1: i32 = call func0 v0\n  v2 = i32.add v1, v1\n  return v2", nameof(TrapKind.StackExhausted))]
    public void A_trap_ends_the_call_with_its_kind(string code, string trap)
    {
        var outcome = Link(Body("f", code)).Invoke("f", [RuntimeValue.I32(1)]);
        Assert.AreEqual(OutcomeKind.Trapped, outcome.Kind);
        Assert.AreEqual(trap, outcome.Trap.ToString());
    }

    [TestMethod]
    public void Fuel_ends_an_endless_loop_without_an_outcome() =>
        Assert.AreEqual(OutcomeKind.OutOfFuel, Link(Body("f", "  br b1\nb1:\n  br b1")).Invoke("f", [default], new() { Fuel = 1000 }).Kind);

    [TestMethod]
    public void State_can_be_set_before_a_call_and_read_after_it()
    {
        var instance = Link(Body("f", "  v1 = i32.load v0\n  v2: i32 = global.get global0\n  v3 = i32.add v1, v2\n  global.set global0 v1\n  return v3"));
        instance.Memories[0].Write(100, 4, 40);
        instance.Globals[0].Value = RuntimeValue.I32(2);
        Assert.AreEqual(42, instance.Invoke("f", [RuntimeValue.I32(100)]).Results[0].AsI32);
        Assert.AreEqual(40, instance.Globals[0].Value.AsI32);
    }

    [TestMethod]
    public void A_call_handler_answers_in_place_of_the_callee()
    {
        var instance = Link(
            Body("f", "  v1: i32 = call func1 v0\n  v2: i32 = call func1 v1\n  return v2"),
            Body("g", "  unreachable"));
        var oracle = new Oracle();
        Assert.AreEqual(12, instance.Invoke("f", [RuntimeValue.I32(10)], new() { Calls = oracle }).Results[0].AsI32);
        CollectionAssert.AreEqual(new[] { 10, 11 }, oracle.Seen);
    }

    [TestMethod]
    public void Memory_grows_to_its_maximum_and_not_further()
    {
        var instance = Link(Body("f", "  v1: i32 = memory.grow mem0 v0\n  return v1"));
        Assert.AreEqual(1, instance.Invoke("f", [RuntimeValue.I32(1)]).Results[0].AsI32);
        Assert.AreEqual(-1, instance.Invoke("f", [RuntimeValue.I32(1)]).Results[0].AsI32);
    }

    [TestMethod]
    public void Every_instruction_of_the_IR_has_its_semantics()
    {
        var missing = Opcodes.Rows.Where(row => !IrTerminators.IsStructure(row.Opcode) && !Semantics.Covers(row)).Select(row => row.Mnemonic);
        Assert.AreEqual("", string.Join(" ", missing));
    }

    private sealed class Oracle : ICallHandler
    {
        public List<int> Seen { get; } = [];

        public RuntimeValue[]? TryCall(FunctionInstance callee, ReadOnlySpan<RuntimeValue> arguments)
        {
            if (callee.Index.Index == 0)
            {
                return null;
            }

            Seen.Add(arguments[0].AsI32);
            return [RuntimeValue.I32(arguments[0].AsI32 + 1)];
        }
    }
}
