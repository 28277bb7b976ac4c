using Pulse.Build.Engine.Codegen.Emission;
using Pulse.Build.Engine.Codegen.Lowering;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Codegen.RegisterAllocator;
using Pulse.Build.Engine.Codegen.Selection;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Rewriting;

namespace Pulse.Build.Engine.Codegen;

/// <summary>What a module became.</summary>
/// <param name="Object">The relocatable object.</param>
/// <param name="Functions">Its functions by rising wasm index.</param>
/// <param name="Plan">Symbols and extents.</param>
internal sealed record CompiledModule(ElfObject Object, IReadOnlyList<CompiledFunction> Functions, ModulePlan Plan);

/// <summary>A function of the module as machine code.</summary>
internal sealed record CompiledFunction(FuncIndex Index, string Name, EmittedFunction Code);

/// <summary>Compiles a core module to a relocatable object for a Cortex-M3.</summary>
/// <remarks>
/// Every function that an export, the start function or a table leads to is lowered, selected, allocated, checked and emitted on its own;
/// <see cref="ObjectBuilder"/> puts the parts together.
/// </remarks>
internal static class ModuleCompiler
{
    /// <summary>Compiles <paramref name="program"/>.</summary>
    public static CompiledModule Compile(Program program, string path, CompilerOptions options)
    {
        var plan = new ModulePlan(program.Module, path, options);
        var functions = new SortedDictionary<int, CompiledFunction>();
        var work = new Stack<FuncIndex>(Roots(plan).Reverse());
        while (work.TryPop(out var index))
        {
            if (functions.ContainsKey(index.Index) || program.Module.Functions[index.Index].Import is not null)
            {
                continue;
            }

            var body = program.Body(index) ?? throw Unsupported(plan, index, "more values in more blocks than are kept track of");
            CheckEntities(plan, index);
            CheckBody(plan, index, body);
            functions.Add(index.Index, new(index, body.Name, CompileFunction(plan, index, body)));
            foreach (var callee in CalleesOf(body))
            {
                work.Push(callee);
            }
        }

        return new(ObjectBuilder.Build(plan, [.. functions.Values]), [.. functions.Values], plan);
    }

    private static EmittedFunction CompileFunction(ModulePlan plan, FuncIndex index, Function body)
    {
        var machine = FunctionLowering.Lower(plan, index, body);
        BaseRegisterGrouping.Run(machine);
        OperandFolding.Run(machine);
        ConstantHoisting.Run(machine);
        InductionIncrementSinking.Run(machine);
        BlockOrder.Run(machine);
        var allocation = RegisterAllocator.RegisterAllocator.Run(machine);
        if (plan.Options.CheckAllocation)
        {
            AllocationChecker.Check(machine, allocation);
        }

        return FunctionEmitter.Emit(machine, allocation, plan.Options, plan.CallsOut);
    }

    private static IEnumerable<FuncIndex> Roots(ModulePlan plan) => plan.Module.Exports.Where(export => export.Kind == ExternKind.Function)
        .Select(export => new FuncIndex(export.Index))
        .Concat(plan.Module.Start is { } start ? [start] : [])
        .Concat(TableContents.Functions(plan.Module, plan.Path));

    private static IEnumerable<FuncIndex> CalleesOf(Function body)
    {
        foreach (var block in body.Blocks)
        {
            for (var inst = body.First(block); inst.Exists; inst = body.Next(inst))
            {
                if (body.OpcodeOf(inst) is Opcode.Call or Opcode.ReturnCall)
                {
                    yield return new FuncIndex(body.ImmediatesOf(inst).A);
                }
            }
        }
    }

    /// <summary>The layout of memories and tables is made for 32-bit indices and pages of 64 KiB.</summary>
    private static void CheckEntities(ModulePlan plan, FuncIndex index)
    {
        BodyRewriter.VisitIndices(plan.Module.Functions[index.Index].Body!.Code.Span, (space, entity) =>
        {
            if (space == IndexSpace.Memory && plan.Module.Memories[entity].PageSizeLog2 != 16)
            {
                throw Unsupported(plan, index, "a memory with pages of its own size");
            }

            if (space == IndexSpace.Table && plan.Module.Tables[entity].Limits.Is64)
            {
                throw Unsupported(plan, index, "a table with 64-bit indices");
            }
        });
    }

    /// <summary>Registers hold words: there are no vectors on the chip, and no other thread to wait for.</summary>
    private static void CheckBody(ModulePlan plan, FuncIndex index, Function body)
    {
        var values = Enumerable.Range(0, body.ValueCount).Select(i => body.TypeOf(new Value(i)));
        if (values.Concat(body.Type.Results).Contains(ValType.V128))
        {
            throw Unsupported(plan, index, "a value of type v128");
        }

        foreach (var block in body.Blocks)
        {
            for (var inst = body.First(block); inst.Exists; inst = body.Next(inst))
            {
                if ((body.InfoOf(inst).Effects & Effects.Synchronizes) != 0 && !FunctionLowering.LowersAtomic(body.OpcodeOf(inst)))
                {
                    throw Unsupported(plan, index, $"'{body.InfoOf(inst).Mnemonic}'");
                }
            }
        }
    }

    private static DiagnosticException Unsupported(ModulePlan plan, FuncIndex index, string what)
    {
        var body = plan.Module.Functions[index.Index].Body ?? throw new InvariantException("a function that is not imported has a body");
        return new(DiagnosticId.PULSE4002, Diagnostics.Location.AtOffset(plan.Path, body.Offset), plan.FunctionSymbol(index), what, "cortex-m3");
    }
}
