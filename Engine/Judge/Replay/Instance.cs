using System.Globalization;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
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

/// <summary>
/// An instance of a module on concrete values, with its code as the host runs it. Arithmetic is that of the proof on constant terms; memories,
/// tables and host calls are its own. A reference is a number: 0 for null, a function's index from 1, and the host's functions beyond.
/// </summary>
internal sealed class Instance
{
    private const int MaximumDepth = 400;
    private const ulong LargestTable = 1 << 16;
    private const ulong FirstHostFunction = 1UL << 40;
    private readonly DecodedModule _module;
    private readonly Scenario _scenario;
    private readonly HostSide _host;
    private readonly Dictionary<int, FlowGraph> _bodies;
    private readonly TermFactory _factory = new();
    private readonly NumericSemantics _numeric;
    private readonly ConcreteMemory _memory;
    private readonly ConcreteTables _references;
    private readonly List<string> _hostFunctions = [];
    private int _depth;

    public Instance(DecodedModule module, Dictionary<int, FlowGraph> bodies, Scenario scenario, HostSide host)
    {
        (_module, _bodies, _scenario, _host) = (module, bodies, scenario, host);
        _numeric = new NumericSemantics(_factory);
        Globals = new Term[module.Globals.Count];
        Memories = [.. module.Memories.Select(m => new SparseMemory(m.Limits, m.Import is { } import && scenario.Seed != 0 ? Given(import.Key) : null))];
        Tables = [.. module.Tables.Select(t => Enumerable.Repeat(0UL, (int)Math.Min(t.Limits.Minimum, LargestTable)).ToList())];
        var (droppedData, droppedElements) = (new bool[module.Data.Count], new bool[module.Elements.Count]);
        _memory = new ConcreteMemory(module, Memories, droppedData, _factory);
        _references = new ConcreteTables(module, Tables, droppedElements, _factory, Reference);
    }

    public SparseMemory[] Memories { get; }

    public Term[] Globals { get; }

    public List<ulong>[] Tables { get; }

    /// <summary>Instructions that it may still run.</summary>
    public required int Steps { get; set; }

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
            _memory.Initialize(segment, segment.Memory, Value(segment.Offset!, 64).Value, 0, (ulong)segment.Bytes.Length);
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
        var depth = _depth;
        try
        {
            var signature = _module.Functions[function].Signature;
            return Call(function, [.. arguments.Select((bits, i) => Number(bits, signature.Parameters[i]))]);
        }
        finally
        {
            _depth = depth;
        }
    }

    /// <summary>A number of a type; nothing else fits into fewer bits.</summary>
    public Term Number(ulong bits, ValueKind kind)
        => kind == ValueKind.V128 ? throw new GiveUpException("a vector at the host") : _factory.Constant(bits & TermFactory.Mask(BodyDecoder.WidthOf(kind)), BodyDecoder.WidthOf(kind));

    private Term[] Call(int function, Term[] arguments)
    {
        var entity = _module.Functions[function];
        if (entity.Import is { } import)
        {
            return _host.Call(this, import.Key, import.ToString(), entity.Signature, arguments);
        }

        if (++_depth > MaximumDepth)
        {
            throw new GiveUpException("recursion");
        }

        Entered.Add(function);
        if (!_bodies.TryGetValue(function, out var graph))
        {
            _bodies[function] = graph = BodyDecoder.Decode(_module, entity);
        }

        var slots = new Term[graph.Slots];
        arguments.CopyTo(slots, 0);
        var results = Run(graph, slots);
        _depth--;
        return results;
    }

    private Term[] Run(FlowGraph graph, Term[] slots)
    {
        for (var block = graph.Blocks[0]; ;)
        {
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
                slots[i.Outputs[0]] = _factory.Constant(i.First, (int)i.Second);
                return;
            case FlowCode.Vector:
                slots[i.Outputs[0]] = _factory.Vector(_factory.Constant(i.First, 64), _factory.Constant(i.Second, 64));
                return;
            case 0x10:
                Return(i, slots, Call((int)i.First, x));
                return;
            case 0x11:
                Return(i, slots, CallIndirect(i, x));
                return;
            case 0x1B:
                slots[i.Outputs[0]] = x[2].Value != 0 ? x[0] : x[1];
                return;
            case 0x23:
                slots[i.Outputs[0]] = Globals[i.First];
                return;
            case 0x24:
                Globals[i.First] = x[0];
                return;
        }

        if (VectorTable.TryGet(i.Opcode, out var vector) && !VectorTable.TouchesMemory(vector.Form))
        {
            slots[i.Outputs[0]] = Known(new VectorSemantics(_factory).Apply(i, vector, x), i);
        }
        else if (InstructionTable.TryNumeric(i.Opcode, out _))
        {
            var value = _numeric.Apply(i.Opcode, x, out var traps);
            if (Array.FindIndex(traps, t => t.Condition.IsTrue) is var first and >= 0)
            {
                throw new TrapException(traps[first].Kind);
            }

            slots[i.Outputs[0]] = Known(value, i);
        }
        else if (!_memory.Step(i, x, slots) && !_references.Step(i, x, slots))
        {
            throw new GiveUpException(InstructionTable.NameOf(i.Opcode));
        }
    }

    /// <summary>What is not exact in the model of a proof has no concrete value here.</summary>
    private static Term Known(Term value, FlowInstruction i)
        => value.IsConstant || value.Op == TermOp.Vector && value.Args[0].IsConstant && value.Args[1].IsConstant ? value
            : throw new GiveUpException(InstructionTable.NameOf(i.Opcode));

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

        return target < FirstHostFunction ? Call((int)target - 1, x[..^1])
            : _host.Call(this, _hostFunctions[(int)(target - FirstHostFunction)], _hostFunctions[(int)(target - FirstHostFunction)], signature, x[..^1]);
    }

    private ulong Reference(Initial initial) => Value(initial, 64).Value;

    /// <summary>The value of a constant expression; that of an offset does not depend on its width.</summary>
    private Term Value(Initial initial, int width) => initial.Kind switch
    {
        InitialKind.Constant => _factory.Constant(initial.Value, width),
        InitialKind.Null => _factory.Constant(0, 64),
        InitialKind.Function => _factory.Constant(initial.Value + 1, 64),
        InitialKind.Vector => _factory.Vector(_factory.Constant(initial.Value, 64), _factory.Constant(initial.High, 64)),
        InitialKind.ImportedGlobal => Globals[initial.Value],
        _ => throw new GiveUpException("an extended constant expression"),
    };
}
