using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Support;
using MachineTrap = Pulse.Build.Engine.Codegen.Machine.TrapKind;

namespace Pulse.Build.Tests.Codegen;

/// <summary>Random modules run on an emulated Cortex-M as the evaluator says: results, traps, memory, globals, calls of imports.</summary>
[TestClass]
public sealed class ExecutionTests
{
    [TestMethod]
    [DataRow(1, 12)]
    [DataRow(1001, 12)]
    public void Random_modules_run_on_the_machine_as_in_the_evaluator(int first, int count)
    {
        if (!Unicorn.IsPresent)
        {
            Assert.Inconclusive("libunicorn.so.2 is not installed");
        }

        var compared = 0;
        count = int.TryParse(Environment.GetEnvironmentVariable("PULSE_CODEGEN_SEEDS"), out var wanted) ? wanted : count;
        for (var seed = first; seed < first + count; seed++)
        {
            compared += Compare(seed);
        }

        Assert.IsGreaterThan(count, compared, "most functions end");
    }

    [TestMethod]
    public void Results_beyond_four_words_come_back_on_the_stack()
    {
        if (!Unicorn.IsPresent)
        {
            Assert.Inconclusive("libunicorn.so.2 is not installed");
        }

        const string Wat = """
            (module (import "env" "observe" (func (param i32) (result i32)))
              (memory 1) (global (mut i32) (i32.const 0)) (global (mut i32) (i32.const 0))
              (func $many (param i32 i64 i32 i32 i64) (result i32 i64 i32 i32 i64)
                local.get 0 local.get 1 i64.const 3 i64.mul local.get 2 i32.const 7 i32.add local.get 3 local.get 4)
              (func (export "f") (param i32 i64) (result i64) (local i64)
                i32.const 11 local.get 1 local.get 0 i32.const 13 i64.const 0x1234567890
                call $many local.set 2 i32.add i64.extend_i32_u local.get 2 i64.add i64.add
                local.set 2 drop local.get 2))
            """;
        var wasm = ModuleWriter.Write(Engine.Wasm.Text.WatParser.Parse(Wat, "many.wat"));
        var export = ModuleReader.Read(wasm, "many.wasm").Exports.Single();
        foreach (var mode in Enum.GetValues<CostMode>())
        {
            Assert.AreEqual(1, Compare(wasm, export, [RuntimeValue.I32(5), RuntimeValue.I64(0x7_0000_0009)], mode, $"many, {mode}"));
        }
    }

    private static int Compare(int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[random.Next(40, 600)];
        random.NextBytes(bytes);
        var wasm = ModuleWriter.Write(ModuleGenerator.Generate(bytes, integers: true));
        var module = ModuleReader.Read(wasm, "random.wasm");
        var compared = 0;
        var mode = (CostMode)(seed % 3);
        foreach (var export in module.Exports.Where(export => export.Kind == ExternKind.Function && SmallResults(module, export)))
        {
            for (var round = 0; round < 2; round++)
            {
                var arguments = Behaviour.Arguments(module.TypeOf(new FuncIndex(export.Index)), seed * 7 + round);
                compared += Compare(wasm, export, arguments, mode, $"seed {seed}, {export.Name}({string.Join(", ", arguments.Select(value => value.Bits))})");
            }
        }

        return compared;
    }

    private static bool SmallResults(Module module, Export export) => module.TypeOf(new FuncIndex(export.Index)).Results.Sum(type => type.Bits() / 32) <= 4;

    private static int Compare(byte[] wasm, Export export, RuntimeValue[] arguments, CostMode mode, string what)
    {
        var calls = new List<int>();
        var imports = new Imports().Add("env", "observe", FuncType.Of([ValType.I32], [ValType.I32]), values =>
        {
            calls.Add(values[0].AsI32);
            return [RuntimeValue.I32(unchecked(values[0].AsI32 * 3))];
        });
        var module = ModuleReader.Read(wasm, "random.wasm");
        var instance = Instance.Create(module, imports);
        var expected = instance.Invoke(export.Name, arguments, new EvaluationOptions { Fuel = 100_000 });
        if (expected.Kind != OutcomeKind.Returned && expected.Trap == TrapKind.None || expected.Trap == TrapKind.StackExhausted)
        {
            return 0;
        }

        var compiled = ModuleCompiler.Compile(ProgramReader.Read(module), "random.wasm", new CompilerOptions(BoundsMode.Software, mode));
        using var machine = new ThumbMachine(compiled.Object);
        var (registers, stack) = MachineWords.Of(arguments);
        var trap = machine.Call(export.Name, registers, stack, out var results, out var ended);
        Assert.IsTrue(ended, $"{what} ends");
        if (expected.Returned)
        {
            Assert.IsNull(trap, $"{what} returns");
            CollectionAssert.AreEqual(MachineWords.Flatten(expected.Results), results.Take(MachineWords.Flatten(expected.Results).Length).ToArray(), $"{what}: {expected}");
        }
        else
        {
            Assert.IsTrue(trap is { } kind && MachineWords.TrapOf((MachineTrap)kind) == expected.Trap, $"{what} traps with {expected.Trap}, not {trap}");
        }

        CollectionAssert.AreEqual(calls, machine.Log.ToList(), $"{what}: calls of the import");
        CheckState(instance, machine, what);
        return 1;
    }

    private static void CheckState(Instance instance, ThumbMachine machine, string what)
    {
        var memory = machine.Variable(ModulePlan.MemorySymbol(0), 65536);
        var wanted = new byte[65536];
        foreach (var part in instance.Memories[0].Written)
        {
            part.Bytes.AsSpan().CopyTo(wanted.AsSpan((int)part.Address));
        }

        Assert.IsTrue(memory.AsSpan().SequenceEqual(wanted), $"{what}: memory");
        for (var i = 0; i < 2; i++)
        {
            var value = instance.Globals[i].Value;
            var size = value.Type.Bits() / 8;
            CollectionAssert.AreEqual(BitConverter.GetBytes(value.Bits)[..size], machine.Variable(ModulePlan.GlobalSymbol(i), size), $"{what}: global {i}");
        }
    }
}
