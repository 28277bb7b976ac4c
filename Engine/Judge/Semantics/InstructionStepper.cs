using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>Applies one instruction to a symbolic state. Instructions over memories, tables and calls have a class of their own.</summary>
internal sealed class InstructionStepper
{
    private readonly TermFactory _factory;
    private readonly ModuleView _view;
    private readonly TrapCollector _traps;
    private readonly NumericSemantics _numeric;
    private readonly MemorySemantics _memory;
    private readonly CallSemantics _calls;
    private readonly VectorSemantics _vectors;
    private readonly VectorMemory _vectorMemory;
    private readonly AtomicSemantics _atomics;
    private readonly SharedAccess _shared;

    public InstructionStepper(TermFactory factory, ModuleView view, TrapCollector traps)
    {
        (_factory, _view, _traps) = (factory, view, traps);
        _numeric = new NumericSemantics(factory);
        _shared = new SharedAccess(factory, view);
        _memory = new MemorySemantics(factory, view, traps, _shared);
        _calls = new CallSemantics(factory, view, traps);
        _vectors = new VectorSemantics(factory);
        _vectorMemory = new VectorMemory(factory, _memory, _vectors, _shared);
        _atomics = new AtomicSemantics(factory, view, _memory, traps);
    }

    public void Step(FlowInstruction i, MachineState s, Term path)
    {
        _shared.CheckModelled(i.Opcode);
        var inputs = new Term[i.Inputs.Length];
        for (var k = 0; k < inputs.Length; k++)
        {
            inputs[k] = s.Slots[i.Inputs[k]] ?? throw new UnmodelledException("invalid code: a value is used before it is set");
        }

        switch (i.Opcode)
        {
            case FlowCode.Move:
                s.Slots[i.Outputs[0]] = inputs[0];
                return;
            case FlowCode.Constant:
                s.Slots[i.Outputs[0]] = _factory.Constant(i.First, (int)i.Second);
                return;
            case FlowCode.Vector:
                s.Slots[i.Outputs[0]] = _factory.Vector(_factory.Constant(i.First, 64), _factory.Constant(i.Second, 64));
                return;
            case 0x10 or 0x11:
                _calls.Call(i, inputs, s, path);
                return;
            case 0x1B:
                var zero = _factory.Equal(inputs[2], _factory.Constant(0, 32));
                s.Slots[i.Outputs[0]] = _factory.IfThenElse(zero, inputs[1], inputs[0]);
                return;
            case 0x23:
                s.Slots[i.Outputs[0]] = Globals.Read(_factory, _view, (int)i.First, s, _shared);
                return;
            case 0x24:
                Globals.Write(_view, (int)i.First, inputs[0], s, _shared);
                return;
        }

        if (InstructionTable.TryNumeric(i.Opcode, out _))
        {
            var value = _numeric.Apply(i.Opcode, inputs, out var traps);
            foreach (var trap in traps)
            {
                _traps.Add(path, trap.Kind, trap.Condition, s.Parts);
            }

            s.Slots[i.Outputs[0]] = value;
        }
        else if (VectorTable.TryGet(i.Opcode, out var vector))
        {
            Vector(i, vector, inputs, s, path);
        }
        else if (!_atomics.Step(i, inputs, s, path) && !_memory.Step(i, inputs, s, path) && !_calls.StepTable(i, inputs, s, path))
        {
            throw new UnmodelledException(InstructionTable.NameOf(i.Opcode));
        }
    }

    private void Vector(FlowInstruction i, VectorRow row, Term[] inputs, MachineState s, Term path)
    {
        if (VectorTable.TouchesMemory(row.Form))
        {
            _vectorMemory.Step(i, row, inputs, s, path);
        }
        else
        {
            s.Slots[i.Outputs[0]] = _vectors.Apply(i, row, inputs);
        }
    }
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
