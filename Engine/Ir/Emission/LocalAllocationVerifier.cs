using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Judges the allocation of locals: follows what every local holds through the code and the moves of all edges, and requires of each
/// <c>get</c> that the local holds the value that is meant. It knows nothing of how locals were chosen.
/// </summary>
/// <remarks>
/// What a local holds is a set of names for one content: values, and constants by opcode and bits. A name goes when its value is made
/// anew; where ways meet, the names stay that all of them have.
/// </remarks>
internal sealed class LocalAllocationVerifier
{
    private readonly ControlFlow _flow;
    private readonly Function _function;
    private readonly Stackifier _code;
    private readonly LocalAllocation _locals;
    private readonly EdgeMoves _moves;
    private readonly int _count;
    private readonly EntityMap<Block, HashSet<int>[]?> _entry = new();
    private readonly Dictionary<(Opcode, Immediates), int> _constants = [];
    private List<string>? _problems;

    private LocalAllocationVerifier(ControlFlow flow, Stackifier code, LocalAllocation locals, EdgeMoves moves)
    {
        (_flow, _function, _code, _locals, _moves) = (flow, flow.Function, code, locals, moves);
        _count = _function.Type.Parameters.Length + locals.Declared.Sum(group => (int)group.Count);
    }

    /// <summary>Every <c>get</c> that does not find its value.</summary>
    public static List<string> Problems(ControlFlow flow, Stackifier code, LocalAllocation locals, EdgeMoves moves) =>
        new LocalAllocationVerifier(flow, code, locals, moves).Run();

    private List<string> Run()
    {
        _entry[_function.Entry] = AtFirst();
        var order = _flow.ReversePostOrder;
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var block in order)
            {
                changed |= Visit(block);
            }
        }

        _problems = [];
        foreach (var block in order)
        {
            Visit(block);
        }

        return _problems;
    }

    private HashSet<int>[] AtFirst()
    {
        var held = new HashSet<int>[_count];
        var parameters = _function.Parameters(_function.Entry);
        for (var i = 0; i < parameters.Length; i++)
        {
            held[i] = [parameters[i].Index];
        }

        var next = parameters.Length;
        foreach (var group in _locals.Declared)
        {
            for (var i = 0; i < group.Count; i++)
            {
                held[next++] = [Zero(group.Type)];
            }
        }

        return held;
    }

    private int Zero(ValType type) => type switch
    {
        ValType.I32 => Constant(Opcode.I32Const, default),
        ValType.I64 => Constant(Opcode.I64Const, default),
        ValType.F32 => Constant(Opcode.F32Const, default),
        ValType.F64 => Constant(Opcode.F64Const, default),
        ValType.V128 => Constant(Opcode.V128Const, default),
        _ => Constant(Opcode.RefNull, new Immediates((int)type)),
    };

    private int Constant(Opcode opcode, Immediates immediates)
    {
        if (!_constants.TryGetValue((opcode, immediates), out var name))
        {
            _constants.Add((opcode, immediates), name = -1 - _constants.Count);
        }

        return name;
    }

    private int NameOf(Value value) => _code.IsFirstContent(value) ? Zero(_function.TypeOf(value)) : value.Index;

    /// <summary>The name of what <paramref name="inst"/> makes when it is the same wherever it is made.</summary>
    private int? ConstantOf(Inst inst) => _function.OpcodeOf(inst) is Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const
        or Opcode.V128Const or Opcode.RefNull or Opcode.RefFunc || _code.IsRematerialized(inst)
        ? Constant(_function.OpcodeOf(inst), _function.ImmediatesOf(inst))
        : null;

    private bool Visit(Block block)
    {
        if (_entry[block] is not { } entry)
        {
            return false;
        }

        var held = entry.Select(names => new HashSet<int>(names)).ToArray();
        foreach (var op in _code.Code(block))
        {
            Step(op, held, block);
        }

        foreach (var op in _code.Sunk(block))
        {
            Step(op, held, block);
        }

        foreach (var move in _locals.Early(block))
        {
            held = Moved([move], held, block);
        }

        return Leave(block, held);
    }

    private void Step(StackInstruction op, HashSet<int>[] held, Block block)
    {
        if (op.Kind == EmitKind.Get)
        {
            Require(op.Value, held, block);
        }
        else if (op.Kind is EmitKind.Set or EmitKind.Tee)
        {
            Array.ForEach(held, names => names.Remove(op.Index));
            held[_locals.LocalOf(op.Value)] = [op.Index];
            foreach (var copy in _locals.Copies(op.Value))
            {
                held[_locals.LocalOf(copy)] = [op.Index];
            }
        }
    }

    private void Require(Value value, HashSet<int>[] held, Block block)
    {
        if (_problems is not null && !held[_locals.LocalOf(value)].Contains(NameOf(value)))
        {
            _problems.Add($"{block}: local {_locals.LocalOf(value)} does not hold v{value.Index}");
        }
    }

    /// <summary>What the locals hold after <paramref name="moves"/>, all made at once.</summary>
    private HashSet<int>[] Moved(IReadOnlyList<EdgeMove> moves, HashSet<int>[] held, Block block)
    {
        // The values may be made here, and kept in locals on the way.
        foreach (var op in moves.SelectMany(move => move.Ops))
        {
            Step(op, held, block);
        }

        var result = (HashSet<int>[])held.Clone();
        foreach (var move in moves)
        {
            result[_locals.LocalOf(move.Parameter)] = new HashSet<int>(Names(move, held));
        }

        return result;
    }

    private IEnumerable<int> Names(EdgeMove move, HashSet<int>[] held) =>
        move.Source is { } source ? held[_locals.LocalOf(source)]
        : move.Ops is [{ Kind: EmitKind.Instruction } only] && ConstantOf(only.Inst) is { } constant ? [constant]
        : [Pushed(move)];

    /// <summary>A name for the value that the operations of <paramref name="move"/> leave: what its last instruction makes.</summary>
    private int Pushed(EdgeMove move) => move.Ops[^1].Kind == EmitKind.Instruction ? _function.Result(move.Ops[^1].Inst).Index : move.Ops[^1].Index;

    private bool Leave(Block block, HashSet<int>[] held)
    {
        var terminator = _function.Last(block);
        var count = _function.TargetCount(terminator);
        var opcode = _function.OpcodeOf(terminator);
        var hoisted = opcode == Opcode.BrIf ? _moves.Hoist(terminator) : new EdgeMoves.Hoisted([], true, true);
        var shared = opcode == Opcode.BrTable ? _moves.HoistTable(terminator) : null;
        var changed = false;
        held = Moved(shared ?? hoisted.Before, held, block);
        for (var i = 0; i < count; i++)
        {
            if (_code.ReturnsEarly(_function.Target(terminator, i)))
            {
                Return(_code.Moves(terminator, i), held, block);
                continue;
            }

            var own = shared is null && (i == 0 ? hoisted.Then : opcode != Opcode.BrIf || hoisted.Else);
            var after = own ? Moved(_moves.Of(terminator, i), held, block) : held;
            changed |= Meet(_function.Target(terminator, i), Renamed(terminator, i, after));
        }

        return changed;
    }

    /// <summary>The values are returned from here.</summary>
    private void Return(IReadOnlyList<EdgeMove> moves, HashSet<int>[] held, Block block)
    {
        var last = held.Select(names => new HashSet<int>(names)).ToArray();
        foreach (var op in moves.SelectMany(move => move.Ops))
        {
            Step(op, last, block);
        }
    }

    /// <summary>The parameters of the target become names of what is passed to them; as names of what they were before they go.</summary>
    private HashSet<int>[] Renamed(Inst terminator, int position, HashSet<int>[] held)
    {
        var moves = _code.Moves(terminator, position);
        var result = held.Select(names => new HashSet<int>(names)).ToArray();
        foreach (var names in result)
        {
            names.ExceptWith(moves.Select(move => move.Parameter.Index));
        }

        foreach (var move in moves)
        {
            var passed = move.Source is { } source ? NameOf(source)
                : move.Ops is [{ Kind: EmitKind.Instruction } only] && ConstantOf(only.Inst) is { } constant ? constant : Pushed(move);
            for (var i = 0; i < held.Length; i++)
            {
                if (held[i].Contains(passed))
                {
                    result[i].Add(move.Parameter.Index);
                }
            }
        }

        return result;
    }

    private bool Meet(Block block, HashSet<int>[] held)
    {
        if (_entry[block] is not { } entry)
        {
            _entry[block] = held;
            return true;
        }

        var before = entry.Sum(names => names.Count);
        for (var i = 0; i < entry.Length; i++)
        {
            entry[i].IntersectWith(held[i]);
        }

        return entry.Sum(names => names.Count) != before;
    }
}
