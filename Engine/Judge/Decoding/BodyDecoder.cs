using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Decoding;

/// <summary>Which calls give way to the body of what they call.</summary>
/// <param name="IsExpanded">By the byte offsets of the calls that lead to one, itself included, and by what it calls.</param>
/// <param name="Slots">The functions of a table that nobody changes, by slot, -1 where it is empty; else nothing.</param>
internal sealed record Expansion(Func<string, int, bool> IsExpanded, Func<int, IReadOnlyList<int>?> Slots);

/// <summary>
/// Turns a structured body into a flow graph over slots. Blocks, loops and ifs disappear; heights of the stack become slots. A callee that is expanded
/// goes on where its call stands, and behind the call where it returns; its locals are set to zero each time. Its tail calls stay tail calls only where
/// the call that it stands for is one.
/// </summary>
internal sealed class BodyDecoder
{
    private const int MaximumSize = 20_000;
    private const int MaximumDepth = 16;
    private readonly DecodedModule _module;
    private readonly FunctionEntity _function;
    private readonly FlowGraph _graph;
    private readonly int _firstLocal;
    private readonly int _locals;
    private readonly List<int> _stack = [];
    private readonly List<Frame> _frames = [];
    private FlowBlock? _current;
    private int _height;

    /// <summary>Open blocks that were opened in code that cannot be reached.</summary>
    private int _dead;

    private BodyDecoder(DecodedModule module, int function, FlowGraph graph)
    {
        (_module, _function, _graph, _firstLocal) = (module, module.Functions[function], graph, graph.Slots);
        _locals = _function.Signature.Parameters.Length + _function.Body!.Locals.Length;
        graph.Slots += _locals;
    }

    private Expansion? Expansion { get; init; }

    /// <summary>The functions whose bodies surround this one, and itself.</summary>
    private int[] Chain { get; init; } = [];

    private string Path { get; init; } = "";

    private bool KeepsTails { get; init; } = true;

    /// <summary>One open block: where a branch to it goes, and the stack height it restores.</summary>
    private sealed record Frame(int Base, int ParameterCount, int BranchArity, int EndArity, FlowBlock Target, FlowBlock End)
    {
        public FlowBlock? Else { get; set; }
    }

    /// <summary>The graph of a defined function.</summary>
    public static FlowGraph Decode(DecodedModule module, int function, Expansion? expansion = null)
    {
        var graph = new FlowGraph(module.Functions[function].Signature);
        var decoder = new BodyDecoder(module, function, graph) { Expansion = expansion, Chain = [function], _current = graph.NewBlock() };
        var exit = graph.NewBlock();
        exit.Exit = FlowExit.Return;
        graph.Results = decoder.Run(exit);
        return graph;
    }

    /// <summary>Decodes the body from the current block on. Gives the slots that hold the results in <paramref name="exit"/>.</summary>
    private int[] Run(FlowBlock exit)
    {
        var results = _function.Signature.Results.Length;
        _frames.Add(new Frame(0, 0, results, results, exit, exit));
        var slot = _firstLocal + _function.Signature.Parameters.Length;
        foreach (var local in _function.Body!.Locals)
        {
            var isVector = local == ValueKind.V128;
            Emit(isVector ? FlowCode.Vector : FlowCode.Constant, [], [slot++], 0, isVector ? 0 : (ulong)WidthOf(local), _function.Body.Start);
        }

        foreach (var instruction in InstructionScanner.Scan(_module, _function.Body))
        {
            Step(instruction);
        }

        Require(_frames.Count == 0 && _dead == 0, "a body without end");
        return Stack(0, results);
    }

    /// <summary>Bits of a value; references are opaque numbers, null is 0.</summary>
    public static int WidthOf(ValueKind kind) => kind switch
    {
        ValueKind.I32 or ValueKind.F32 => 32,
        ValueKind.V128 => Sort.Vector,
        _ => 64,
    };

    /// <summary>The slot of a height of the stack, made when it is first reached.</summary>
    private int Stack(int height)
    {
        while (_stack.Count <= height)
        {
            _stack.Add(_graph.Slots++);
        }

        return _stack[height];
    }

    private int[] Stack(int from, int count) => [.. Enumerable.Range(from, count).Select(height => Stack(height))];

    private int Pop()
    {
        Require(_height > 0, "stack underflow");
        return Stack(--_height);
    }

    private void Emit(int opcode, int[] inputs, int[] outputs, ulong first, ulong second, int site)
        => _current!.Body.Add(new FlowInstruction(opcode, inputs, outputs, first, second, site) { Path = Path });

    private void Operate(in RawInstruction raw, int pops, int pushes, ulong first = 0, ulong second = 0)
    {
        Require(_height >= pops, "stack underflow");
        var inputs = Stack(_height - pops, pops);
        _height += pushes - pops;
        Emit(raw.Opcode, inputs, Stack(_height - pushes, pushes), first, second, raw.Offset);
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
            case 0x10 or 0x12: Call(raw, raw.Index(0)); break;
            case 0x11 or 0x13: CallIndirect(raw, _module.Types[raw.Index(0)]); break;
            case 0x1A: Pop(); break;
            case 0x1B or 0x1C: Operate(raw with { Opcode = 0x1B }, 3, 1); break;
            case 0x20: Push(raw, FlowCode.Move, [Local(raw)]); break;
            case 0x21: Emit(FlowCode.Move, [Pop()], [Local(raw)], 0, 0, raw.Offset); break;
            case 0x22: Emit(FlowCode.Move, [Pop()], [Local(raw)], 0, 0, raw.Offset); _height++; break;
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
        => Emit(opcode, inputs, [Stack(_height++)], first, second, raw.Offset);

    private void Call(in RawInstruction raw, int callee)
    {
        var (isTail, signature) = (raw.Opcode is 0x12 or 0x13, _module.Functions[callee].Signature);
        Operate(raw with { Opcode = FlowCode.Call }, signature.Parameters.Length, signature.Results.Length, (ulong)callee);
        var call = _current!.Body[^1] with { IsTail = isTail && KeepsTails };
        _current.Body.RemoveAt(_current.Body.Count - 1);
        if (_module.Functions[callee].Body is not null && !Chain.Contains(callee) && Chain.Length < MaximumDepth && Expansion?.IsExpanded(call.Place, callee) == true)
        {
            Expand(call, callee);
        }
        else
        {
            _current.Body.Add(call);
        }

        if (isTail)
        {
            Jump(_frames.Count - 1);
        }
    }

    /// <summary>Where the index is the constant just pushed it is a direct call, if nobody changes the table and the type fits.</summary>
    private void CallIndirect(in RawInstruction raw, Signature signature)
    {
        if (_height > 0 && _current!.Body is [.., { Opcode: FlowCode.Constant } index] && index.Outputs[0] == Stack(_height - 1)
            && Expansion?.Slots(raw.Index(1)) is { } slots && index.First < (ulong)slots.Count && slots[(int)index.First] is var target and >= 0
            && _module.Functions[target].Signature.Equals(signature))
        {
            _height--;
            Call(raw, target);
            return;
        }

        Operate(raw with { Opcode = FlowCode.CallIndirect }, signature.Parameters.Length + 1, signature.Results.Length, raw[0], raw[1]);
        if (raw.Opcode == 0x13)
        {
            _current!.Body[^1] = _current.Body[^1] with { IsTail = KeepsTails };
            Jump(_frames.Count - 1);
        }
    }

    private void Expand(FlowInstruction call, int callee)
    {
        var inner = new BodyDecoder(_module, callee, _graph) { Expansion = Expansion, Chain = [.. Chain, callee], Path = call.Place, KeepsTails = call.IsTail, _current = _current };
        for (var k = 0; k < call.Inputs.Length; k++)
        {
            Emit(FlowCode.Move, [call.Inputs[k]], [inner._firstLocal + k], 0, 0, call.Site);
        }

        _current = _graph.NewBlock();
        var results = inner.Run(_current);
        for (var k = 0; k < results.Length; k++)
        {
            Emit(FlowCode.Move, [results[k]], [call.Outputs[k]], 0, 0, call.Site);
        }

        Require(_graph.Blocks.Sum(b => b.Body.Count) <= MaximumSize, $"more than {MaximumSize} instructions after inlining");
    }

    private void Open(in RawInstruction raw)
    {
        var type = BlockSignature(unchecked((long)raw[0]));
        var condition = raw.Opcode == 0x04 ? Pop() : -1;
        var (floor, parameters, results) = (_height - type.Parameters.Length, type.Parameters.Length, type.Results.Length);
        Require(floor >= 0, "stack underflow");
        var end = _graph.NewBlock();
        if (raw.Opcode == 0x03)
        {
            var header = _graph.NewBlock();
            _current!.Successors.Add(header.Id);
            _current = header;
            _frames.Add(new Frame(floor, parameters, parameters, results, header, end));
            return;
        }

        var frame = new Frame(floor, parameters, results, results, end, end);
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
    }

    private void Jump(int depth)
    {
        _current!.Successors.Add(Edge(depth));
        _current = null;
    }

    private void BranchIf(int depth)
    {
        var selector = Pop();
        var taken = Edge(depth);
        var next = _graph.NewBlock();
        End(FlowExit.Branch, selector, taken, next.Id);
        _current = next;
    }

    private void Switch(in RawInstruction raw)
    {
        var selector = Pop();
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
        return _firstLocal + raw.Index(0);
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new UnmodelledException($"invalid code: {what}");
        }
    }
}
