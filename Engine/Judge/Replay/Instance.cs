using System.Globalization;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Replay;

/// <summary>The run ended in a trap.</summary>
internal sealed class TrapException(TrapKind kind) : Exception(kind.ToString())
{
    /// <summary>Why.</summary>
    public TrapKind Kind { get; } = kind;
}

/// <summary>The run was given up: too long, too deep, or an instruction without a concrete meaning here.</summary>
internal sealed class GiveUpException(string what) : Exception(what);

/// <summary>The run goes round in a circle: nothing more will ever be seen of it.</summary>
internal sealed class EndlessException : Exception;

/// <summary>
/// An instance of a module on concrete values, with its code as the host runs it. Arithmetic is that of the proof on constant terms; memories,
/// tables and host calls are its own. A reference is a number: 0 for null, a function's index from 1, and the host's functions beyond.
/// </summary>
internal sealed class Instance : IMachine
{
    private const int MaximumDepth = 400;
    private const ulong LargestTable = 1 << 16;
    private const ulong FirstHostFunction = 1UL << 40;
    private readonly DecodedModule _module;
    private readonly Scenario _scenario;
    private readonly HostSide _host;
    private readonly Dictionary<int, FlowGraph> _bodies;
    private readonly ConcreteMemory _memory;
    private readonly ConcreteTables _references;
    private readonly List<string> _hostFunctions = [];
    private readonly List<(int Function, long Version, Term[] Arguments)> _frames = [];
    private long _changes;

    public Instance(DecodedModule module, Dictionary<int, FlowGraph> bodies, Scenario scenario, HostSide host)
    {
        (_module, _bodies, _scenario, _host) = (module, bodies, scenario, host);
        Globals = new Term[module.Globals.Count];
        Memories = [.. module.Memories.Select(m => new SparseMemory(m.Limits, m.Import is { } import && scenario.Seed != 0 ? Given(import.Key) : null))];
        Tables = [.. module.Tables.Select(t => Enumerable.Repeat(0UL, (int)Math.Min(t.Limits.Minimum, LargestTable)).ToList())];
        var (droppedData, droppedElements) = (new bool[module.Data.Count], new bool[module.Elements.Count]);
        _memory = new ConcreteMemory(Memories, droppedData, Terms);
        _references = new ConcreteTables(module, Tables, droppedElements, Terms, Reference);
    }

    public TermFactory Terms { get; } = new();

    public SparseMemory[] Memories { get; }

    public Term[] Globals { get; }

    public List<ulong>[] Tables { get; }

    /// <summary>Instructions that it may still run.</summary>
    public required int Steps { get; set; }

    /// <summary>Changes of what lies outside of the frames, events among them.</summary>
    private long Version => _changes + Memories.Sum(m => m.Changes);

    /// <summary>Defined functions that were entered.</summary>
    public HashSet<int> Entered { get; } = [];

    public Func<ulong, byte> Given(string place) => address => (byte)(_scenario.Derive(place, address) & 0xFF);

    /// <summary>Runs initialisers, segments and the start function, in the order of the specification.</summary>
    public void Instantiate()
    {
        if (_module.Tables.Exists(t => t.Limits.Minimum > LargestTable))
        {
            throw new GiveUpException("a large table");
        }

        for (var g = 0; g < Globals.Length; g++)
        {
            var global = _module.Globals[g];
            Globals[g] = global.Import is { } import ? Number(global.Kind is ValueKind.FunctionReference or ValueKind.ExternReference ? 0 : _scenario.Globals.TryGetValue(import.Key, out var bits) ? bits : _host.Default(import.Key, 0xFFFF), global.Kind)
                : Value(global.Initial!, BodyDecoder.WidthOf(global.Kind));
        }

        foreach (var table in _module.Tables.Where(t => t.Fill is not null))
        {
            var fill = Reference(table.Fill!);
            Tables[table.Index] = [.. Tables[table.Index].Select(_ => fill)];
        }

        FillTables(_module.Tables.Where(t => t.Import is not null).Select(t => (t.Import!.Key, t.Index)));
        foreach (var segment in _module.Elements.Where(e => e.Mode != SegmentMode.Passive))
        {
            if (segment.Mode == SegmentMode.Active)
            {
                _references.Initialize(segment, segment.Table, Value(segment.Offset!, 64).Value, 0, (ulong)segment.Items.Length);
            }

            _references.Drop(segment.Index);
        }

        foreach (var segment in _module.Data.Where(d => d.Mode == SegmentMode.Active))
        {
            _memory.Initialize(segment, (ulong)segment.Memory, Value(segment.Offset!, 64).Value, 0, (ulong)segment.Bytes.Length);
            _memory.Drop(segment.Index);
        }

        if (_module.Start is { } start)
        {
            Call(start, []);
        }
    }

    /// <summary>The host puts functions of its own into every slot of function tables that it can reach.</summary>
    public void FillTables(IEnumerable<(string Place, int Table)> tables)
    {
        foreach (var (place, table) in tables.Where(t => _scenario.TableType is not null && _module.Tables[t.Table].Kind == ValueKind.FunctionReference))
        {
            for (var slot = 0; slot < Tables[table].Count; slot++)
            {
                Tables[table][slot] = FirstHostFunction + (ulong)_hostFunctions.Count;
                _hostFunctions.Add(string.Create(CultureInfo.InvariantCulture, $"{place}[{slot}]"));
            }
        }
    }

    /// <summary>A call from outside: whatever it does, what was running goes on.</summary>
    public Term[] Enter(int function, IEnumerable<ulong> arguments)
    {
        var depth = _frames.Count;
        try
        {
            var signature = _module.Functions[function].Signature;
            return Call(function, [.. arguments.Select((bits, i) => Number(bits, signature.Parameters[i]))]);
        }
        finally
        {
            _frames.RemoveRange(depth, _frames.Count - depth);
        }
    }

    /// <summary>A number of a type; nothing else fits into fewer bits.</summary>
    public Term Number(ulong bits, ValueKind kind)
        => kind == ValueKind.V128 ? throw new GiveUpException("a vector at the host") : Terms.Constant(bits & TermFactory.Mask(BodyDecoder.WidthOf(kind)), BodyDecoder.WidthOf(kind));

    private Term[] Call(int function, Term[] arguments)
    {
        var entity = _module.Functions[function];
        if (entity.Import is { } import)
        {
            _changes++;
            return _host.Call(this, import.Key, import.ToString(), entity.Signature, arguments);
        }

        // A call within a call of the same function, with the same arguments and nothing changed since, goes on in that way for ever.
        if (_frames.Count >= MaximumDepth)
        {
            throw _frames.Exists(f => f.Function == function && f.Version == Version && f.Arguments.AsSpan().SequenceEqual(arguments)) ? new EndlessException()
                : new GiveUpException("recursion");
        }

        _frames.Add((function, Version, arguments));
        Entered.Add(function);
        if (!_bodies.TryGetValue(function, out var graph))
        {
            _bodies[function] = graph = BodyDecoder.Decode(_module, function);
        }

        var slots = new Term[graph.Slots];
        arguments.CopyTo(slots, 0);
        var results = Run(graph, slots);
        _frames.RemoveAt(_frames.Count - 1);
        return results;
    }

    private Term[] Run(FlowGraph graph, Term[] slots)
    {
        var circle = new Circle();
        for (var block = graph.Blocks[0]; ;)
        {
            if (circle.IsClosed(block, slots, Version))
            {
                throw new EndlessException();
            }

            Steps -= block.Body.Count + 1;
            if (Steps < 0)
            {
                throw new GiveUpException("too many steps");
            }

            block.Body.ForEach(instruction => Step(instruction, slots));
            switch (block.Exit)
            {
                case FlowExit.Return:
                    return [.. graph.Results.Select(r => slots[r])];
                case FlowExit.Unreachable:
                    throw new TrapException(TrapKind.Unreachable);
                case FlowExit.Goto:
                    block = graph.Blocks[block.Successors[0]];
                    break;
                case FlowExit.Branch:
                    block = graph.Blocks[block.Successors[slots[block.Selector].Value != 0 ? 0 : 1]];
                    break;
                default:
                    block = graph.Blocks[block.Successors[(int)Math.Min(slots[block.Selector].Value, (ulong)block.Successors.Count - 1)]];
                    break;
            }
        }
    }

    private void Step(FlowInstruction i, Term[] slots)
    {
        var x = Array.ConvertAll(i.Inputs, s => slots[s]);
        switch (i.Opcode)
        {
            case FlowCode.Move:
                slots[i.Outputs[0]] = x[0];
                return;
            case FlowCode.Constant:
                slots[i.Outputs[0]] = Terms.Constant(i.First, (int)i.Second);
                return;
            case FlowCode.Vector:
                slots[i.Outputs[0]] = Terms.Vector(Terms.Constant(i.First, 64), Terms.Constant(i.Second, 64));
                return;
            case FlowCode.Call:
                Return(i, slots, Call((int)i.First, x));
                return;
            case FlowCode.CallIndirect:
                Return(i, slots, CallIndirect(i, x));
                return;
        }

        var row = InstructionTable.Find(i.Opcode)!;
        if (row.Meaning(this, i, x) is { } result)
        {
            // What is not exact in the model of a proof has no concrete value here.
            var isKnown = result.IsConstant || result.Op == TermOp.Vector && result.Args[0].IsConstant && result.Args[1].IsConstant;
            slots[i.Outputs[0]] = isKnown ? result : throw new GiveUpException(row.Name);
        }
    }

    public void Trap(TrapKind kind, Term condition)
    {
        if (!condition.IsFalse)
        {
            throw condition.IsTrue ? new TrapException(kind) : new GiveUpException($"whether it is {kind}");
        }
    }

    public Term[] Load(FlowInstruction i, Term index, int count, int bytes) => _memory.Load(i, index, count, bytes);

    public void Store(FlowInstruction i, Term index, params Term[] values) => _memory.Store(i, index, values);

    public Term Size(ulong memory) => _memory.Size(memory);

    public Term Grow(ulong memory, Term delta) => _memory.Grow(memory, delta);

    public void Fill(ulong memory, Term to, Term value, Term length) => _memory.Fill(memory, to, value, length);

    public void Copy(ulong target, ulong source, Term to, Term from, Term length) => _memory.Copy(target, source, to, from, length);

    public void Initialize(ulong data, ulong memory, Term to, Term from, Term length)
        => _memory.Initialize(_module.Data[(int)data], memory, to.Value, from.Value, length.Value);

    public void DropData(ulong data)
    {
        _changes++;
        _memory.Drop((int)data);
    }

    public Term ReadGlobal(ulong global) => Globals[global];

    public void WriteGlobal(ulong global, Term value)
    {
        _changes += ReferenceEquals(Globals[global], value) ? 0 : 1;
        Globals[global] = value;
    }

    public Term? OnTable(TableOperation operation, FlowInstruction i, Term[] x)
    {
        _changes++;
        return _references.Apply(operation, i, x);
    }

    public Term Reference(ulong function) => Terms.Constant(function + 1, 64);

    public Term? Atomic(AtomicAccess access, FlowInstruction i, Term[] x) => throw new GiveUpException("an atomic instruction");

    private static void Return(FlowInstruction i, Term[] slots, Term[] results)
    {
        for (var k = 0; k < results.Length; k++)
        {
            slots[i.Outputs[k]] = results[k];
        }
    }

    private Term[] CallIndirect(FlowInstruction i, Term[] x)
    {
        var signature = _module.Types[(int)i.First];
        var (slots, index) = (Tables[i.Second], x[^1].Value);
        var target = index < (ulong)slots.Count ? slots[(int)index] : throw new TrapException(TrapKind.UndefinedElement);
        if (target == 0)
        {
            throw new TrapException(TrapKind.UninitializedElement);
        }

        var type = target >= FirstHostFunction ? _scenario.TableType : _module.Functions[(int)target - 1].Signature.Text;
        if (type != signature.Text)
        {
            throw new TrapException(TrapKind.IndirectCallTypeMismatch);
        }

        _changes++;
        return target < FirstHostFunction ? Call((int)target - 1, x[..^1])
            : _host.Call(this, _hostFunctions[(int)(target - FirstHostFunction)], _hostFunctions[(int)(target - FirstHostFunction)], signature, x[..^1]);
    }

    private ulong Reference(Initial initial) => Value(initial, 64).Value;

    /// <summary>The value of a constant expression; that of an offset does not depend on its width.</summary>
    private Term Value(Initial initial, int width) => initial.Kind switch
    {
        InitialKind.Constant => Terms.Constant(initial.Value, width),
        InitialKind.Null => Terms.Constant(0, 64),
        InitialKind.Function => Terms.Constant(initial.Value + 1, 64),
        InitialKind.Vector => Terms.Vector(Terms.Constant(initial.Value, 64), Terms.Constant(initial.High, 64)),
        InitialKind.ImportedGlobal => Globals[initial.Value],
        _ => throw new GiveUpException("an extended constant expression"),
    };
}

/// <summary>
/// Notices that a frame is at the same place with the same values as before, and nothing else has changed since: execution is deterministic, so it
/// will be there for ever. It compares with one earlier moment, a later one at every doubling.
/// </summary>
internal sealed class Circle
{
    private Term[] _slots = [];
    private FlowBlock? _block;
    private long _version;
    private int _rounds;

    public bool IsClosed(FlowBlock block, Term[] slots, long version)
    {
        if (ReferenceEquals(block, _block) && version == _version && slots.AsSpan().SequenceEqual(_slots))
        {
            return true;
        }

        if ((++_rounds & _rounds - 1) == 0)
        {
            (_block, _version, _slots) = (block, version, [.. slots]);
        }

        return false;
    }
}
