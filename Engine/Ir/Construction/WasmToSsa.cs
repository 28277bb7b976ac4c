using System.Collections.Immutable;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Engine.Wasm.Validation;

namespace Pulse.Build.Engine.Ir.Construction;

/// <summary>
/// Brings a function body of a valid module into SSA form. Locals and the operand stack become values, labels become blocks; code that
/// cannot be reached is dropped.
/// </summary>
/// <example><code>
/// (if (local.get 0) (then (local.set 1 (i32.const 2)))) (local.get 1)
///   =>
/// b0(v0: i32): v1 = i32.const 0; br_if v0, b1, b2(v1)    b1: v2 = i32.const 2; br b2(v2)    b2(v3: i32): return v3
/// </code></example>
internal sealed class WasmToSsa
{
    private readonly Module _module;
    private readonly Function _function;
    private readonly IrBuilder _build;
    private readonly SsaLocals _locals;
    private readonly List<Value> _stack = [];
    private readonly List<Label> _labels = [];
    private readonly List<Block> _started = [];
    private int _openLoops;
    private bool _reachable = true;

    private WasmToSsa(Module module, Function function, LocalTypes locals)
    {
        (_module, _function, _build) = (module, function, new IrBuilder(function));
        _locals = new SsaLocals(function, locals);
        var parameters = function.Parameters(function.Entry);
        for (var i = 0; i < parameters.Length; i++)
        {
            _locals.Write(function.Entry, i, parameters[i]);
        }
    }

    private enum LabelKind
    {
        Function,
        Block,
        Loop,
        If,
    }

    /// <summary>
    /// The function at <paramref name="index"/> in SSA form; null when it is imported, or when its SSA form would be out of proportion to its
    /// code (see <see cref="SsaLocals.MaximumSize"/>).
    /// </summary>
    public static Function? Convert(Module module, FuncIndex index, string? name = null)
    {
        var type = module.TypeOf(index);
        if (module.Functions[index.Index].Body is not { } body)
        {
            return null;
        }

        var locals = new LocalTypes();
        locals.Set(type.Parameters, body.Locals);
        return new WasmToSsa(module, new Function(name ?? $"func{index.Index}", type), locals).Run(body);
    }

    private Function? Run(FunctionBody body)
    {
        Start(_function.Entry);
        _labels.Add(new Label(LabelKind.Function, [], _function.Type.Results, 0));
        var reader = new InstructionReader(body.Code.Span, body.Offset, "");
        while (_labels.Count > 0 && reader.TryRead(out var instruction))
        {
            _build.Source = instruction.Offset;
            Convert(instruction);
            if (_locals.IsTooLarge)
            {
                return null;
            }
        }

        return GraphFinish.Run(_function, _locals, _started) ? _function : null;
    }

    private void Convert(in Instruction instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.Block or Opcode.Loop or Opcode.If:
                Enter(instruction);
                break;
            case Opcode.Else:
                Else(_labels[^1]);
                break;
            case Opcode.End:
                End(_labels[^1]);
                break;
            default:
                if (_reachable)
                {
                    ConvertReachable(instruction);
                }

                break;
        }
    }

    private void ConvertReachable(in Instruction instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.Nop:
                break;
            case Opcode.Drop:
                Pop();
                break;
            case Opcode.LocalGet:
                _stack.Add(_locals.Read(_build.Block, instruction.A));
                break;
            case Opcode.LocalSet:
                _locals.Write(_build.Block, instruction.A, Pop());
                break;
            case Opcode.LocalTee:
                _locals.Write(_build.Block, instruction.A, _stack[^1]);
                break;
            case Opcode.Br:
                Branch(_labels[^(instruction.A + 1)]);
                break;
            case Opcode.BrIf:
                BranchIf(_labels[^(instruction.A + 1)]);
                break;
            case Opcode.BrTable:
                BranchTable(instruction.Labels!);
                break;
            case Opcode.Return:
                Return();
                break;
            case Opcode.Unreachable:
                _build.Unreachable();
                _reachable = false;
                break;
            default:
                Ordinary(instruction);
                break;
        }
    }

    // Structure

    private void Enter(in Instruction instruction)
    {
        var (parameters, results) = BlockTypes(instruction.A);
        if (!_reachable)
        {
            _labels.Add(new Label(LabelKind.Block, parameters, results, _stack.Count) { IsDead = true });
            return;
        }

        switch (instruction.Opcode)
        {
            case Opcode.Block:
                _labels.Add(new Label(LabelKind.Block, parameters, results, _stack.Count - parameters.Length));
                break;
            case Opcode.Loop:
                EnterLoop(parameters, results);
                break;
            default:
                EnterIf(parameters, results);
                break;
        }
    }

    private void EnterLoop(ImmutableArray<ValType> parameters, ImmutableArray<ValType> results)
    {
        _openLoops++;
        var arguments = PopMany(parameters.Length);
        var label = new Label(LabelKind.Loop, parameters, results, _stack.Count) { Target = _function.AddBlock() };
        AddParameters(label.Target.Value, parameters);
        Jump(label.Target.Value, arguments);
        _locals.Open(label.Target.Value);
        Start(label.Target.Value);
        PushParameters(label.Target.Value, parameters.Length);
        _labels.Add(label);
    }

    private void EnterIf(ImmutableArray<ValType> parameters, ImmutableArray<ValType> results)
    {
        _locals.Grow(parameters.Length);
        var condition = Pop();
        var then = _function.AddBlock();
        var otherwise = _function.AddBlock();
        var from = _build.Block;
        var inst = _build.Branch(condition, new Edge(then), new Edge(otherwise));
        _locals.AddEdge(new PendingEdge(from, inst, 0, then, []));
        _labels.Add(new Label(LabelKind.If, parameters, results, _stack.Count - parameters.Length)
        {
            Otherwise = (from, inst, otherwise),
            Arguments = [.. _stack[(_stack.Count - parameters.Length)..]],
        });
        Start(then);
    }

    private void Else(Label label)
    {
        if (label.IsDead)
        {
            return;
        }

        if (_reachable)
        {
            Jump(TargetOf(label), PopMany(label.Results.Length));
        }

        var (from, inst, otherwise) = label.Otherwise!.Value;
        label.Otherwise = null;
        _locals.AddEdge(new PendingEdge(from, inst, 1, otherwise, []));
        Start(otherwise);
        Truncate(label.Height);
        _stack.AddRange(label.Arguments);
    }

    private void End(Label label)
    {
        _labels.RemoveAt(_labels.Count - 1);
        if (label.IsDead)
        {
            return;
        }

        if (label.Kind == LabelKind.Loop)
        {
            _openLoops--;
            _locals.Close(label.Target!.Value);
            if (!_reachable)
            {
                Truncate(label.Height);
            }

            return;
        }

        if (label.Otherwise is { } missing)
        {
            _locals.AddEdge(new PendingEdge(missing.From, missing.Inst, 1, TargetOf(label), label.Arguments));
        }

        Continue(label);
        if (label.Kind == LabelKind.Function && _reachable)
        {
            Return();
        }
    }

    /// <summary>What comes after the end of a block: a block of its own when something branches to it.</summary>
    private void Continue(Label label)
    {
        if (label.Target is not { } target)
        {
            if (!_reachable)
            {
                Truncate(label.Height);
            }

            return;
        }

        if (_reachable)
        {
            Jump(target, PopMany(label.Results.Length));
        }

        Truncate(label.Height);
        Start(target);
        PushParameters(target, label.Results.Length);
    }

    // Branches

    private void Branch(Label label)
    {
        if (label.Kind == LabelKind.Function)
        {
            Return();
        }
        else
        {
            Jump(TargetOf(label), Top(label.BranchTypes.Length));
        }
    }

    private void BranchIf(Label label)
    {
        var condition = Pop();
        var (taken, next, from) = (TargetOf(label), _function.AddBlock(), _build.Block);
        var inst = _build.Branch(condition, new Edge(taken), new Edge(next));
        _locals.AddEdge(new PendingEdge(from, inst, 0, taken, Top(label.BranchTypes.Length)));
        _locals.AddEdge(new PendingEdge(from, inst, 1, next, []));
        Start(next);
    }

    private void BranchTable(int[] depths)
    {
        var index = Pop();
        var targets = depths.Select(depth => TargetOf(_labels[^(depth + 1)])).ToArray();
        var from = _build.Block;
        var inst = _build.Add(new InstSpec
        {
            Opcode = Opcode.BrTable,
            Arguments = [index],
            Targets = [.. targets.Select(target => new Edge(target))],
            Source = _build.Source,
        });
        for (var i = 0; i < depths.Length && !_locals.IsTooLarge; i++)
        {
            var arguments = Top(_labels[^(depths[i] + 1)].BranchTypes.Length);
            _locals.AddEdge(new PendingEdge(from, inst, i, targets[i], arguments));
        }

        _reachable = false;
    }

    private void Return()
    {
        _build.Return(Top(_function.Type.Results.Length));
        _reachable = false;
    }

    private void Jump(Block target, Value[] arguments)
    {
        var from = _build.Block;
        _locals.AddEdge(new PendingEdge(from, _build.Jump(target), 0, target, arguments));
        _reachable = false;
    }

    private Block TargetOf(Label label)
    {
        if (label.Target is not { } target)
        {
            target = _function.AddBlock();
            AddParameters(target, label.Results);
            label.Target = target;
        }

        return target;
    }

    // Everything else

    private void Ordinary(in Instruction instruction)
    {
        var opcode = instruction.Opcode == Opcode.SelectTyped ? Opcode.Select : instruction.Opcode;
        var immediates = opcode == Opcode.Select ? default : Immediates.Of(instruction);
        var signature = InstSignature.Of(_module, opcode, immediates);
        var count = signature?.Operands.Length ?? (opcode == Opcode.Select ? 3 : 1);
        var operands = PopMany(count);
        var inst = _build.Add(new InstSpec
        {
            Opcode = opcode,
            Immediates = immediates,
            Arguments = operands,
            Results = signature is { } known ? known.Results.AsSpan() : [opcode == Opcode.Select ? _function.TypeOf(operands[0]) : ValType.I32],
            Source = _build.Source,
        });
        for (var i = 0; i < _function.ResultCount(inst); i++)
        {
            _stack.Add(_function.Result(inst, i));
        }

        _reachable = !IrTerminators.Is(opcode);
    }

    private (ImmutableArray<ValType> Parameters, ImmutableArray<ValType> Results) BlockTypes(int code) => code switch
    {
        -0x40 => ([], []),
        < 0 => ([], [(ValType)(code & 0x7F)]),
        _ => (_module.Types[code].Parameters, _module.Types[code].Results),
    };

    /// <summary>What is on the stack lives through the block; so does what the loops around it hold.</summary>
    private void Start(Block block)
    {
        _locals.Grow(_stack.Count + _openLoops);
        _started.Add(block);
        _build.AtEnd(block);
        _reachable = true;
    }

    private void AddParameters(Block block, ImmutableArray<ValType> types)
    {
        foreach (var type in types)
        {
            _function.AddParameter(block, type);
        }
    }

    private void PushParameters(Block block, int count)
    {
        foreach (var parameter in _function.Parameters(block)[..count])
        {
            _stack.Add(parameter);
        }
    }

    private Value Pop()
    {
        var value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private Value[] Top(int count) => [.. _stack[(_stack.Count - count)..]];

    private Value[] PopMany(int count)
    {
        var values = Top(count);
        Truncate(_stack.Count - count);
        return values;
    }

    private void Truncate(int height) => _stack.RemoveRange(height, _stack.Count - height);

    /// <summary>An open block, loop or if.</summary>
    private sealed class Label(LabelKind kind, ImmutableArray<ValType> parameters, ImmutableArray<ValType> results, int height)
    {
        public LabelKind Kind => kind;

        public ImmutableArray<ValType> Results => results;

        /// <summary>Height of the operand stack below the parameters.</summary>
        public int Height => height;

        /// <summary>What a branch passes.</summary>
        public ImmutableArray<ValType> BranchTypes => kind == LabelKind.Loop ? parameters : results;

        /// <summary>Where a branch goes: the header of a loop, else what follows; null until something branches there.</summary>
        public Block? Target { get; set; }

        /// <summary>The edge of an <c>if</c> taken when the condition is zero, until its <c>else</c> is there.</summary>
        public (Block From, Inst Inst, Block Block)? Otherwise { get; set; }

        /// <summary>Operands of an <c>if</c>, which both arms start with.</summary>
        public Value[] Arguments { get; init; } = [];

        /// <summary>The code is unreachable.</summary>
        public bool IsDead { get; init; }
    }
}
