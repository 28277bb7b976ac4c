using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Judge.Ordering;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Correspondence;

/// <summary>
/// Finds what the interrupt handlers of the source, and all that they reach, may read and write. Of memory that is intervals, from the bounds of each
/// address; where those are not known, all of it. A global that every function leaves as it found it, and never holds more on the way, is a stack
/// pointer: it is read, not written, and the bytes right below it are the handlers' frames (AX-IRQ-FRAME).
/// </summary>
/// <remarks>
/// Each function is run block by block on terms, as a proof is, but on one state for all ways into a block. Of that state it knows constants, distances
/// from what a global held when the function was entered, and bounds of all else: every block begins with variables of its own.
/// </remarks>
internal sealed class HandlerPlaces
{
    private const string Hardware = "pulse:hal/";

    private readonly ModuleView _view;
    private readonly CodeFacts _facts;
    private readonly Stack<int> _work = [];

    /// <summary>Globals that some function does not leave as it found them: nothing is known of these.</summary>
    private readonly HashSet<int> _loose = [];
    private readonly Dictionary<Term, int> _atEntry = [];
    private TermFactory _terms = new();
    private SharedPlaces _places;
    private Term?[] _values = [];
    private int _globals;
    private int _unknowns;

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
        catch (UnmodelledException)
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
        Module.Handlers.ForEach(h => _work.Push(Module.Exports.First(e => e.Kind == EntityKind.Function && e.Name == h).Index));
        while (_work.TryPop(out var function))
        {
            if (!reached.Add(function))
            {
                continue;
            }

            if (Module.Functions[function] is not { Import: { } import })
            {
                Run(BodyDecoder.Decode(Module, function));
            }
            else if (!import.Module.StartsWith(Hardware, StringComparison.Ordinal))
            {
                Everything(); // it may call back
            }
        }
    }

    /// <summary>Runs every block of a function that can be reached, from what is guessed of its beginning, which has to hold on every way into it.</summary>
    private void Run(FlowGraph graph)
    {
        _terms = new TermFactory();
        _atEntry.Clear();
        _globals = graph.Slots;
        var parameters = graph.Signature.Parameters;
        Term?[] first = [.. parameters.Select(kind => Unknown(BodyDecoder.WidthOf(kind))), .. new Term?[graph.Slots - parameters.Length], .. Module.Globals.Select(AtEntry)];
        var guessed = new BlockEntries(Unknown, IsFixed).Find(graph, first, RunBlock);
        Term?[]?[] entries = [first, .. guessed[1..].Select(entry => entry?.Select(Anew).ToArray())];
        foreach (var (block, entry) in graph.Blocks.Zip(entries).Where(x => x.Second is not null))
        {
            var left = RunBlock(block, entry!);
            if (!block.Successors.TrueForAll(next => entries[next] is { } known && known.Zip(left).All(x => Holds(x.First, x.Second))))
            {
                throw new UnmodelledException("what a handler has in hand where a block begins is not what it was guessed to be");
            }
        }
    }

    private Term?[] RunBlock(FlowBlock block, Term?[] entry)
    {
        _values = (Term?[])entry.Clone();
        block.Body.ForEach(Step);
        if (block.Exit == FlowExit.Return)
        {
            CheckFrames(isReturn: true);
        }

        return _values;
    }

    /// <summary>A value of a block's own in place of a guess: what means the same in every block, or anything within the bounds of the guess.</summary>
    private Term? Anew(Term? guess) => guess is null or { Width: Sort.Bool } || IsFixed(guess) ? guess : Unknown(guess.Width, guess.Width > 0 ? TermFactory.RangeOf(guess) : null);

    /// <summary>Whether a value that arrives is one that is <paramref name="known"/>. Where there is none, or nothing is known, nobody looks.</summary>
    private bool Holds(Term? known, Term? arriving)
        => known is null or { Width: Sort.Bool } || arriving is null || ReferenceEquals(known, arriving)
            || known.Width == arriving.Width && !IsFixed(known)
                && (known.Width <= 0 || TermFactory.RangeOf(known).Low <= TermFactory.RangeOf(arriving).Low && TermFactory.RangeOf(arriving).High <= TermFactory.RangeOf(known).High);

    /// <summary>Whether it means the same in every block.</summary>
    private bool IsFixed(Term value) => value.IsConstant || Moved(value) is not null;

    private void Step(FlowInstruction i)
    {
        var x = Array.ConvertAll(i.Inputs, slot => _values[slot] is { Width: not Sort.Bool } value ? value : throw new UnmodelledException("invalid code: a value is used that is not there"));
        switch (i.Opcode)
        {
            case FlowCode.Move:
                _values[i.Outputs[0]] = x[0];
                return;
            case FlowCode.Constant:
                _values[i.Outputs[0]] = _terms.Constant(i.First, (int)i.Second);
                return;
            case FlowCode.Vector:
                _values[i.Outputs[0]] = Unknown(Sort.Vector);
                return;
            case FlowCode.Call or FlowCode.CallIndirect:
                CheckFrames(isReturn: false);
                var isDirect = i.Opcode == FlowCode.Call;
                (isDirect ? [(int)i.First] : Indirect((int)i.Second)).ForEach(_work.Push);
                var results = (isDirect ? Module.Functions[(int)i.First].Signature : Module.Types[(int)i.First]).Results;
                results.Zip(i.Outputs).ToList().ForEach(result => _values[result.Second] = Unknown(BodyDecoder.WidthOf(result.First)));
                return;
        }

        var row = InstructionTable.Find(i.Opcode)!;
        row.Require(x);
        Note(i, row, x);
        if (i.Outputs.Length > 0)
        {
            _values[i.Outputs[0]] = row.Pure is { } pure ? pure.Result(_terms, x) : Result(i, row);
        }
    }

    /// <summary>What an instruction gives that reads the state: a global as it is known, else anything that has so many bits.</summary>
    private Term Result(FlowInstruction i, InstructionRow row) => i.Opcode switch
    {
        0x23 => _values[_globals + (int)i.First] is { } value && !_loose.Contains((int)i.First) ? value : Unknown(BodyDecoder.WidthOf(Module.Globals[(int)i.First].Kind)),
        0x2D or 0x31 => Unknown(row.Result, (0, byte.MaxValue)),
        0x2F or 0x33 => Unknown(row.Result, (0, ushort.MaxValue)),
        0x3F or 0x40 => Unknown(Module.Memories[(int)i.First].Limits.Is64 ? 64 : 32),
        0xFC000F or 0xFC0010 => Unknown(Module.Tables[(int)i.First].Limits.Is64 ? 64 : 32),
        _ => Unknown(row.Result),
    };

    /// <summary>Notes what an instruction touches.</summary>
    private void Note(FlowInstruction i, InstructionRow row, Term[] x)
    {
        switch (i.Opcode)
        {
            case 0x23:
                Mark(_places.GlobalsTouched, (int)i.First);
                break;
            case 0x24 when IsBelow((int)i.First, x[0]):
                _values[_globals + (int)i.First] = x[0];
                break;
            case 0x24:
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
                Access(i.Second, x[0], 0, x[2], true);
                break;
            case 0xFC000A:
                Access(i.First, x[0], 0, x[2], true);
                Access(i.Second, x[1], 0, x[2], false);
                break;
            case 0xFC000B:
                Access(i.First, x[0], 0, x[2], true);
                break;
            default:
                if (row.AccessBytes > 0)
                {
                    Access(i.Second, x[0], i.First, _terms.Constant((ulong)row.AccessBytes, 32), (row.Effects & (Effects.Writes | Effects.Anything)) != 0);
                }

                break;
        }
    }

    private void Access(ulong memory, Term index, ulong offset, Term length, bool isWrite)
    {
        if (_view.MemoryParts[memory] is not (var part and >= 0))
        {
            return; // no other code has a model that touches it
        }

        var most = TermFactory.RangeOf(length).High;
        if (Moved(index) is var (global, by) && (Int128)by + offset + most <= 0 && by > int.MinValue && _view.GlobalParts[global] is var pointer and >= 0)
        {
            _places.Frames.Add((pointer, part));
            return;
        }

        var (low, high) = TermFactory.RangeOf(index);
        var (from, to) = ((UInt128)low + offset, (UInt128)high + offset + most);
        _places.Touched[part].Add(from, to);
        if (isWrite)
        {
            _places.Written[part].Add(from, to);
        }
    }

    private Term Unknown(int width, (ulong, ulong)? bounds = null) => _terms.Variable(FormattableString.Invariant($"u{_unknowns++}"), width, bounds: bounds);

    /// <summary>
    /// At a call every global that has moved must lie below where it was, so that the callee's frame lies below as well; at a return it must be back.
    /// </summary>
    private void CheckFrames(bool isReturn)
    {
        foreach (var global in Module.Globals.Where(g => g.Mutable && !_loose.Contains(g.Index) && g.Kind == ValueKind.I32))
        {
            if (!IsBelow(global.Index, _values[_globals + global.Index]) || isReturn && Moved(_values[_globals + global.Index])!.Value.By != 0)
            {
                Write(global.Index);
            }
        }
    }

    private bool IsBelow(int global, Term? value) => Moved(value) is { By: <= 0 and > int.MinValue } moved && moved.Global == global;

    /// <summary>The global's value at the entry that this is a constant distance from.</summary>
    private (int Global, long By)? Moved(Term? value)
        => value is { Width: > 0 } && _terms.Split(value) is ({ } start, var by) && _atEntry.TryGetValue(start, out var global) ? (global, TermFactory.Signed(by, value.Width)) : null;

    private Term? AtEntry(GlobalEntity global)
    {
        if (global is not { Mutable: true, Kind: ValueKind.I32 })
        {
            return global is { Mutable: false, Initial: { Kind: InitialKind.Constant } known } ? _terms.Constant(known.Value, BodyDecoder.WidthOf(global.Kind)) : null;
        }

        var start = Unknown(32);
        _atEntry[start] = global.Index;
        return start;
    }

    /// <summary>The global is left with another value, so that nobody can take it for a stack pointer.</summary>
    private void Write(int global)
    {
        _loose.Add(global);
        Mark(_places.GlobalsTouched, global);
        Mark(_places.GlobalsWritten, global);
    }

    /// <summary>What a call through a table may reach: all that some table or reference names.</summary>
    private List<int> Indirect(int table)
    {
        if (IsOpen(table))
        {
            Everything();
        }

        return [.. Module.Elements.SelectMany(e => e.Items).Concat(Module.Tables.Select(t => t.Fill).OfType<Initial>())
            .Where(item => item.Kind == InitialKind.Function).Select(item => (int)item.Value).Distinct().Where(f => _facts.Live[f])];
    }

    /// <summary>Whether other code or the host may change the table.</summary>
    private bool IsOpen(int table) => _view.ClosedTables[table] is null;

    private void Everything()
    {
        _places.ChangesStructure = true;
        foreach (var part in _view.MemoryParts.Where(p => p >= 0))
        {
            _places.Touched[part].Add(0, UInt128.MaxValue);
            _places.Written[part].Add(0, UInt128.MaxValue);
        }

        Module.Globals.FindAll(g => g.Mutable).ForEach(g => Write(g.Index));
    }

    private void Mark(HashSet<int> set, int global)
    {
        if (_view.GlobalParts[global] is var part and >= 0)
        {
            set.Add(part);
        }
    }
}
