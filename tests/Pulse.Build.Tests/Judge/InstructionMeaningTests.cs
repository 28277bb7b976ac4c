using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Wasm;
using Effects = Pulse.Build.Engine.Judge.Instructions.Effects;
using JudgeTrap = Pulse.Build.Engine.Judge.Instructions.TrapKind;
using Trap = Pulse.Build.Engine.Ir.Evaluation.Scalars.TrapKind;

namespace Pulse.Build.Tests.Judge;

/// <summary>
/// Every instruction, run as the judge understands it, against two others that know nothing of each other or of it: the evaluator of the IR, and
/// Wasmtime. Corner values and random ones; results, memory and the kind of trap.
/// </summary>
[TestClass]
public sealed class InstructionMeaningTests
{
    private static readonly Dictionary<JudgeTrap, (Trap Evaluator, Wasmtime.TrapCode Wasmtime)> Kinds = new()
    {
        [JudgeTrap.Unreachable] = (Trap.Unreachable, Wasmtime.TrapCode.Unreachable),
        [JudgeTrap.IntegerDivideByZero] = (Trap.IntegerDivideByZero, Wasmtime.TrapCode.IntegerDivisionByZero),
        [JudgeTrap.IntegerOverflow] = (Trap.IntegerOverflow, Wasmtime.TrapCode.IntegerOverflow),
        [JudgeTrap.InvalidConversionToInteger] = (Trap.InvalidConversion, Wasmtime.TrapCode.BadConversionToInteger),
        [JudgeTrap.OutOfBoundsMemoryAccess] = (Trap.OutOfBoundsMemory, Wasmtime.TrapCode.MemoryOutOfBounds),
        [JudgeTrap.OutOfBoundsTableAccess] = (Trap.OutOfBoundsTable, Wasmtime.TrapCode.TableOutOfBounds),
        [JudgeTrap.UndefinedElement] = (Trap.OutOfBoundsTable, Wasmtime.TrapCode.TableOutOfBounds),
        [JudgeTrap.UninitializedElement] = (Trap.UninitialisedElement, Wasmtime.TrapCode.IndirectCallToNull),
        [JudgeTrap.IndirectCallTypeMismatch] = (Trap.IndirectCallTypeMismatch, Wasmtime.TrapCode.BadSignature),
        [JudgeTrap.UnalignedAtomic] = (Trap.UnalignedAtomic, Wasmtime.TrapCode.HeapMisaligned),
        [JudgeTrap.ExpectedSharedMemory] = (Trap.MemoryNotShared, Wasmtime.TrapCode.AtomicWaitNonSharedMemory),
    };

    private const int FewSamples = 10;

    [TestMethod]
    public void Every_kind_of_trap_is_compared() => CollectionAssert.AreEquivalent(Enum.GetValues<JudgeTrap>(), Kinds.Keys);

    [TestMethod]
    public void Every_instruction_means_what_the_evaluator_and_Wasmtime_make_of_it()
    {
        var bytes = RefinePairs.Binary(MeaningPrograms.Module);
        var symbolic = new SymbolicRun(bytes);
        var evaluated = Instance.Create(ModuleReader.Read(bytes, "meaning"), new Imports());
        using var config = new Wasmtime.Config().WithWasmThreads(true).WithOptimizationLevel(Wasmtime.OptimizationLevel.None);
        using var engine = new Wasmtime.Engine(config);
        using var module = Wasmtime.Module.FromBytes(engine, "meaning", bytes);
        using var store = new Wasmtime.Store(engine);
        var compiled = new Wasmtime.Instance(store, module);
        var differences = new List<string>();
        var exact = new HashSet<InstructionRow>();
        foreach (var (number, program) in MeaningPrograms.All.Index())
        {
            var function = compiled.GetFunction(program.Export)!;
            foreach (var operands in SampleOperands.For(program.Operands, number + 1).Take(IsOpaque(program.Row) ? FewSamples : int.MaxValue))
            {
                var judged = symbolic.Run(program.Export, operands);
                if (Array.Exists(judged.Results, r => r is null))
                {
                    Check(program.Row.IsUninterpreted || program.Row.Effects.HasFlag(Effects.World) || program.Row.IsControl, "the row does not say that the result is open");
                }
                else
                {
                    exact.Add(program.Row);
                }

                Check(Same(program, operands, judged, Evaluate(evaluated, program, operands)), "the evaluator");
                Check(Same(program, operands, judged, Compile(function, operands)), "Wasmtime");

                void Check(bool holds, string what)
                {
                    if (!holds && differences.Count < 20)
                    {
                        differences.Add($"{program.Export}({string.Join(", ", operands.Select(o => $"0x{o:x}"))}): judge {judged.Trap} [{string.Join(", ", judged.Results.Select(r => $"{r:x}"))}]; {what}: "
                            + (what == "Wasmtime" ? Show(Compile(function, operands)) : Show(Evaluate(evaluated, program, operands))));
                    }
                }
            }
        }

        Assert.IsEmpty(differences, string.Join("\n", differences));
        CollectionAssert.AreEqual(
            Array.Empty<string>(),
            InstructionTable.Rows.Where(row => row is { IsControl: false, IsUninterpreted: false } && (row.Effects & Effects.World) == 0 && !exact.Contains(row) && !MeaningPrograms.Opaque.Contains(row.Name) && row.Name != "global.get")
                .Select(row => row.Name).ToArray(), "instructions without a result that was compared");
    }

    /// <summary>Whether every result is open, so that no more can be seen than that the row says it.</summary>
    private static bool IsOpaque(InstructionRow row) => row is { IsUninterpreted: true, AccessBytes: 0 } && row.Operands.Contains(Engine.Smt.Terms.Sort.Vector);

    private static string Show((object? Trap, ulong[] Results) run) => $"{run.Trap} [{string.Join(", ", run.Results.Select(r => $"{r:x}"))}]";

    private static (object? Trap, ulong[] Results) Evaluate(Instance instance, MeaningProgram program, long[] operands)
    {
        var outcome = instance.Invoke(program.Export, Array.ConvertAll(operands, RuntimeValue.I64), new EvaluationOptions { Fuel = 1_000_000 });
        return outcome.Kind == OutcomeKind.Returned ? (null, [.. outcome.Results.Select(r => r.Bits)]) : (outcome.Trap, []);
    }

    private static (object? Trap, ulong[] Results) Compile(Wasmtime.Function function, long[] operands)
    {
        try
        {
            var results = function.Invoke(Array.ConvertAll(operands, o => (Wasmtime.ValueBox)o));
            return (null, results switch
            {
                null => [],
                object[] many => [.. many.Select(r => unchecked((ulong)(long)r))],
                _ => [unchecked((ulong)(long)results)],
            });
        }
        catch (Wasmtime.TrapException trap)
        {
            return (trap.Type, []);
        }
    }

    /// <summary>What the judge leaves open may be anything. Of an arithmetic NaN the specification fixes that it is one.</summary>
    private static bool Same(MeaningProgram program, long[] operands, (JudgeTrap? Trap, ulong?[] Results) judged, (object? Trap, ulong[] Results) run)
    {
        if (judged.Trap is { } kind)
        {
            // Of an address that is neither aligned nor within 32 bits Wasmtime's wait and notify say the latter, its loads and stores the former.
            var wraps = kind == JudgeTrap.UnalignedAtomic && program.Export.StartsWith("memory.atomic", StringComparison.Ordinal) && program.Export.EndsWith("offset=8", StringComparison.Ordinal) && (uint)operands[0] > uint.MaxValue - 8;
            return run.Trap is Trap evaluator ? evaluator == Kinds[kind].Evaluator
                : run.Trap is Wasmtime.TrapCode code && code == (wraps ? Wasmtime.TrapCode.MemoryOutOfBounds : Kinds[kind].Wasmtime);
        }

        var isFloat = program.Row.Effects.HasFlag(Effects.Float) && program.Row.Name.StartsWith('f');
        return run.Trap is null && judged.Results.Length == run.Results.Length
            && judged.Results.Zip(run.Results).All(r => r.First is null || r.First == r.Second || isFloat && IsNaN(r.First.Value, program.Row.Result) && IsNaN(r.Second, program.Row.Result));
    }

    private static bool IsNaN(ulong bits, int width) => width == 32 ? float.IsNaN(BitConverter.UInt32BitsToSingle((uint)bits)) : double.IsNaN(BitConverter.UInt64BitsToDouble(bits));
}
