using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using MachineTrap = Pulse.Build.Engine.Codegen.Machine.TrapKind;

namespace Pulse.Build.Tests.Codegen;

/// <summary>
/// A module of <c>ModuleGenerator</c> in the evaluator, and as machine code: results, traps, memory, globals and calls of the import must be
/// the same.
/// </summary>
internal sealed class LoweredRun
{
    private const int Fuel = 100_000;

    private readonly Module _module;
    private readonly Module _lowered;
    private readonly byte[] _object;

    /// <summary>Lowers <paramref name="wasm"/>, after the optimiser if <paramref name="isOptimized"/>.</summary>
    public LoweredRun(byte[] wasm, CompilerOptions options, bool isOptimized)
    {
        _module = ModuleReader.Read(wasm, "random.wasm");
        _lowered = isOptimized
            ? ModuleReader.Read(ModuleWriter.Write(ProgramOptimizer.Optimize(_module, new OptimizerSettings { Goal = (Goal)((int)options.Mode) }, new InlineHints()).Module), "optimised.wasm")
            : ModuleReader.Read(wasm, "random.wasm");
        _object = ElfWriter.Write(ModuleCompiler.Compile(ProgramReader.Read(_lowered), "random.wasm", options).Object);
    }

    /// <summary>What the evaluator says of a call: null when it does not end in time.</summary>
    public static Expectation? Expect(byte[] wasm, Export export, RuntimeValue[] arguments)
    {
        var calls = new List<int>();
        var imports = new Imports().Add("env", "observe", FuncType.Of([ValType.I32], [ValType.I32]), values =>
        {
            calls.Add(values[0].AsI32);
            return [RuntimeValue.I32(unchecked(values[0].AsI32 * 3))];
        });
        var instance = Instance.Create(ModuleReader.Read(wasm, "random.wasm"), imports);
        var outcome = instance.Invoke(export.Name, arguments, new EvaluationOptions { Fuel = Fuel });
        var ends = outcome.Returned || (outcome.Kind == OutcomeKind.Trapped && outcome.Trap != TrapKind.StackExhausted);
        return ends ? new(outcome, instance, calls) : null;
    }

    /// <summary>Requires that the machine does what the evaluator did.</summary>
    public void Check(Expectation expected, Export export, RuntimeValue[] arguments, string what)
    {
        using var machine = NewMachine();
        Check(machine, expected, export, arguments, what);
    }

    /// <summary>A machine with the module loaded, for calls that leave nothing behind.</summary>
    public ThumbMachine NewMachine() => new(ElfReader.ReadObject(_object, "random.o"));

    /// <summary>The same on a given machine.</summary>
    public void Check(ThumbMachine machine, Expectation expected, Export export, RuntimeValue[] arguments, string what)
    {
        var (registers, stack) = MachineWords.Of(arguments);
        var results = _module.TypeOf(new FuncIndex(export.Index)).Results;
        var end = machine.Run(export.Name, registers, stack, MachineWords.CountOf(results));
        Assert.IsTrue(end.Kind is MachineEndKind.Returned or MachineEndKind.Trapped, $"{what}: {end.Kind} with status {end.Status} at {end.Pc:x}");
        var outcome = end.Kind == MachineEndKind.Returned
            ? new Outcome(OutcomeKind.Returned, MachineWords.Read(results, end.Words))
            : new Outcome(OutcomeKind.Trapped, [], MachineWords.TrapOf((MachineTrap)end.Trap));
        Assert.AreEqual(expected.Outcome.ToString(), outcome.ToString(), what);
        CollectionAssert.AreEqual(expected.Calls, machine.Log.ToList(), $"{what}: calls of the import");
        CheckState(expected.Instance, machine, what);
    }

    /// <summary>The exported state; the optimiser may remove any other.</summary>
    private void CheckState(Instance instance, ThumbMachine machine, string what)
    {
        foreach (var export in _lowered.Exports)
        {
            if (export.Kind == ExternKind.Memory)
            {
                var wanted = new byte[65536];
                foreach (var part in instance.Memories[0].Written)
                {
                    part.Bytes.AsSpan().CopyTo(wanted.AsSpan((int)part.Address));
                }

                var memory = machine.Variable(ModulePlan.MemorySymbol(export.Index), wanted.Length);
                var at = memory.AsSpan().CommonPrefixLength(wanted);
                Assert.AreEqual(wanted.Length, at, $"{what}: memory differs, {memory.ElementAtOrDefault(at)} for {wanted.ElementAtOrDefault(at)}");
            }
            else if (export.Kind == ExternKind.Global)
            {
                var value = ((GlobalInstance)instance.Export(export.Name)!).Value;
                var size = value.Type.Bits() / 8;
                CollectionAssert.AreEqual(BitConverter.GetBytes(value.Bits)[..size], machine.Variable(ModulePlan.GlobalSymbol(export.Index), size), $"{what}: global {export.Name}");
            }
        }
    }
}

/// <summary>What the evaluator did: outcome, state after it, and arguments of the import's calls.</summary>
internal sealed record Expectation(Outcome Outcome, Instance Instance, List<int> Calls);
