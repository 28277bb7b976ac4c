using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Emission;

/// <summary>
/// Orders the instructions of each block as stack code. A value goes straight from its definition to its first use when the definition may
/// move there; if it is used again, it is kept in a local on the way.
/// </summary>
/// <example><code>
/// v1 = i32.load v0; v2 = i32.add v1, v1; i32.store v0, v2
///   =>
/// get v0; get v0; i32.load; tee v1; get v1; i32.add; i32.store
/// </code></example>
/// <remarks>
/// Blocks are walked backwards, operands from right to left: the reverse of the order in which the code runs. So the use that is met last
/// is the one that runs first, and instructions that are not placed yet run before everything that is.
/// </remarks>
internal sealed class Stackifier
{
    private const int LookBack = 400;
    private const int MaximumDepth = 400;

    private readonly Function _function;
    private readonly LoopCopies _carriers;
    private readonly NeededCode _needed;
    private readonly ZeroInitializedLocals _zeros;
    private readonly EarlyReturns _returns;
    private readonly EntityMap<Value, int> _uses = new();

    /// <summary>Uses in the block that defines the value which have not been met yet: it moves to the first one only.</summary>
    private readonly EntityMap<Value, int> _open = new();

    private readonly EntityMap<Value, bool> _remade = new();
    private readonly EntitySet<Value> _inLocal = new();
    private readonly EntitySet<Inst> _placed = new();
    private readonly EntityMap<Inst, int> _position = new(-1);
    private readonly EntityMap<Block, StackInstruction[]?> _code = new();
    private readonly EntityMap<Block, StackInstruction[]?> _sunk = new();
    private readonly Dictionary<(Inst Terminator, int Position), EdgeMove[]> _moves = [];
    private List<StackInstruction> _reversed = [];
    private Inst[] _order = [];
    private Block _block;
    private readonly bool _noSink;
    private int _root;
    private int _depth;

    public Stackifier(ControlFlow flow, Module module, LoopCopies carriers, EmissionStrategy choice)
    {
        (_function, _carriers) = (flow.Function, carriers);
        _needed = new NeededCode(flow);
        _zeros = new ZeroInitializedLocals(flow, _needed, choice.KeepZeros);
        _returns = new EarlyReturns(flow, choice.ReturnEarly);
        _noSink = choice.NoSink;
        foreach (var block in flow.ReversePostOrder)
        {
            CountUses(block);
        }

        for (var i = 0; i < _function.ValueCount; i++)
        {
            var value = new Value(i);
            _remade[value] = Rematerialisation.Pays(_function, module, _function.DefiningInst(value), _uses[value]);
        }

        foreach (var block in flow.ReversePostOrder.Where(block => !ReturnsEarly(block)))
        {
            Order(block);
        }
    }

    /// <summary>Whether anything that edges pass is made late.</summary>
    public bool MakesLate { get; private set; }

    /// <summary>The code of <paramref name="block"/>; it leaves the operands of the terminator on the stack.</summary>
    public ReadOnlySpan<StackInstruction> Code(Block block) => _code[block];

    /// <summary>Gives <paramref name="block"/> other code that does the same.</summary>
    public void Replace(Block block, StackInstruction[] ops) => _code[block] = ops;

    /// <summary>Code that runs on top of these operands and leaves them alone: what edges pass on and other blocks use too.</summary>
    public ReadOnlySpan<StackInstruction> Sunk(Block block) => _sunk[block];

    /// <summary>What a target passes on, parameters that nothing needs left out.</summary>
    public IReadOnlyList<EdgeMove> Moves(Inst terminator, int position) => _moves[(terminator, position)];

    /// <summary>Whether <paramref name="value"/> is kept in a local.</summary>
    public bool IsInLocal(Value value) => _inLocal.Contains(value);

    /// <summary>Whether <paramref name="value"/> is needed at one place only.</summary>
    public bool IsUsedOnce(Value value) => _uses[value] == 1;

    /// <summary>Whether anything needs <paramref name="value"/>.</summary>
    public bool IsNeeded(Value value) => _needed.Contains(value);

    /// <summary>Whether edges to <paramref name="block"/> return what they pass.</summary>
    public bool ReturnsEarly(Block block) => _returns.Contains(block);

    /// <summary>Whether <paramref name="value"/> is a zero that its local holds since the function was entered.</summary>
    public bool IsFirstContent(Value value) => _zeros.IsHolder(value);

    /// <summary>Whether the result of <paramref name="inst"/> is made anew wherever it is needed.</summary>
    public bool IsRematerialized(Inst inst) => _function.ResultCount(inst) == 1 && _remade[_function.Result(inst)];

    private bool IsFirstContent(Inst inst) => _function.ResultCount(inst) == 1 && _zeros.HolderOf(_function.Result(inst)) is not null;

    private void CountUses(Block block)
    {
        for (var inst = _function.First(block); inst.Exists; inst = _function.Next(inst))
        {
            if (_needed.Contains(inst))
            {
                Count(block, _function.Arguments(inst));
                for (var i = 0; i < _function.TargetCount(inst); i++)
                {
                    CountEdge(block, inst, i);
                }
            }
        }
    }

    private void CountEdge(Block block, Inst terminator, int position)
    {
        var parameters = _function.Parameters(_function.Target(terminator, position));
        for (var i = 0; i < parameters.Length; i++)
        {
            if (_needed.Contains(parameters[i]))
            {
                Count(block, _function.TargetArguments(terminator, position).Slice(i, 1));
                if (!ReturnsEarly(_function.Target(terminator, position)))
                {
                    _inLocal.Add(parameters[i]);
                }
            }
        }
    }

    private void Count(Block block, ReadOnlySpan<Value> values)
    {
        foreach (var value in values)
        {
            _uses.Reference(value)++;
            if (_function.DefiningInst(value).Exists && _function.DefiningBlock(value) == block)
            {
                _open.Reference(value)++;
            }
        }
    }

    private void Order(Block block)
    {
        _block = block;
        _reversed = [];
        var order = new List<Inst>();
        for (var inst = _function.First(block); inst.Exists; inst = _function.Next(inst))
        {
            if (_needed.Contains(inst) && !IsRematerialized(inst) && !IsFirstContent(inst))
            {
                _position[inst] = order.Count;
                order.Add(inst);
            }
        }

        _order = [.. order];
        Terminate(_order[^1]);
        for (var i = _order.Length - 2; i >= 0; i--)
        {
            if (!_placed.Contains(_order[i]))
            {
                Statement(_order[i], i);
            }
        }

        foreach (var parameter in _function.Parameters(block))
        {
            if (_carriers.Of(parameter) is { } carrier)
            {
                _inLocal.Add(carrier);
                _reversed.AddRange([new StackInstruction(EmitKind.Set, parameter.Index), new StackInstruction(EmitKind.Get, carrier.Index)]);
            }
        }

        _reversed.Reverse();
        ValuesOnStack.Run(_function, _reversed, value => value.Index < _function.ValueCount ? _uses[value] : 2, value => _inLocal.Remove(value));
        _code[block] = [.. _reversed];
    }

    private void Terminate(Inst terminator)
    {
        _root = _order.Length - 1;
        var targets = _function.TargetCount(terminator);
        for (var i = targets - 1; i >= 0; i--)
        {
            Edge(terminator, i, alone: targets == 1);
        }

        Sunk(terminator);
        Operands(terminator);
    }

    /// <summary>
    /// Makes what edges pass on as late as can be, all pushed before any is set: then each can have the local of the loop parameter
    /// that it follows, which nothing reads any more.
    /// </summary>
    /// <example><code>v2 = shr v1, 1; c = and v1, 2; br_if c b1(v2) b3   =>   get v1; 2; and; get v1; 1; shr; set v2; br_if</code></example>
    private void Sunk(Inst terminator)
    {
        var definitions = new SortedSet<int>();
        for (var i = 0; i < _function.TargetCount(terminator); i++)
        {
            foreach (var argument in _function.TargetArguments(terminator, i))
            {
                if (!_noSink && CanBeLate(argument) && !NeedsWhatIsReplaced(terminator, _function.DefiningInst(argument)))
                {
                    definitions.Add(_position[_function.DefiningInst(argument)]);
                }
            }
        }

        MakesLate |= definitions.Count > 0;
        var code = _reversed;
        _reversed = [.. definitions.Select(at => new StackInstruction(EmitKind.Set, _function.Result(_order[at]).Index))];
        foreach (var at in definitions.Reverse())
        {
            _inLocal.Add(_function.Result(_order[at]));
            Instruction(_order[at]);
        }

        _reversed.Reverse();
        _sunk[_block] = [.. _reversed];
        _reversed = code;
    }

    private bool CanBeLate(Value argument) =>
        _function.DefiningInst(argument) is { Exists: true } inst && _function.BlockOf(inst) == _block && _needed.Contains(argument)
        && _position[inst] >= 0 && _uses[argument] > 0 && _open[argument] == 0 && CanMove(inst);

    /// <summary>Whether <paramref name="inst"/> needs a parameter of a target whose next value is made after it, and not late: made in its
    /// place, it lets both share a local.</summary>
    private bool NeedsWhatIsReplaced(Inst terminator, Inst inst)
    {
        // Of a table's many targets none is looked at.
        for (var i = 0; i < _function.TargetCount(terminator) && _function.TargetCount(terminator) <= 2; i++)
        {
            foreach (var operand in _function.Arguments(inst))
            {
                if (!_function.DefiningInst(operand).Exists && _function.DefiningBlock(operand) == _function.Target(terminator, i)
                    && _function.TargetArguments(terminator, i)[_function.DefinitionPosition(operand)] is var next
                    && _function.DefiningInst(next) is { Exists: true } definition && _function.BlockOf(definition) == _block
                    && _position[definition] > _position[inst] && !CanBeLate(next))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The only edge out of a block pushes whole expressions; one of several edges passes locals and constants.</summary>
    private void Edge(Inst terminator, int position, bool alone)
    {
        var code = _reversed;
        var parameters = _function.Parameters(_function.Target(terminator, position)).ToArray();
        var moves = new List<EdgeMove>();
        for (var i = parameters.Length - 1; i >= 0; i--)
        {
            if (_needed.Contains(parameters[i]))
            {
                var argument = _function.TargetArguments(terminator, position)[i];
                _reversed = [];
                Use(argument, mayMove: alone && _uses[argument] == 1);
                _reversed.Reverse();
                moves.Add(new EdgeMove(_carriers.Of(parameters[i]) ?? parameters[i], _reversed));
            }
        }

        moves.Reverse();
        _moves.Add((terminator, position), [.. moves]);
        _reversed = code;
    }

    private void Statement(Inst inst, int position)
    {
        _root = position;
        for (var i = 0; i < _function.ResultCount(inst); i++)
        {
            var result = _function.Result(inst, i);
            var used = _uses[result] > 0;
            if (used)
            {
                _inLocal.Add(result);
            }

            _reversed.Add(new StackInstruction(used ? EmitKind.Set : EmitKind.Drop, result.Index));
        }

        Instruction(inst);
    }

    private void Instruction(Inst inst)
    {
        _placed.Add(inst);
        _reversed.Add(StackInstruction.Of(inst));
        Operands(inst);
    }

    private void Operands(Inst inst)
    {
        _depth++;
        for (var i = _function.Arguments(inst).Length - 1; i >= 0; i--)
        {
            Use(_function.Arguments(inst)[i], mayMove: true);
        }

        _depth--;
    }

    private void Use(Value value, bool mayMove)
    {
        if (_zeros.HolderOf(value) is { } zero)
        {
            _inLocal.Add(zero);
            _reversed.Add(new StackInstruction(EmitKind.Get, zero.Index));
            return;
        }

        if (_remade[value])
        {
            _reversed.Add(StackInstruction.Of(_function.DefiningInst(value)));
            return;
        }

        var definition = _function.DefiningInst(value);
        var inside = definition.Exists && _function.BlockOf(definition) == _block;
        if (inside)
        {
            _open.Reference(value)--;
        }

        if (!mayMove || !inside || _open[value] > 0 || !CanMove(definition))
        {
            _inLocal.Add(value);
            _reversed.Add(new StackInstruction(EmitKind.Get, value.Index));
            return;
        }

        if (_uses[value] > 1)
        {
            _inLocal.Add(value);
            _reversed.Add(new StackInstruction(EmitKind.Tee, value.Index));
        }

        Instruction(definition);
    }

    /// <summary>Whether the definition may run right before what has been placed last.</summary>
    private bool CanMove(Inst definition)
    {
        if (_placed.Contains(definition) || _function.ResultCount(definition) != 1 || _depth > MaximumDepth)
        {
            return false;
        }

        var from = _position[definition];
        if (_function.InfoOf(definition).IsPure)
        {
            return true;
        }

        if (_root - from > LookBack)
        {
            return false;
        }

        for (var i = from + 1; i < _root; i++)
        {
            if (!_placed.Contains(_order[i]) && InstEffects.Conflict(_function, definition, _order[i]))
            {
                return false;
            }
        }

        return true;
    }
}
