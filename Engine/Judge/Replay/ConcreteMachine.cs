using System.Globalization;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Semantics;
using Pulse.Build.Engine.Judge.Correspondence;
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
/// Runs a module's own bodies, callees included, on concrete values. Arithmetic is that of the proof on constant terms; memories, tables
/// and host calls are its own. The host's calls are recorded with what is visible at each.
/// </summary>
internal sealed class ConcreteMachine
{
    private const int MaximumDepth = 400;
    private readonly ModuleView _view;
    private readonly Scenario _scenario;
    private readonly TermFactory _factory = new();
    private readonly NumericSemantics _numeric;
    private readonly Dictionary<int, FlowGraph> _bodies = [];
    private readonly Dictionary<string, int> _hostCalls = [];
    private readonly int[]?[] _tables;
    private int _steps;
    private int _depth;

    public ConcreteMachine(ModuleView view, DecodedModule origin, int[] originMemories, Scenario scenario, int steps)
    {
        (_view, _scenario, _steps) = (view, scenario, steps);
        _numeric = new NumericSemantics(_factory);
        _tables = [.. view.Module.Tables.Select(t => TableContents.Of(view.Module, t.Index))];
        for (var part = 0; part < view.Layout.Parts.Count; part++)
        {
            var row = view.Layout.Parts[part];
            if (row.Kind == PartKind.Memory && Array.IndexOf(originMemories, part) is var memory and >= 0)
            {
                var image = MemoryImage.Of(origin, memory);
                var size = scenario.Parts.TryGetValue(part + 1, out var pages) ? pages : view.Layout.Parts[part + 1].Low;
                Memories[part] = new SparseMemory(a => scenario.ByteAt(row, a, image?[a] ?? 0), size, view.Layout.Parts[part + 1]);
            }
        }
    }

    /// <summary>Memories by component.</summary>
    public SortedDictionary<int, SparseMemory> Memories { get; } = [];

    /// <summary>Globals that have been written, by component, or by index below zero for those that are no component.</summary>
    public SortedDictionary<int, Term> Globals { get; } = [];

    /// <summary>Calls of the host, in order, with arguments and a fingerprint of the memories.</summary>
    public List<string> Trace { get; } = [];

    public Term[] Call(int function, Term[] arguments)
    {
        var entity = _view.Module.Functions[function];
        if (entity.Body is null)
        {
            return Host(_view.CallSymbols[function], entity.Import!.ToString(), entity.Signature, arguments);
        }

        if (++_depth > MaximumDepth)
        {
            throw new GiveUpException("recursion");
        }

        var graph = Body(function, entity);
        var slots = new Term[graph.Slots];
        arguments.CopyTo(slots, 0);
        var results = Run(graph, slots);
        _depth--;
        return results;
    }

    public Term Constant(ulong bits, int width) => _factory.Constant(bits, width);

    private FlowGraph Body(int function, FunctionEntity entity)
    {
        if (!_bodies.TryGetValue(function, out var graph))
        {
            _bodies[function] = graph = BodyDecoder.Decode(_view.Module, entity);
        }

        return graph;
    }

    private Term[] Run(FlowGraph graph, Term[] slots)
    {
        for (var block = graph.Blocks[0]; ;)
        {
            foreach (var instruction in block.Body)
            {
                if (--_steps < 0)
                {
                    throw new GiveUpException("too many steps");
                }

                Step(instruction, slots);
            }

            if (--_steps < 0)
            {
                throw new GiveUpException("too many steps");
            }

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
                slots[i.Outputs[0]] = Constant(i.First, (int)i.Second);
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
                slots[i.Outputs[0]] = ReadGlobal((int)i.First);
                return;
            case 0x24:
                Globals[GlobalKey((int)i.First)] = x[0];
                return;
        }

        if (i.Opcode == FlowCode.Vector)
        {
            slots[i.Outputs[0]] = _factory.Vector(Constant(i.First, 64), Constant(i.Second, 64));
            return;
        }

        if (VectorTable.TryGet(i.Opcode, out var vector) && !VectorTable.TouchesMemory(vector.Form))
        {
            slots[i.Outputs[0]] = Known(new VectorSemantics(_factory).Apply(i, vector, x), i);
            return;
        }

        if (InstructionTable.TryNumeric(i.Opcode, out var row))
        {
            var value = _numeric.Apply(i.Opcode, x, out var traps);
            if (Array.FindIndex(traps, t => t.Condition.IsTrue) is var first and >= 0)
            {
                throw new TrapException(traps[first].Kind);
            }

            slots[i.Outputs[0]] = value.IsConstant ? value : throw new GiveUpException(row.Name);
            return;
        }

        var memory = new ConcreteMemory(_view, Memories, _factory);
        if (!memory.Step(i, x, slots))
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

    private int GlobalKey(int global) => _view.GlobalParts[global] is var part and >= 0 ? part : -1 - global;

    /// <summary>The value of a global as the scenario and the run so far have it.</summary>
    public Term ReadGlobal(int global)
    {
        var key = GlobalKey(global);
        if (Globals.TryGetValue(key, out var written))
        {
            return written;
        }

        var entity = _view.Module.Globals[global];
        var width = BodyDecoder.WidthOf(entity.Kind);
        return key >= 0 && width > 0 && _scenario.Parts.TryGetValue(key, out var given) ? Constant(given, width) : Initial(global, width);
    }

    private Term Initial(int global, int width)
    {
        var entity = _view.Module.Globals[global];
        if (entity.Import is { } import)
        {
            if (entity.Kind == ValueKind.V128)
            {
                throw new GiveUpException("an imported vector");
            }

            var name = import.Key;
            return Constant(_scenario.ImportedGlobals.TryGetValue(name, out var bits) ? bits : _scenario.Seed == 0 ? 0 : _scenario.Derive(7, (ulong)name.Length) & 0xFFFF, width);
        }

        return entity.Initial!.Kind switch
        {
            InitialKind.Constant => Constant(entity.Initial.Value, width),
            InitialKind.Null => Constant(0, width),
            InitialKind.Vector => _factory.Vector(Constant(entity.Initial.Value, 64), Constant(entity.Initial.High, 64)),
            InitialKind.ImportedGlobal => Initial((int)entity.Initial.Value, width),
            _ => throw new GiveUpException("a reference as a global"),
        };
    }

    private Term[] CallIndirect(FlowInstruction i, Term[] x)
    {
        var table = (int)i.Second;
        var signature = _view.Module.Types[(int)i.First];
        var index = x[^1].Value;
        if (_view.ClosedTables[table] is null && (_scenario.HostOwnsTables || _tables[table] is null))
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{_view.TableNames[table]}[{index}]");
            return Host(name, name, signature, x[..^1]);
        }

        var slots = _tables[table]!;
        if (new ClosedTable([.. slots]).Trap(_view.Module, index, signature) is { } trap)
        {
            throw new TrapException(trap);
        }

        return Call(slots[index], x[..^1]);
    }

    private Term[] Host(string symbol, string name, Signature signature, Term[] arguments)
    {
        if (signature.Parameters.Contains(ValueKind.V128) || signature.Results.Contains(ValueKind.V128))
        {
            throw new GiveUpException("a vector at the host");
        }

        var number = _hostCalls.GetValueOrDefault(symbol);
        _hostCalls[symbol] = number + 1;
        ulong fingerprint = 0;
        foreach (var (part, memory) in Memories)
        {
            fingerprint = unchecked(fingerprint * 31 + memory.Fingerprint + (ulong)part);
        }

        Trace.Add(string.Create(CultureInfo.InvariantCulture, $"{name}({string.Join(", ", arguments.Select(a => a.Value))}) memory {fingerprint:x}"));
        var given = _scenario.HostResults.TryGetValue(symbol, out var calls) && number < calls.Count ? calls[number] : null;
        var results = new Term[signature.Results.Length];
        for (var k = 0; k < results.Length; k++)
        {
            var width = BodyDecoder.WidthOf(signature.Results[k]);
            var bits = given is not null && given.TryGetValue(k, out var known) ? known : _scenario.Seed == 0 ? 0 : _scenario.Derive((ulong)symbol.Length + 11, (ulong)(Trace.Count * 8 + k)) & 0xFFF;
            results[k] = Constant(bits, width);
        }

        return results;
    }
}
