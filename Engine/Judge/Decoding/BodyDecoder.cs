using System.Collections.Immutable;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>Turns a structured body into a flow graph over slots. Blocks, loops and ifs disappear; heights of the stack become slots.</summary>
internal sealed class BodyDecoder
{
    private readonly DecodedModule _module;
    private readonly FlowGraph _graph;
    private readonly int _locals;
    private readonly List<Frame> _frames = [];
    private FlowBlock? _current;
    private int _height;
    private int _maximum;

    /// <summary>Open blocks that were opened in code that cannot be reached.</summary>
    private int _dead;

    private BodyDecoder(DecodedModule module, FunctionEntity function)
    {
        _module = module;
        _graph = new FlowGraph(function.Signature);
        _locals = function.Signature.Parameters.Length + function.Body!.Locals.Length;
    }

    /// <summary>One open block: where a branch to it goes, and the stack height it restores.</summary>
    private sealed record Frame(int Opcode, int Base, int BranchArity, int EndArity, FlowBlock Target, FlowBlock End)
    {
        public FlowBlock? Else { get; set; }

        public int ParameterCount { get; init; }
    }

    /// <summary>The graph of a defined function.</summary>
    public static FlowGraph Decode(DecodedModule module, FunctionEntity function)
    {
        var decoder = new BodyDecoder(module, function);
        decoder.Start(function);
        foreach (var instruction in InstructionScanner.Scan(module, function.Body!))
        {
            decoder.Step(instruction);
        }

        if (decoder._frames.Count != 0 || decoder._dead != 0)
        {
            throw new UnmodelledException("a body without end");
        }

        decoder._graph.Slots = decoder._locals + decoder._maximum + 1;
        return decoder._graph;
    }

    private void Start(FunctionEntity function)
    {
        _current = _graph.NewBlock();
        var exit = _graph.NewBlock();
        exit.Exit = FlowExit.Return;
        var results = function.Signature.Results.Length;
        _graph.Results = [.. Enumerable.Range(_locals, results)];
        _maximum = results;
        _frames.Add(new Frame(0x02, 0, results, results, exit, exit));
        var slot = function.Signature.Parameters.Length;
        foreach (var local in function.Body!.Locals)
        {
            var isVector = local == ValueKind.V128;
            Emit(isVector ? FlowCode.Vector : FlowCode.Constant, [], [slot++], 0, isVector ? 0 : (ulong)WidthOf(local), function.Body.Start);
        }
    }

    /// <summary>Bits of a value; references are opaque numbers, null is 0.</summary>
    public static int WidthOf(ValueKind kind) => kind switch
    {
        ValueKind.I32 or ValueKind.F32 => 32,
        ValueKind.V128 => Sort.Vector,
        _ => 64,
    };

    private int Stack(int height) => _locals + height;

    private void Emit(int opcode, int[] inputs, int[] outputs, ulong first, ulong second, int site)
        => _current!.Body.Add(new FlowInstruction(opcode, inputs, outputs, first, second, site));

    private void Operate(in RawInstruction raw, int pops, int pushes, ulong first = 0, ulong second = 0)
    {
        Require(_height >= pops, "stack underflow");
        var inputs = Enumerable.Range(Stack(_height - pops), pops).ToArray();
        _height += pushes - pops;
        _maximum = Math.Max(_maximum, _height);
        Emit(raw.Opcode, inputs, [.. Enumerable.Range(Stack(_height - pushes), pushes)], first, second, raw.Offset);
    }

    private void Step(in RawInstruction raw)
    {
        Require(_frames.Count > 0, "code after the final end");
        switch (raw.Opcode)
        {
            case 0x02 or 0x03 or 0x04 when _current is null: _dead++; return;
            case 0x05 when _dead > 0: return;
            case 0x0B when _dead > 0: _dead--; return;
            case 0x02 or 0x03 or 0x04: Open(raw); return;
            case 0x05: Else(); return;
            case 0x0B: Close(); return;
        }

        if (_current is null)
        {
            return;
        }

        // Every index names something, so that whoever runs the graph need not ask.
        Require(Array.TrueForAll(raw.Operands, _module.Has), "index out of range");
        switch (raw.Opcode)
        {
            case 0x00:
                _current.Exit = FlowExit.Unreachable;
                _current = null;
                break;
            case 0x01: break;
            case 0x0C: Jump(raw.Index(0)); break;
            case 0x0D: BranchIf(raw.Index(0)); break;
            case 0x0E: Switch(raw); break;
            case 0x0F: Jump(_frames.Count - 1); break;
            case 0x10 or 0x12: Call(raw, _module.Functions[raw.Index(0)].Signature, 0); break;
            case 0x11 or 0x13: Call(raw, _module.Types[raw.Index(0)], 1); break;
            case 0x1A: Require(_height > 0, "stack underflow"); _height--; break;
            case 0x1B or 0x1C: Operate(raw with { Opcode = 0x1B }, 3, 1); break;
            case 0x20: Push(raw, FlowCode.Move, [Local(raw)]); break;
            case 0x21: Require(_height > 0, "stack underflow"); Emit(FlowCode.Move, [Stack(--_height)], [Local(raw)], 0, 0, raw.Offset); break;
            case 0x22: Require(_height > 0, "stack underflow"); Emit(FlowCode.Move, [Stack(_height - 1)], [Local(raw)], 0, 0, raw.Offset); break;
            case 0x41 or 0x43: Push(raw, FlowCode.Constant, [], raw[0], 32); break;
            case 0x42 or 0x44: Push(raw, FlowCode.Constant, [], raw[0], 64); break;
            case 0xFD000C: Push(raw, FlowCode.Vector, [], raw[0], raw[1]); break;
            default: StraightLine(raw); break;
        }
    }

    private void StraightLine(in RawInstruction raw)
    {
        if (InstructionTable.Find(raw.Opcode) is not { IsControl: false } row)
        {
            throw new UnmodelledException(InstructionTable.NameOf(raw.Opcode));
        }

        var lane = row.LaneBits > 0 ? raw.Index(raw.Operands.Length - 1) : 0;
        Require(row.LaneBits == 0 || lane < 128 / row.LaneBits, "lane out of range");
        var immediates = raw.Operands.Length - (row.LaneBits > 0 ? 1 : 0);
        Operate(raw, row.Operands.Length, row.Result == InstructionRow.None ? 0 : 1, immediates > 0 ? raw[0] : 0, immediates > 1 ? raw[1] : 0);
        _current!.Body[^1] = _current.Body[^1] with { Lane = lane };
    }

    private void Push(in RawInstruction raw, int opcode, int[] inputs, ulong first = 0, ulong second = 0)
    {
        Emit(opcode, inputs, [Stack(_height++)], first, second, raw.Offset);
        _maximum = Math.Max(_maximum, _height);
    }

    private void Call(in RawInstruction raw, Signature signature, int extra)
    {
        Operate(raw with { Opcode = extra == 0 ? 0x10 : 0x11 }, signature.Parameters.Length + extra, signature.Results.Length, raw[0], extra == 0 ? 0 : raw[1]);
        if (raw.Opcode is 0x12 or 0x13)
        {
            _current!.Body[^1] = _current.Body[^1] with { IsTail = true };
            Jump(_frames.Count - 1);
        }
    }

    private void Open(in RawInstruction raw)
    {
        var type = BlockSignature(unchecked((long)raw[0]));
        var condition = raw.Opcode == 0x04 ? Stack(--_height) : -1;
        var floor = _height - type.Parameters.Length;
        Require(floor >= 0, "stack underflow");
        var end = _graph.NewBlock();
        if (raw.Opcode == 0x03)
        {
            var header = _graph.NewBlock();
            _current!.Successors.Add(header.Id);
            _current = header;
            _frames.Add(new Frame(raw.Opcode, floor, type.Parameters.Length, type.Results.Length, header, end) { ParameterCount = type.Parameters.Length });
            return;
        }

        var frame = new Frame(raw.Opcode, floor, type.Results.Length, type.Results.Length, end, end) { ParameterCount = type.Parameters.Length };
        _frames.Add(frame);
        if (raw.Opcode == 0x04)
        {
            var then = _graph.NewBlock();
            frame.Else = _graph.NewBlock();
            End(FlowExit.Branch, condition, then.Id, frame.Else.Id);
            _current = then;
        }
    }

    private void Else()
    {
        var frame = _frames[^1];
        Require(frame.Else is not null, "else without if");
        _current?.Successors.Add(frame.End.Id);
        _current = frame.Else;
        frame.Else = null;
        _height = frame.Base + frame.ParameterCount;
    }

    private void Close()
    {
        var frame = _frames[^1];
        _frames.RemoveAt(_frames.Count - 1);
        _current?.Successors.Add(frame.End.Id);
        frame.Else?.Successors.Add(frame.End.Id);
        _current = _frames.Count == 0 ? null : frame.End;
        _height = frame.Base + frame.EndArity;
        _maximum = Math.Max(_maximum, _height);
    }

    private void Jump(int depth)
    {
        _current!.Successors.Add(Edge(depth));
        _current = null;
    }

    private void BranchIf(int depth)
    {
        var selector = Stack(--_height);
        var taken = Edge(depth);
        var next = _graph.NewBlock();
        End(FlowExit.Branch, selector, taken, next.Id);
        _current = next;
    }

    private void Switch(in RawInstruction raw)
    {
        var selector = Stack(--_height);
        var edges = new Dictionary<ulong, int>();
        var targets = new int[raw.Operands.Length];
        for (var i = 0; i < targets.Length; i++)
        {
            if (!edges.TryGetValue(raw[i], out targets[i]))
            {
                edges[raw[i]] = targets[i] = Edge(raw.Index(i));
            }
        }

        End(FlowExit.Switch, selector, targets);
        _current = null;
    }

    private void End(FlowExit exit, int selector, params int[] successors)
    {
        _current!.Exit = exit;
        _current.Selector = selector;
        _current.Successors.AddRange(successors);
    }

    /// <summary>The block that a branch of this depth leads to: the target itself, or one that first moves the carried values down.</summary>
    private int Edge(int depth)
    {
        Require(depth < _frames.Count, "label out of range");
        var frame = _frames[_frames.Count - 1 - depth];
        var arity = frame.BranchArity;
        var from = _height - arity;
        Require(from >= frame.Base, "stack underflow");
        if (arity == 0 || from == frame.Base)
        {
            return frame.Target.Id;
        }

        var edge = _graph.NewBlock();
        for (var i = 0; i < arity; i++)
        {
            edge.Body.Add(new FlowInstruction(FlowCode.Move, [Stack(from + i)], [Stack(frame.Base + i)], 0, 0, 0));
        }

        edge.Successors.Add(frame.Target.Id);
        return edge.Id;
    }

    private Signature BlockSignature(long code)
    {
        if (code < 0)
        {
            return new Signature([], code == -64 ? [] : [KindOf((byte)(code & 0x7F))]);
        }

        Require(code < _module.Types.Count, "type index out of range");
        return _module.Types[(int)code];
    }

    private static ValueKind KindOf(byte code)
        => Enum.IsDefined((ValueKind)code) ? (ValueKind)code : throw new UnmodelledException($"value type 0x{code:x2}");

    private int Local(in RawInstruction raw)
    {
        Require(raw[0] < (ulong)_locals, "local index out of range");
        return raw.Index(0);
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new UnmodelledException($"invalid code: {what}");
        }
    }
}
