using System.Globalization;
using Pulse.Build.Engine.Codegen.Emission;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Elf;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;
using RelocationType = Pulse.Build.Engine.Elf.RelocationType;

namespace Pulse.Build.Engine.Codegen;

/// <summary>Puts functions, routines, memories, globals and tables into one relocatable object.</summary>
internal sealed class ObjectBuilder
{
    /// <summary>Table of traps: address of the <c>udf</c>, kind, function index, offset in the wasm module; a word each.</summary>
    public const string TrapSection = ".pulse.traps";

    /// <summary>Stack of each function, as LLVM's <c>.stack_sizes</c>: its address, and the bytes as LEB128.</summary>
    public const string StackSection = ".stack_sizes";

    /// <summary>The start function, for the reset code to call before anything else.</summary>
    public const string StartSymbol = "__pulse_start";

    /// <summary>Where a call through a null entry of a table goes: a trap that only the return address says more of.</summary>
    public const string NullFunction = "__pulse_null_function";

    /// <summary>Where a call through an entry of another type goes, the same.</summary>
    public const string WrongType = "__pulse_wrong_type";

    /// <summary>What a memory starts with, in runs.</summary>
    private const string InitialValuesOf = "__pulse_initial";

    /// <summary>About what the code takes that fills a memory.</summary>
    private const int FillBytes = 48;

    private readonly ModulePlan _plan;
    private readonly List<byte[]?> _initial = [];
    private readonly ElfObject _object = new();
    private readonly Dictionary<string, ElfSymbol> _locals = new(StringComparer.Ordinal);
    private readonly List<(ElfSection Section, IEnumerable<CodeRelocation> Relocations)> _code = [];

    private ObjectBuilder(ModulePlan plan) => _plan = plan;

    /// <summary>Builds the object.</summary>
    public static ElfObject Build(ModulePlan plan, IReadOnlyList<CompiledFunction> functions)
    {
        var builder = new ObjectBuilder(plan);
        builder.PlanMemories();
        foreach (var function in functions)
        {
            builder.AddFunction(function);
        }

        builder.AddEntriesOfImports();
        builder.AddTables();
        builder.AddRoutines();
        builder.AddMemories();
        builder.AddFill();
        builder.AddSegments();
        builder.AddGlobals();
        builder.Relocate();
        builder.AddRecords(functions);
        DebugLines.Add(builder._object, functions.Select(f => (f, builder._locals[f.Code.Symbol].Section!)), CodePositions.Read(plan.Module, plan.Path));
        builder._object.AddInformation(BuildAttributes.SectionName, BuildAttributes.CortexM3(), SectionType.ArmAttributes);
        return builder._object;
    }

    private void AddFunction(CompiledFunction function)
    {
        var exports = _plan.Module.Exports.Where(export => export.Kind == ExternKind.Function && export.Index == function.Index.Index).Select(export => export.Name).ToList();
        var section = AddCode(function.Code.Symbol, function.Code.Code, isGlobal: exports.Count > 0);
        foreach (var alias in exports.Where(name => name != function.Code.Symbol))
        {
            _object.DefineFunction(alias, section, 0, section.Size);
        }

        if (exports.Count > 0 && _plan.Title(function.Index) is { } title)
        {
            _object.DefineFunction(title, section, 0, section.Size, SymbolBinding.Local);
        }

        if (_plan.Module.Start == function.Index && _plan.Filled.Count == 0)
        {
            _object.DefineFunction(StartSymbol, section, 0, section.Size);
        }
    }

    /// <summary>An import that is exported or is the start function gets code of that name that goes on to it.</summary>
    private void AddEntriesOfImports()
    {
        var entries = _plan.Module.Exports.Where(export => export.Kind == ExternKind.Function).Select(export => (export.Name, export.Index));
        entries = _plan.Module.Start is { } start && _plan.Filled.Count == 0 ? entries.Append((StartSymbol, start.Index)) : entries;
        foreach (var (name, index) in entries.Where(entry => _plan.Module.Functions[entry.Index].Import is not null))
        {
            var assembler = new Assembler();
            assembler.Jump(_plan.FunctionSymbol(new FuncIndex(index)));
            AddCode(name, assembler.Assemble(), isGlobal: true);
        }
    }

    private ElfSection AddCode(string name, AssembledCode code, bool isGlobal)
    {
        var symbol = CodeSections.Place(_object, name, code, isGlobal ? SymbolBinding.Global : SymbolBinding.Local);
        _locals[name] = symbol;
        _code.Add((symbol.Section!, code.Relocations));
        return symbol.Section!;
    }

    private void AddRoutines()
    {
        var wanted = new SortedSet<string>(_plan.Routines.Concat(_plan.Routines.SelectMany(RuntimeCode.CalledBy)), StringComparer.Ordinal);
        foreach (var routine in wanted)
        {
            AddCode(routine, RuntimeCode.Make(routine).Code, isGlobal: false);
        }
    }

    private void AddTables()
    {
        foreach (var (table, type) in _plan.CallTables)
        {
            var name = ModulePlan.CallTableName(table, type);
            var entries = TableContents.Of(_plan.Module, table, _plan.Path);
            var section = _object.AddConstants(name, new byte[entries.Length * 4]);
            _object.Map(section, 0, isData: true);
            _locals[name] = _object.DefineObject(name, section, 0, section.Size, SymbolBinding.Local);
            _code.Add((section, entries.Select((entry, i) => new CodeRelocation(i * 4, RelocationKind.Abs32, TargetOf(entry, type), 0)).ToList()));
        }
    }

    private string TargetOf(FuncIndex? entry, int type)
    {
        if (entry is { } function && _plan.Module.TypeOf(function).Equals(_plan.Module.Types[type]))
        {
            return _plan.FunctionSymbol(function);
        }

        var (name, kind) = entry is null ? (NullFunction, Machine.TrapKind.NullFunction) : (WrongType, Machine.TrapKind.SignatureMismatch);
        if (!_locals.ContainsKey(name))
        {
            var assembler = new Assembler();
            assembler.Emit(Instructions.Numbered(Operation.Udf, (int)kind));
            AddCode(name, assembler.Assemble(), isGlobal: false);
        }

        return name;
    }

    private void PlanMemories()
    {
        for (var memory = 0; memory < _plan.Module.Memories.Count; memory++)
        {
            _initial.Add(InitialMemory(memory, _plan.MemoryBytes[memory]));
            if (_plan.Options.FillsMemories && _initial[memory] is { } initial
                && initial.Length % sizeof(uint) == 0 && ValuesOf(initial).Size + FillBytes < initial.Length)
            {
                _plan.Filled.Add(memory);
            }
        }
    }

    private static InitialValues ValuesOf(byte[] initial) => new([(new ElfSection("", SectionType.ProgBits, SectionFlags.None) { Content = initial }, 0)]);

    private void AddMemories()
    {
        for (var memory = 0; memory < _plan.Module.Memories.Count; memory++)
        {
            AddVariable(ModulePlan.MemorySymbol(memory), _plan.Filled.Contains(memory) ? null : _initial[memory], _plan.MemoryBytes[memory], alignment: 16);
        }
    }

    /// <summary>The start symbol of a module with memories to fill: fills them, then runs the start function.</summary>
    private void AddFill()
    {
        if (_plan.Filled.Count == 0)
        {
            return;
        }

        var code = new Assembler();
        code.Emit(Instructions.Push(RegisterList.Of(Register.R4, Register.R5)));
        foreach (var memory in _plan.Filled)
        {
            var (values, name, symbol) = (ValuesOf(_initial[memory]!), InitialValuesOf + memory.ToString(CultureInfo.InvariantCulture), ModulePlan.MemorySymbol(memory));
            var section = _object.AddConstants(name, values.Write(_initial[memory], 0, _plan.MemoryBytes[memory]));
            _object.Map(section, 0, isData: true);
            _locals[name] = _object.DefineObject(name, section, 0, section.Size, SymbolBinding.Local);
            section.Relocations.AddRange(values.Addresses.Select(at => new Relocation(at, RelocationType.Abs32, _locals[symbol])));
            InitialValues.EmitFill(code, name, symbol);
        }

        code.Emit(Instructions.Pop(RegisterList.Of(Register.R4, Register.R5)));
        if (_plan.Module.Start is { } start)
        {
            code.Jump(_plan.FunctionSymbol(start));
        }
        else
        {
            code.Emit(Instructions.BranchTo(Operation.Bx, Register.LR));
        }

        AddCode(StartSymbol, code.Assemble(), isGlobal: true);
    }

    private byte[]? InitialMemory(int memory, uint bytes)
    {
        byte[]? initial = null;
        foreach (var (segment, index) in _plan.Module.Data.Select((segment, index) => (segment, index)))
        {
            if (segment.Mode != SegmentMode.Active || segment.Memory.Index != memory)
            {
                continue;
            }

            // A segment without bytes takes no room, but has to lie inside the declared memory.
            var room = segment.Bytes.IsEmpty ? _plan.DeclaredBytes(memory) : _plan.InitialBytes(memory);
            if (segment.Offset is null || !segment.Offset.TryEvaluate(out var offset) || (offset.Bits & uint.MaxValue) + (ulong)segment.Bytes.Length > room)
            {
                throw new DiagnosticException(DiagnosticId.PULSE4005, new Location(_plan.Path), index, room);
            }

            if (initial is null && !segment.Bytes.Span.ContainsAnyExcept((byte)0))
            {
                continue;
            }

            initial ??= new byte[bytes];
            segment.Bytes.Span.CopyTo(initial.AsSpan((int)(offset.Bits & uint.MaxValue)));
        }

        return initial;
    }

    private void AddSegments()
    {
        foreach (var memory in _plan.MemorySizes.ToArray())
        {
            AddVariable(_plan.MemorySizeSymbol(memory), BitConverter.GetBytes(_plan.InitialBytes(memory)), sizeof(uint), sizeof(uint));
        }

        foreach (var segment in _plan.DataLengths.ToArray())
        {
            AddVariable(_plan.DataLengthSymbol(segment), BitConverter.GetBytes(_plan.SegmentBytes(segment)), sizeof(uint), sizeof(uint));
        }

        foreach (var segment in _plan.DataSegments.ToArray())
        {
            var name = _plan.DataSymbol(segment);
            var section = _object.AddConstants(name, _plan.Module.Data[segment].Bytes.ToArray());
            _object.Map(section, 0, isData: true);
            _locals[name] = _object.DefineObject(name, section, 0, section.Size, SymbolBinding.Local);
        }
    }

    private void AddGlobals()
    {
        for (var global = 0; global < _plan.Module.Globals.Count; global++)
        {
            var definition = _plan.Module.Globals[global];
            if (!_plan.HasStorage(global) || definition.Type.IsReference() || definition.Type == ValType.V128)
            {
                continue;
            }

            if (definition.Import is not null || definition.Initial is null || !definition.Initial.TryEvaluate(out var value, KnownGlobal))
            {
                throw new DiagnosticException(DiagnosticId.PULSE4006, new Location(_plan.Path), global);
            }

            var bytes = definition.Type.Bits() == 64 ? BitConverter.GetBytes(value.Bits) : BitConverter.GetBytes((uint)(value.Bits & uint.MaxValue));
            AddVariable(ModulePlan.GlobalSymbol(global), value.Bits == 0 ? null : bytes, (uint)bytes.Length, alignment: bytes.Length);
        }
    }

    private ConstantValue? KnownGlobal(GlobalIndex global) => _plan.GlobalConstant(global.Index) is { } constant
        ? new ConstantValue(_plan.Module.Globals[global.Index].Type, unchecked((ulong)constant))
        : null;

    private void AddVariable(string name, byte[]? initial, uint size, int alignment)
    {
        var section = initial is null ? _object.AddZero(name, size, alignment) : _object.AddData(name, initial, alignment);
        if (initial is not null)
        {
            _object.Map(section, 0, isData: true);
        }

        _locals[name] = _object.DefineObject(name, section, 0, size);
    }

    private void Relocate()
    {
        foreach (var (section, relocations) in _code)
        {
            CodeSections.Relocate(section, relocations, SymbolOf);
        }
    }

    private ElfSymbol SymbolOf(string name) => _locals.GetValueOrDefault(name) ?? _object.Reference(name);

    private void AddRecords(IReadOnlyList<CompiledFunction> functions)
    {
        var (traps, stack) = (new ByteWriter(), new ByteWriter());
        var trapSection = new ElfSection(TrapSection, SectionType.ProgBits, SectionFlags.None) { Alignment = 4 };
        var stackSection = new ElfSection(StackSection, SectionType.ProgBits, SectionFlags.None);
        foreach (var function in functions)
        {
            var symbol = _locals[function.Code.Symbol];
            foreach (var trap in function.Code.Traps)
            {
                trapSection.Relocations.Add(new((uint)traps.Length, RelocationType.Abs32, symbol));
                traps.U32((uint)trap.Offset);
                traps.U32((uint)trap.Kind);
                traps.U32((uint)function.Index.Index);
                traps.U32(unchecked((uint)trap.Source));
            }

            stackSection.Relocations.Add(new((uint)stack.Length, RelocationType.Abs32, symbol));
            stack.U32(0);
            stack.Uleb((ulong)function.Code.StackBytes);
        }

        (trapSection.Content, stackSection.Content) = (traps.ToArray(), stack.ToArray());
        _object.Add(trapSection);
        _object.Add(stackSection);
    }
}
