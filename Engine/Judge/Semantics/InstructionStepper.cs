using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Applies one instruction to a symbolic state, as its row says. What memories, tables, calls and atomic instructions are in terms has a class of
/// its own.
/// </summary>
internal sealed class InstructionStepper : IMachine
{
    private readonly ModuleView _view;
    private readonly TrapCollector _traps;
    private readonly MemorySemantics _memory;
    private readonly TableSemantics _tables;
    private readonly CallSemantics _calls;
    private readonly AtomicSemantics _atomics;
    private readonly SharedAccess _shared;
    private MachineState _state = null!;
    private Term _path = null!;

    public InstructionStepper(TermFactory factory, ModuleView view, TrapCollector traps)
    {
        (Terms, _view, _traps) = (factory, view, traps);
        _shared = new SharedAccess(factory, view);
        _memory = new MemorySemantics(factory, view, traps, _shared);
        _tables = new TableSemantics(factory, view, traps);
        _calls = new CallSemantics(factory, view, traps);
        _atomics = new AtomicSemantics(factory, view, _memory, traps);
    }

    public TermFactory Terms { get; }

    public void Step(FlowInstruction i, MachineState s, Term path)
    {
        _shared.CheckModelled(i.Opcode);
        (_state, _path) = (s, path);
        var inputs = Array.ConvertAll(i.Inputs, s.Read);
        switch (i.Opcode)
        {
            case FlowCode.Move:
                s.Slots[i.Outputs[0]] = inputs[0];
                break;
            case FlowCode.Constant:
                s.Slots[i.Outputs[0]] = Terms.Constant(i.First, (int)i.Second);
                break;
            case FlowCode.Vector:
                s.Slots[i.Outputs[0]] = Terms.Vector(Terms.Constant(i.First, 64), Terms.Constant(i.Second, 64));
                break;
            case FlowCode.Call or FlowCode.CallIndirect:
                _calls.Call(i, inputs, s, path);
                break;
            default:
                Apply(i, InstructionTable.Find(i.Opcode)!, inputs);
                break;
        }
    }

    private void Apply(FlowInstruction i, InstructionRow row, Term[] inputs)
    {
        for (var k = 0; k < inputs.Length; k++)
        {
            if (row.Operands[k] != InstructionRow.Any && row.Operands[k] != inputs[k].Width)
            {
                throw new UnmodelledException($"invalid code: {row.Name} on {inputs[k].Width} bits");
            }
        }

        if (row.Meaning(this, i, inputs) is { } result)
        {
            _state.Slots[i.Outputs[0]] = result;
        }
    }

    public void Trap(TrapKind kind, Term condition) => _traps.Add(_path, kind, condition, _state.Parts);

    public Term[] Load(FlowInstruction i, Term index, int count, int bytes) => _memory.Load(i, index, count, bytes, _state, _path);

    public void Store(FlowInstruction i, Term index, params Term[] values) => _memory.Store(i, index, values, _state, _path);

    public Term Size(ulong memory) => _memory.Size(memory, _state);

    public Term Grow(ulong memory, Term delta) => _memory.Grow(memory, delta, _state);

    public void Fill(ulong memory, Term to, Term value, Term length) => _memory.Fill(memory, to, value, length, _state, _path);

    public void Copy(ulong target, ulong source, Term to, Term from, Term length) => _memory.Copy(target, source, to, from, length, _state, _path);

    public void Initialize(ulong data, ulong memory, Term to, Term from, Term length) => _memory.Initialize(data, memory, to, from, length, _state, _path);

    public void DropData(ulong data) => _memory.Drop(data, _state);

    public Term ReadGlobal(ulong global) => Globals.Read(Terms, _view, (int)global, _state, _shared);

    public void WriteGlobal(ulong global, Term value) => Globals.Write(_view, (int)global, value, _state, _shared);

    public Term? OnTable(TableOperation operation, FlowInstruction i, Term[] x) => _tables.Apply(operation, i, x, _state, _path);

    public Term Reference(ulong function) => Terms.Function("ref:" + _view.CallSymbols[(int)function], 64);

    public Term? Atomic(AtomicAccess access, FlowInstruction i, Term[] x) => _atomics.Apply(access, i, x, _state, _path);
}

/// <summary>Global variables: constants where nothing can change them, components of the state otherwise.</summary>
internal static class Globals
{
    public static Term Read(TermFactory factory, ModuleView view, int global, MachineState s, SharedAccess shared)
    {
        if (view.GlobalParts[global] is var part and >= 0)
        {
            return shared.Read(part, s);
        }

        return view.GlobalValues[global] is { } value
            ? Constant(factory, view, value, BodyDecoder.WidthOf(view.Module.Globals[global].Kind))
            : throw new UnmodelledException($"global {global}, which the other module lacks");
    }

    public static void Write(ModuleView view, int global, Term value, MachineState s, SharedAccess shared)
    {
        if (view.GlobalParts[global] is var part and >= 0)
        {
            s.Set(part, value);
            shared.Wrote(part, s);
        }
        else if (!view.WriteOnlyGlobals[global])
        {
            throw new UnmodelledException($"a write to global {global}, which the other module lacks");
        }
    }

    /// <summary>A constant expression; an imported global's value is a variable of the import's name.</summary>
    public static Term Constant(TermFactory factory, ModuleView view, Initial value, int width) => value.Kind switch
    {
        InitialKind.Constant => factory.Constant(value.Value, width),
        InitialKind.Null => factory.Constant(0, width),
        InitialKind.Vector => factory.Vector(factory.Constant(value.Value, 64), factory.Constant(value.High, 64)),
        InitialKind.ImportedGlobal => Imported(factory, view, (int)value.Value, width),
        InitialKind.Function => factory.Function("ref:" + view.CallSymbols[(int)value.Value], 64),
        _ => throw new UnmodelledException("an extended constant expression"),
    };

    private static Term Imported(TermFactory factory, ModuleView view, int global, int width)
    {
        var entity = view.Module.Globals[global];
        return entity.Import is { } import ? factory.Variable("import:" + import.Key, width)
            : entity.Initial is { } initial && !entity.Mutable ? Constant(factory, view, initial, width)
            : throw new UnmodelledException("a constant expression that reads a mutable global");
    }
}
