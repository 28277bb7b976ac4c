using System.Runtime.InteropServices;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir;

/// <summary>
/// A function in SSA form: blocks with parameters, instructions that are rows of the wasm opcode table, explicit terminators.
/// The wasm optimiser rewrites it and the code generator lowers it.
/// </summary>
/// <remarks>
/// Invariants (checked by the IR verifier):
/// <list type="bullet">
/// <item>Block <c>b0</c> is the entry, has the function's parameters and no predecessor.</item>
/// <item>Every block in <see cref="Blocks"/> ends in exactly one terminator and has none before it.</item>
/// <item>A definition dominates its uses; a target's arguments match the parameters of the block in number and type.</item>
/// </list>
/// Terminators: <c>br</c> (one target), <c>br_if</c> (condition; target when non-zero, target when zero), <c>br_table</c> (index; targets,
/// the default last), <c>return</c> (results), <c>unreachable</c>, <c>return_call</c> and <c>return_call_indirect</c> (arguments as their
/// calls). Storage is struct-of-arrays; spans it hands out are invalid after the next edit.
/// </remarks>
internal sealed class Function
{
    private readonly EntityMap<Value, ValueData> _values = new();
    private readonly EntityMap<Inst, InstData> _insts = new();
    private readonly EntityMap<Block, BlockData> _blocks = new();
    private readonly List<Value> _operands = [];
    private readonly List<BlockCall> _targets = [];
    private readonly List<Block> _layout = [];

    /// <summary>An empty function; its entry block has the parameters of <paramref name="type"/>.</summary>
    public Function(string name, FuncType type)
    {
        Name = name;
        Type = type;
        Entry = AddBlock();
        foreach (var parameter in type.Parameters)
        {
            AddParameter(Entry, parameter);
        }
    }

    /// <summary>For people: reports and dumps. Not unique.</summary>
    public string Name { get; }

    /// <summary>Parameters and results.</summary>
    public FuncType Type { get; }

    /// <summary>What interrupt handlers of the program touch; null when there are none.</summary>
    public SharedPlaces? Shared { get; set; }

    /// <summary>The first block, <c>b0</c>.</summary>
    public Block Entry { get; }

    /// <summary>The blocks in layout order, the entry first.</summary>
    public IReadOnlyList<Block> Blocks => _layout;

    /// <summary>One more than the highest value index ever used.</summary>
    public int ValueCount => _values.Count;

    /// <summary>One more than the highest instruction index ever used.</summary>
    public int InstCount => _insts.Count;

    /// <summary>One more than the highest block index ever used.</summary>
    public int BlockCount => _blocks.Count;

    // Blocks

    /// <summary>Appends an empty block to the layout.</summary>
    public Block AddBlock()
    {
        var block = _blocks.Add(new BlockData { First = Inst.None, Last = Inst.None, Parameters = [] });
        _layout.Add(block);
        return block;
    }

    /// <summary>Sets the layout; blocks left out are deleted with their instructions.</summary>
    public void SetLayout(IEnumerable<Block> order)
    {
        var blocks = order.ToArray();
        InvariantException.Require(blocks.Length > 0 && blocks[0] == Entry, "the entry block comes first in the layout");
        _layout.Clear();
        _layout.AddRange(blocks);
    }

    /// <summary>Adds a parameter to <paramref name="block"/>; the caller extends the arguments of its predecessors.</summary>
    public Value AddParameter(Block block, ValType type)
    {
        var parameters = _blocks.Reference(block).Parameters;
        var value = _values.Add(new ValueData(type, Inst.None, block, parameters.Count));
        parameters.Add(value);
        return value;
    }

    /// <summary>Removes parameters by position, rising; the caller shortens the arguments of the predecessors.</summary>
    public void RemoveParameters(Block block, IReadOnlyCollection<int> positions)
    {
        var parameters = _blocks.Reference(block).Parameters;
        foreach (var position in positions.OrderDescending())
        {
            parameters.RemoveAt(position);
        }

        for (var i = 0; i < parameters.Count; i++)
        {
            ref var data = ref _values.Reference(parameters[i]);
            data = data with { Position = i };
        }
    }

    /// <summary>The parameters of <paramref name="block"/>.</summary>
    public ReadOnlySpan<Value> Parameters(Block block) => CollectionsMarshal.AsSpan(_blocks[block].Parameters);

    /// <summary>The first instruction of <paramref name="block"/>, or none.</summary>
    public Inst First(Block block) => _blocks[block].First;

    /// <summary>The terminator of <paramref name="block"/>, or the last instruction of a block under construction.</summary>
    public Inst Last(Block block) => _blocks[block].Last;

    // Instructions

    /// <summary>The instruction after <paramref name="inst"/> in its block, or none.</summary>
    public Inst Next(Inst inst) => _insts[inst].Next;

    /// <summary>The instruction before <paramref name="inst"/> in its block, or none.</summary>
    public Inst Previous(Inst inst) => _insts[inst].Previous;

    /// <summary>The block that holds <paramref name="inst"/>.</summary>
    public Block BlockOf(Inst inst) => _insts[inst].Block;

    /// <summary>What <paramref name="inst"/> does.</summary>
    public Opcode OpcodeOf(Inst inst) => _insts[inst].Opcode;

    /// <summary>The table row of <paramref name="inst"/>.</summary>
    public OpcodeInfo InfoOf(Inst inst) => Opcodes.Get(_insts[inst].Opcode);

    /// <summary>What <paramref name="inst"/> can do beyond computing its results, in this program.</summary>
    public Effects EffectsOf(Inst inst)
    {
        var effects = InfoOf(inst).Effects;
        return Shared is null || effects == Effects.Pure ? effects : effects | Shared.Of(this, inst);
    }

    /// <summary>The immediates of <paramref name="inst"/>, as <see cref="ImmediateKind"/> lays them out.</summary>
    public Immediates ImmediatesOf(Inst inst) => _insts[inst].Immediates;

    /// <summary>Byte offset of the instruction in the source module, or -1.</summary>
    public int SourceOf(Inst inst) => _insts[inst].Source;

    /// <summary>The operands of <paramref name="inst"/>, without those that its targets pass on.</summary>
    public Span<Value> Arguments(Inst inst)
    {
        var data = _insts[inst];
        return CollectionsMarshal.AsSpan(_operands).Slice(data.ArgumentStart, data.ArgumentCount);
    }

    /// <summary>The result of <paramref name="inst"/> at <paramref name="position"/>.</summary>
    public Value Result(Inst inst, int position = 0)
    {
        var data = _insts[inst];
        InvariantException.Require((uint)position < (uint)data.ResultCount, "the instruction has that result");
        return new Value(data.FirstResult + position);
    }

    /// <summary>How many results <paramref name="inst"/> has.</summary>
    public int ResultCount(Inst inst) => _insts[inst].ResultCount;

    /// <summary>Appends an instruction to <paramref name="block"/>.</summary>
    public Inst Append(Block block, in InstSpec spec)
    {
        var inst = Create(spec);
        Link(inst, block, _blocks[block].Last);
        return inst;
    }

    /// <summary>Inserts an instruction before <paramref name="position"/>.</summary>
    public Inst InsertBefore(Inst position, in InstSpec spec)
    {
        var inst = Create(spec);
        Link(inst, _insts[position].Block, _insts[position].Previous);
        return inst;
    }

    /// <summary>Unlinks <paramref name="inst"/>; its results must have no uses left when the function is next verified.</summary>
    public void Remove(Inst inst)
    {
        var data = _insts[inst];
        if (data.Previous.Exists)
        {
            _insts.Reference(data.Previous).Next = data.Next;
        }
        else
        {
            _blocks.Reference(data.Block).First = data.Next;
        }

        if (data.Next.Exists)
        {
            _insts.Reference(data.Next).Previous = data.Previous;
        }
        else
        {
            _blocks.Reference(data.Block).Last = data.Previous;
        }
    }

    /// <summary>Moves <paramref name="inst"/> to the end of <paramref name="block"/>.</summary>
    public void MoveToEnd(Inst inst, Block block)
    {
        Remove(inst);
        Link(inst, block, _blocks[block].Last);
    }

    /// <summary>Moves <paramref name="inst"/> before <paramref name="position"/>.</summary>
    public void MoveBefore(Inst inst, Inst position)
    {
        Remove(inst);
        Link(inst, _insts[position].Block, _insts[position].Previous);
    }

    /// <summary>Turns <paramref name="inst"/> into another instruction with the same number and types of results, in place.</summary>
    public void Replace(Inst inst, in InstSpec spec)
    {
        ref var data = ref _insts.Reference(inst);
        InvariantException.Require(spec.Results.Length == data.ResultCount, "a replaced instruction keeps its results");
        var (start, targets) = Store(spec);
        data.Opcode = spec.Opcode;
        data.Immediates = spec.Immediates;
        (data.ArgumentStart, data.ArgumentCount) = (start, spec.Arguments.Length);
        (data.TargetStart, data.TargetCount) = (targets, spec.Targets.Length);
    }

    // Targets of terminators

    /// <summary>How many targets <paramref name="inst"/> has.</summary>
    public int TargetCount(Inst inst) => _insts[inst].TargetCount;

    /// <summary>The block of a target.</summary>
    public Block Target(Inst inst, int position) => _targets[TargetIndex(inst, position)].Block;

    /// <summary>What a target passes to the parameters of its block.</summary>
    public Span<Value> TargetArguments(Inst inst, int position)
    {
        var call = _targets[TargetIndex(inst, position)];
        return CollectionsMarshal.AsSpan(_operands).Slice(call.Start, call.Count);
    }

    /// <summary>Redirects a target.</summary>
    public void SetTarget(Inst inst, int position, Block block, ReadOnlySpan<Value> arguments) =>
        _targets[TargetIndex(inst, position)] = new BlockCall(block, StoreOperands(arguments), arguments.Length);

    // Values

    /// <summary>The type of <paramref name="value"/>.</summary>
    public ValType TypeOf(Value value) => _values[value].Type;

    /// <summary>The instruction that defines <paramref name="value"/>, or none when it is a block parameter.</summary>
    public Inst DefiningInst(Value value) => _values[value].Inst;

    /// <summary>The block that defines <paramref name="value"/>: as a parameter, or by an instruction in it.</summary>
    public Block DefiningBlock(Value value)
    {
        var data = _values[value];
        return data.Inst.Exists ? _insts[data.Inst].Block : data.Block;
    }

    /// <summary>Position among the block's parameters or the instruction's results.</summary>
    public int DefinitionPosition(Value value) => _values[value].Position;

    /// <summary>Replaces every use by what <paramref name="map"/> says, in one sweep over the function; chains are followed by the caller.</summary>
    public void ReplaceUses(Func<Value, Value> map)
    {
        foreach (var block in _layout)
        {
            for (var inst = First(block); inst.Exists; inst = Next(inst))
            {
                Apply(Arguments(inst), map);
                for (var i = 0; i < TargetCount(inst); i++)
                {
                    Apply(TargetArguments(inst, i), map);
                }
            }
        }
    }

    private static void Apply(Span<Value> operands, Func<Value, Value> map)
    {
        foreach (ref var operand in operands)
        {
            operand = map(operand);
        }
    }

    private int TargetIndex(Inst inst, int position)
    {
        var data = _insts[inst];
        InvariantException.Require((uint)position < (uint)data.TargetCount, "the terminator has that target");
        return data.TargetStart + position;
    }

    private Inst Create(in InstSpec spec)
    {
        var (arguments, targets) = Store(spec);
        var first = _values.Count;
        var inst = _insts.Add(new InstData
        {
            Opcode = spec.Opcode,
            Immediates = spec.Immediates,
            Source = spec.Source,
            ArgumentStart = arguments,
            ArgumentCount = spec.Arguments.Length,
            TargetStart = targets,
            TargetCount = spec.Targets.Length,
            FirstResult = first,
            ResultCount = spec.Results.Length,
        });
        for (var i = 0; i < spec.Results.Length; i++)
        {
            _values.Add(new ValueData(spec.Results[i], inst, default, i));
        }

        return inst;
    }

    private (int Arguments, int Targets) Store(in InstSpec spec)
    {
        var arguments = StoreOperands(spec.Arguments);
        var targets = _targets.Count;
        foreach (var target in spec.Targets)
        {
            _targets.Add(new BlockCall(target.Block, StoreOperands(target.Arguments), target.Arguments.Length));
        }

        return (arguments, targets);
    }

    private int StoreOperands(ReadOnlySpan<Value> operands)
    {
        var start = _operands.Count;
        if (!operands.IsEmpty)
        {
            // The operands may be a slice of the pool that is about to grow.
            Value[] copy = [.. operands];
            _operands.AddRange(copy);
        }

        return start;
    }

    private void Link(Inst inst, Block block, Inst previous)
    {
        ref var data = ref _insts.Reference(inst);
        data.Block = block;
        data.Previous = previous;
        data.Next = previous.Exists ? _insts[previous].Next : _blocks[block].First;
        if (data.Next.Exists)
        {
            _insts.Reference(data.Next).Previous = inst;
        }
        else
        {
            _blocks.Reference(block).Last = inst;
        }

        if (previous.Exists)
        {
            _insts.Reference(previous).Next = inst;
        }
        else
        {
            _blocks.Reference(block).First = inst;
        }
    }

    private readonly record struct ValueData(ValType Type, Inst Inst, Block Block, int Position);

    private readonly record struct BlockCall(Block Block, int Start, int Count);

    private struct BlockData
    {
        public Inst First;
        public Inst Last;
        public List<Value> Parameters;
    }

    private struct InstData
    {
        public Opcode Opcode;
        public Immediates Immediates;
        public int Source;
        public int ArgumentStart;
        public int ArgumentCount;
        public int TargetStart;
        public int TargetCount;
        public int FirstResult;
        public int ResultCount;
        public Block Block;
        public Inst Previous;
        public Inst Next;
    }
}
