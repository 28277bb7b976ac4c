using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Semantics;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// Finds what the interrupt handlers of the source, and all that they reach, may read and write. Of memory that is intervals, from the bounds of each
/// address; where those are not known, all of it. A global that every function leaves as it found it, and never holds more on the way, is a stack
/// pointer: it is read, not written, and the bytes right below it are the handlers' frames (AX-IRQ-FRAME).
/// </summary>
internal sealed class HandlerPlaces
{
    private const string Hardware = "pulse:hal/";
    private readonly ModuleView _view;
    private readonly CodeFacts _facts;
    private readonly HashSet<int> _loose = [];
    private SharedPlaces _places;

    private HandlerPlaces(ModuleView view, CodeFacts facts) => (_view, _facts, _places) = (view, facts, SharedPlaces.None);

    public static SharedPlaces Of(ModuleView view, CodeFacts facts)
    {
        if (view.Module.Handlers.Count == 0)
        {
            return SharedPlaces.None;
        }

        var handlers = new HandlerPlaces(view, facts);
        try
        {
            for (var known = -1; known != handlers._loose.Count;)
            {
                known = handlers._loose.Count;
                handlers.Collect();
            }
        }
        catch (Exception e) when (e is UnmodelledException or UnknownInstructionException)
        {
            handlers.Everything();
        }

        return handlers._places;
    }

    private DecodedModule Module => _view.Module;

    private void Collect()
    {
        _places = new SharedPlaces(_view.Layout.Parts.Count);
        var reached = new HashSet<int>();
        var work = new Stack<int>(Module.Handlers.Select(h => Module.Exports.First(e => e.Kind == EntityKind.Function && e.Name == h).Index));
        while (work.TryPop(out var function))
        {
            if (!reached.Add(function))
            {
                continue;
            }

            if (Module.Functions[function] is { Import: { } import })
            {
                if (!import.Module.StartsWith(Hardware, StringComparison.Ordinal))
                {
                    Everything(); // it may call back
                }

                continue;
            }

            var graph = BodyDecoder.Decode(Module, Module.Functions[function]);
            var analysis = new ExtentAnalysis(Module, graph, _loose);
            analysis.Run((i, state) => Visit(i, state, analysis, work), state => CheckFrames(state, analysis, isReturn: true));
        }
    }

    private void Visit(FlowInstruction i, Extent?[] state, ExtentAnalysis analysis, Stack<int> work)
    {
        Extent Input(int position) => state[i.Inputs[position]] ?? Extent.Any;
        switch (i.Opcode)
        {
            case FlowCode.Call or FlowCode.CallIndirect:
                CheckFrames(state, analysis, isReturn: false);
                (i.Opcode == FlowCode.Call ? [(int)i.First] : Indirect((int)i.Second)).ForEach(work.Push);
                break;
            case 0x23:
                Mark(_places.GlobalsTouched, (int)i.First);
                break;
            case 0x24 when Input(0) is var value && (value.Global != (int)i.First || value.High > 0):
                Write((int)i.First);
                break;
            case 0x25 or 0xFC0010:
                _places.ChangesStructure |= IsOpen((int)i.First);
                break;
            case 0x26 or 0xFC0009 or 0xFC000C or 0xFC000D or 0xFC000E or 0xFC000F or 0xFC0011:
                _places.ChangesStructure = true;
                break;
            case 0x40:
                _places.ChangesStructure |= Module.Memories[(int)i.First].Limits is var limits && limits.Maximum != limits.Minimum;
                break;
            case 0xFC0008:
                _places.ChangesStructure |= _facts.Has(Use.DataDrop, (int)i.First);
                Access((int)i.Second, Input(0), 0, Input(2), true);
                break;
            case 0xFC000A:
                Access((int)i.First, Input(0), 0, Input(2), true);
                Access((int)i.Second, Input(1), 0, Input(2), false);
                break;
            case 0xFC000B:
                Access((int)i.First, Input(0), 0, Input(2), true);
                break;
            default:
                if (InstructionTable.Find(i.Opcode) is { AccessBytes: > 0 } row)
                {
                    Access((int)i.Second, Input(0), i.First, Extent.Exactly((ulong)row.AccessBytes), (row.Effects & (Effects.Writes | Effects.Anything)) != 0);
                }

                break;
        }
    }

    /// <summary>
    /// At a call every global that has moved must lie below where it was, so that the callee's frame lies below as well; at a return it must be back.
    /// </summary>
    private void CheckFrames(Extent?[] state, ExtentAnalysis analysis, bool isReturn)
    {
        foreach (var global in Module.Globals.Where(g => g.Mutable && !_loose.Contains(g.Index) && g.Kind == ValueKind.I32))
        {
            if (state[analysis.Slot(global.Index)] is not { } now || now.Global != global.Index || now.High > 0 || isReturn && (now.Low, now.High) != (0, 0))
            {
                Write(global.Index);
            }
        }
    }

    /// <summary>The global is left with another value, so that nobody can take it for a stack pointer.</summary>
    private void Write(int global)
    {
        _loose.Add(global);
        Mark(_places.GlobalsTouched, global);
        Mark(_places.GlobalsWritten, global);
    }

    private void Access(int memory, Extent index, ulong offset, Extent length, bool isWrite)
    {
        if (_view.MemoryParts[memory] is not (var part and >= 0))
        {
            return; // no other code has a model that touches it
        }

        var (low, high) = (index.Low + offset, index.High + offset + length.High);
        if (!index.IsNumber && high <= 0 && _view.GlobalParts[index.Global] is var pointer and >= 0)
        {
            _places.Frames.Add((pointer, part));
            return;
        }

        var (from, to) = index.IsNumber ? ((UInt128)low, (UInt128)high) : (0, UInt128.MaxValue);
        _places.Touched[part].Add(from, to);
        if (isWrite)
        {
            _places.Written[part].Add(from, to);
        }
    }

    /// <summary>What a call through a table may reach: all that some table or reference names.</summary>
    private List<int> Indirect(int table)
    {
        if (IsOpen(table))
        {
            Everything();
        }

        return [.. Module.Functions.Where(f => _facts.Live[f.Index] && IsNamed(f.Index)).Select(f => f.Index)];
    }

    private bool IsNamed(int function) => Module.Elements.SelectMany(e => e.Items).Concat(Module.Tables.Select(t => t.Fill).OfType<Initial>())
        .Any(item => item.Kind == InitialKind.Function && (int)item.Value == function);

    /// <summary>Whether other code or the host may change the table.</summary>
    private bool IsOpen(int table) => _view.ClosedTables[table] is null;

    private void Everything()
    {
        _places.ChangesStructure = true;
        foreach (var part in _view.MemoryParts.Where(p => p >= 0))
        {
            _places.Touched[part].AddAll();
            _places.Written[part].AddAll();
        }

        foreach (var global in Module.Globals.Where(g => g.Mutable))
        {
            Mark(_places.GlobalsTouched, global.Index);
            Mark(_places.GlobalsWritten, global.Index);
        }
    }

    private void Mark(HashSet<int> set, int global)
    {
        if (_view.GlobalParts[global] is var part and >= 0)
        {
            set.Add(part);
        }
    }
}
