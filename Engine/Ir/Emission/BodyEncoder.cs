using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.CustomSections;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>Encodes structured code, values in their locals, as the instructions of a body.</summary>
internal sealed class BodyEncoder
{
    private const int EmptyType = -0x40;

    private readonly Function _function;
    private readonly Module _module;
    private readonly Stackifier _code;
    private readonly LocalAllocation _locals;
    private readonly Conditions _conditions;
    private readonly ByteWriter _output = new();
    private readonly InstructionWriter _writer;
    private int _depth;
    private readonly List<int> _sources = [];
    private readonly int? _resultType;
    private readonly HashSet<int> _used = [];

    /// <summary>The local that the instruction before has set, with the position before it; nothing branches to in between.</summary>
    private (int Local, int Position)? _justSet;

    private BodyEncoder(Function function, Module module, Stackifier code, LocalAllocation locals, Conditions conditions)
    {
        (_function, _module, _code, _locals, _conditions) = (function, module, code, locals, conditions);
        _writer = new InstructionWriter(_output);
        _resultType = BlockTypes.OfResults(module, function.Type.Results);
    }

    /// <summary>The body. Locals that turn out to hold nothing any more are not declared.</summary>
    public static FunctionBody Encode(
        Function function, Module module, Stackifier code, LocalAllocation locals, Conditions conditions, List<Node> body, BranchLabel end)
    {
        var encoder = new BodyEncoder(function, module, code, locals, conditions);
        encoder.Whole(body, end);
        if (encoder._used.Count < locals.Declared.Sum(group => (long)group.Count))
        {
            locals.Keep(encoder._used);
            encoder = new BodyEncoder(function, module, code, locals, conditions);
            encoder.Whole(body, end);
        }

        return new FunctionBody([.. locals.Declared], encoder._output.ToArray()) { Sources = [.. encoder._sources] };
    }

    private void Whole(List<Node> body, BranchLabel end)
    {
        (end.Depth, _depth) = (0, 1);
        List(body, isTail: true);
        _writer.End();
    }

    /// <summary>A list at the end of the function falls through with the results on the stack.</summary>
    private void List(List<Node> list, bool isTail)
    {
        if (RecursionGuard.IsLow)
        {
            RecursionGuard.ContinueOnNewStack(() => List(list, isTail));
            return;
        }

        for (var i = 0; i < list.Count; i++)
        {
            Encode(list[i], isTail && i == list.Count - 1);
        }

        if (isTail && !_function.Type.Results.IsEmpty && (list.Count == 0 || !EndsInTail(list[^1])))
        {
            _sources.Add(-1);
            _writer.Op(Opcode.Unreachable);
        }
    }

    /// <summary>Whether the last node of a tail list leaves the results, or never ends as far as the validator can see.</summary>
    private bool EndsInTail(Node last) => last switch
    {
        BranchNode or TableNode or ExitNode => true,
        LoopNode => _resultType is not null,
        IfNode choice => IsTyped(choice),
        _ => false,
    };

    private bool IsTyped(IfNode choice) => _resultType is not null && choice.Else.Count > 0;

    private void Encode(Node node, bool isTail)
    {
        switch (node)
        {
            case CodeNode plain:
                Straight(plain);
                break;
            case MovesNode moves:
                Moves(moves);
                break;
            case BlockNode block:
                _writer.Block(Opcode.Block, TypeOf(block.Result));
                Nested(block.Label, block.Body, isTail && _function.Type.Results.IsEmpty);
                break;
            case LoopNode loop:
                _writer.Block(Opcode.Loop, isTail && _resultType is { } type ? type : TypeOf(loop.Result));
                Nested(loop.Label, loop.Body, isTail && _resultType is not null);
                break;
            case IfNode choice:
                If(choice, isTail);
                break;
            case BranchNode branch:
                _writer.Op(Opcode.Br, DepthOf(branch.Label));
                break;
            case BranchIfNode branch:
                _writer.Op(Opcode.BrIf, DepthOf(branch.Label));
                if (branch.Drops)
                {
                    _writer.Op(Opcode.Drop);
                }

                break;
            case TableNode table:
                var depths = table.Labels.Select(DepthOf).ToArray();
                _writer.BrTable(depths.AsSpan(0, depths.Length - 1), depths[^1]);
                break;
            case DropNode:
                _writer.Op(Opcode.Drop);
                break;
            case ExitNode exit:
                Exit(exit.Terminator, isTail);
                break;
            default:
                throw new InvariantException($"{node.GetType().Name} cannot be encoded");
        }

        if (node is not (CodeNode or MovesNode))
        {
            _justSet = null;
        }
    }

    private void Nested(BranchLabel label, List<Node> body, bool isTail)
    {
        _justSet = null;
        label.Depth = _depth++;
        List(body, isTail);
        (label.Depth, _depth) = (-1, _depth - 1);
        _writer.End();
    }

    private void If(IfNode choice, bool isTail)
    {
        var typed = isTail && (IsTyped(choice) || _function.Type.Results.IsEmpty);
        _writer.Block(Opcode.If, typed && _resultType is { } type ? type : TypeOf(choice.Result));
        _justSet = null;
        _depth++;
        List(choice.Then, typed);
        if (choice.Else.Count > 0)
        {
            _writer.Op(Opcode.Else);
            _justSet = null;
            List(choice.Else, typed);
        }

        _depth--;
        _writer.End();
    }

    private static int TypeOf(ValType? result) => result is { } type ? (int)type - 0x80 : EmptyType;

    private int DepthOf(BranchLabel label)
    {
        InvariantException.Require(label.Depth >= 0, "a branch goes to a label that encloses it");
        return _depth - 1 - label.Depth;
    }

    private void Exit(Inst terminator, bool isTail)
    {
        if (_function.OpcodeOf(terminator) != Opcode.Return)
        {
            Instruction(terminator);
        }
        else if (!isTail)
        {
            _writer.Op(Opcode.Return);
        }
    }

    private void Moves(MovesNode node)
    {
        foreach (var op in node.Moves.SelectMany(move => move.Ops))
        {
            Step(op);
        }

        for (var i = node.Keep ? 0 : node.Moves.Count; i > (node.Left is null ? 0 : 1); i--)
        {
            Set(node.Moves[i - 1].Parameter);
        }
    }

    private void Straight(CodeNode node)
    {
        var ops = _code.Code(node.Block);
        var last = node.Negate ? _conditions.LastOpcode(node.Block) : null;
        var opposite = last is { } comparison ? Conditions.Opposite(comparison) : null;
        var replaced = last == Opcode.I32Eqz || opposite is not null;
        foreach (var op in replaced ? ops[..^1] : ops)
        {
            Step(op);
        }

        if (node.Negate && last != Opcode.I32Eqz)
        {
            _writer.Op(opposite ?? Opcode.I32Eqz);
            _justSet = null;
        }

        foreach (var op in _code.Sunk(node.Block))
        {
            Step(op);
        }

        foreach (var move in _locals.Early(node.Block))
        {
            Step(move.Ops[0]);
            Set(move.Parameter);
        }
    }

    private void Step(StackInstruction op)
    {
        foreach (var copy in op.Kind is EmitKind.Set or EmitKind.Tee ? _locals.Copies(op.Value) : [])
        {
            _writer.Op(Opcode.LocalTee, LocalOf(copy));
        }

        switch (op.Kind)
        {
            case EmitKind.Get:
                Get(op.Value);
                break;
            case EmitKind.Set:
                Set(op.Value);
                break;
            case EmitKind.Tee:
                _writer.Op(Opcode.LocalTee, LocalOf(op.Value));
                _justSet = null;
                break;
            case EmitKind.Drop:
                _writer.Op(Opcode.Drop);
                _justSet = null;
                break;
            default:
                Instruction(op.Inst);
                _justSet = null;
                break;
        }
    }

    private int LocalOf(Value value)
    {
        var local = _locals.LocalOf(value);
        if (local >= _function.Type.Parameters.Length)
        {
            _used.Add(local);
        }

        return local;
    }

    /// <example><code>local.set 1; local.get 1   =>   local.tee 1</code></example>
    private void Get(Value value)
    {
        var local = LocalOf(value);
        if (_justSet is { } just && just.Local == local)
        {
            _output.Truncate(just.Position);
            _writer.Op(Opcode.LocalTee, local);
        }
        else
        {
            _writer.Op(Opcode.LocalGet, local);
        }

        _justSet = null;
    }

    private void Set(Value value)
    {
        var local = LocalOf(value);
        _justSet = (local, _output.Length);
        _writer.Op(Opcode.LocalSet, local);
    }

    private void Instruction(Inst inst)
    {
        var immediates = _function.ImmediatesOf(inst);
        if (_function.OpcodeOf(inst) == Opcode.Select && _function.TypeOf(_function.Result(inst)).IsReference())
        {
            _writer.Select(_function.TypeOf(_function.Result(inst)));
            return;
        }

        if (CodePositions.IsPlace(_function.InfoOf(inst)))
        {
            _sources.Add(_function.SourceOf(inst));
        }

        _writer.Write(immediates.Encode(_function.InfoOf(inst)));
    }
}
