using System.Buffers.Binary;
using Pulse.Build.Engine.Codegen;
using Pulse.Build.Engine.Codegen.Lowering;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Construction;
using Pulse.Build.Engine.Ir.Evaluation;
using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Passes;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using MachineTrap = Pulse.Build.Engine.Codegen.Machine.TrapKind;

namespace Pulse.Build.Tests.Codegen.Suite;

/// <summary>
/// A module lowered and loaded into an emulated machine. Functions that are refused by a diagnostic are replaced by a trap, so that the
/// others of the module can run; a call that reaches such a function is refused for the reason of the function.
/// </summary>
internal sealed class LoweredModule : IDisposable
{
    private const ulong PagesToGrow = 320;

    private const string AfterRefusal = "state that a refused call did not make";

    private static readonly Dictionary<string, byte[]> Spectest = new(StringComparer.Ordinal)
    {
        ["global_i32"] = BitConverter.GetBytes(666),
        ["global_i64"] = BitConverter.GetBytes(666L),
        ["global_f32"] = BitConverter.GetBytes(666.6f),
        ["global_f64"] = BitConverter.GetBytes(666.6),
    };

    private readonly Module _module;
    private readonly CompiledModule _compiled;
    private readonly ThumbMachine _machine;
    private readonly Dictionary<int, string> _refused;
    private readonly HashSet<string> _exports;
    private readonly Dictionary<uint, int> _functionOfTrap = [];

    private LoweredModule(Module module, CompiledModule compiled, Dictionary<int, string> refused, HashSet<string> exports)
    {
        (_module, _compiled, _refused, _exports) = (module, compiled, refused, exports);
        _machine = new ThumbMachine(compiled.Object, Spectest);
        var traps = compiled.Object.Find(ObjectBuilder.TrapSection)!;
        foreach (var relocation in traps.Relocations)
        {
            var record = traps.Content.AsSpan((int)relocation.Offset);
            var address = (ThumbMachine.AddressOf(relocation.Symbol) & ~1u) + BinaryPrimitives.ReadUInt32LittleEndian(record);
            _functionOfTrap[address] = BinaryPrimitives.ReadInt32LittleEndian(record[8..]);
        }
    }

    /// <summary>How many functions and exports were refused.</summary>
    public int RefusedParts => _refused.Count + _exports.Count;

    /// <summary>Why state of the instance can differ from what a script expects: a call was refused, or the instance is shared.</summary>
    public string? Excuse { get; set; }

    /// <summary>Lowers and loads; a module that is refused as a whole ends in a <see cref="DiagnosticException"/>.</summary>
    public static LoweredModule Load(byte[] wasm, LoweringSetting setting)
    {
        var module = ModuleReader.Read(wasm, "suite");
        if (setting.IsOptimized)
        {
            var goal = Enum.Parse<Goal>(setting.Mode.ToString());
            module = ModuleReader.Read(ModuleWriter.Write(ProgramOptimizer.Optimize(module, new OptimizerSettings { Goal = goal }, new InlineHints()).Module), "optimised");
        }

        var options = new CompilerOptions(BoundsMode.Software, setting.Mode);
        var exports = TakeRefusedExports(module);
        PlanGrowth(module);
        var refused = Refusals(module, options);
        if (refused.Count > 0)
        {
            RequireRefusal(module, options);
            var trap = new FunctionBody([], new byte[] { 0x00, 0x0B });
            foreach (var index in refused.Keys)
            {
                module.Functions[index] = module.Functions[index] with { Body = trap };
            }

            module = ModuleReader.Read(ModuleWriter.Write(module), "suite");
        }

        return new LoweredModule(module, ModuleCompiler.Compile(ProgramReader.Read(module), "suite", options), refused, exports);
    }

    /// <summary>Calls the start function, if there is one; what became of it.</summary>
    public LoweredOutcome? Start() => _module.Start is { } start ? Outcome(start, ObjectBuilder.StartSymbol, []) : null;

    /// <summary>Exports whose names cannot be symbols are taken away; the rest of the module is lowered.</summary>
    private static HashSet<string> TakeRefusedExports(Module module)
    {
        var refused = new HashSet<string>(StringComparer.Ordinal);
        foreach (var export in module.Exports)
        {
            try
            {
                var alone = new Module();
                alone.Exports.Add(export);
                _ = new SymbolNames(alone, "suite");
            }
            catch (DiagnosticException e) when (e.Diagnostic.Id == DiagnosticId.PULSE4007)
            {
                refused.Add(export.Name);
            }
        }

        module.Exports.RemoveAll(export => refused.Contains(export.Name));
        return refused;
    }

    /// <summary>Calls an export.</summary>
    public LoweredOutcome Invoke(string field, RuntimeValue[] arguments) => _exports.Contains(field)
        ? new(null, "names that no symbol can have", false)
        : Outcome(new FuncIndex(_module.Exports.Single(export => export.Kind == ExternKind.Function && export.Name == field).Index), field, arguments);

    /// <summary>Reads an exported global.</summary>
    public RuntimeValue Get(string field)
    {
        var global = _module.Exports.Single(export => export.Kind == ExternKind.Global && export.Name == field).Index;
        var type = _module.Globals[global].Type;
        var size = type.Bits() / 8;
        var bits = _compiled.Plan.GlobalConstant(global) is { } constant
            ? unchecked((ulong)constant)
            : _machine.Variable(ModulePlan.GlobalSymbol(global), size) is var bytes && size == 8 ? BitConverter.ToUInt64(bytes) : BitConverter.ToUInt32(bytes);
        return new RuntimeValue(type, bits);
    }

    public void Dispose() => _machine.Dispose();

    /// <summary>Memories that code asks to grow are laid out larger than they start, as a plan would.</summary>
    private static void PlanGrowth(Module module)
    {
        var parts = new MutableParts(module);
        if (!Enumerable.Range(0, module.Memories.Count).Any(parts.IsGrown))
        {
            return;
        }

        var plan = new ByteWriter();
        foreach (var memory in module.Memories)
        {
            plan.Uleb(Math.Min(memory.Limits.Maximum ?? ulong.MaxValue, memory.Limits.Minimum + PagesToGrow) << memory.PageSizeLog2);
        }

        module.CustomSections.Add(new CustomSection(MemorySection.SectionName, plan.ToArray(), 0));
    }

    private static Dictionary<int, string> Refusals(Module module, CompilerOptions options)
    {
        var refused = new Dictionary<int, string>();
        var program = ProgramReader.Read(module);
        var plan = new ModulePlan(module, "suite", options);
        foreach (var index in program.Functions.Where(index => module.Functions[index.Index].Import is null))
        {
            try
            {
                if (program.Body(index) is { } body)
                {
                    FunctionLowering.Lower(plan, index, body);
                }
                else
                {
                    refused.Add(index.Index, "an instruction outside the integer subset");
                }
            }
            catch (DiagnosticException e) when (e.Diagnostic.Id == DiagnosticId.PULSE4002)
            {
                refused.Add(index.Index, Reason(e.Diagnostic));
            }
        }

        return refused;
    }

    /// <summary>The module as it is must be refused by a diagnostic, unless nothing reaches what is refused.</summary>
    private static void RequireRefusal(Module module, CompilerOptions options)
    {
        try
        {
            ModuleCompiler.Compile(ProgramReader.Read(module), "suite", options);
        }
        catch (DiagnosticException e) when (e.Diagnostic.Code.StartsWith("PULSE4", StringComparison.Ordinal))
        {
        }
    }

    /// <summary>What a diagnostic says is not supported, in the words of its message.</summary>
    public static string Reason(Diagnostic diagnostic)
    {
        if (diagnostic.Id != DiagnosticId.PULSE4002)
        {
            return diagnostic.Code;
        }

        var (start, end) = (diagnostic.Message.IndexOf(" uses ", StringComparison.Ordinal) + 6, diagnostic.Message.IndexOf(", which cannot", StringComparison.Ordinal));
        var what = diagnostic.Message[start..end];
        return what.EndsWith("(floating point)", StringComparison.Ordinal) ? "floating point" : what;
    }

    private LoweredOutcome Outcome(FuncIndex function, string symbol, RuntimeValue[] arguments)
    {
        if (_refused.TryGetValue(function.Index, out var reason))
        {
            Excuse ??= AfterRefusal;
            return new(null, reason, false);
        }

        var (registers, stack) = MachineWords.Of(arguments);
        var type = _module.TypeOf(function);
        var end = _machine.Run(symbol, registers, stack, MachineWords.CountOf(type.Results), 20_000_000);
        switch (end.Kind)
        {
            case MachineEndKind.Returned:
                return new(new(OutcomeKind.Returned, MachineWords.Read(type.Results, end.Words)), null, false);
            case MachineEndKind.Trapped when _functionOfTrap.TryGetValue(end.Pc, out var at) && _refused.TryGetValue(at, out var inner):
                Excuse ??= AfterRefusal;
                return new(null, inner, false);
            case MachineEndKind.Trapped:
                return new(new(OutcomeKind.Trapped, [], MachineWords.TrapOf((MachineTrap)end.Trap)), null, false);
            case MachineEndKind.Faulted when end.StackUsedUp:
                return new(new(OutcomeKind.Trapped, [], TrapKind.StackExhausted), null, true);
            default:
                throw new InvalidOperationException($"{symbol}: {end.Kind} with status {end.Status} at {end.Pc:x}");
        }
    }
}

/// <summary>What became of a call: an outcome, or the reason why a function that it reaches was refused.</summary>
/// <param name="Outcome">The outcome, or null.</param>
/// <param name="Refused">The reason, or null.</param>
/// <param name="Faulted">Whether it ended in a fault of the processor instead of a <c>udf</c>.</param>
internal sealed record LoweredOutcome(Outcome? Outcome, string? Refused, bool Faulted);
