using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>
/// Appends instructions to a machine function while blocks are visited in dominator order: equal computations that dominate are reused,
/// constants folded, and what is known of each value is kept.
/// </summary>
/// <example><code>add (lsl %1, #8), #-262144; asr #8   =>   add %1, #-1024   when %1 is known to have 16 bits</code></example>
internal sealed partial class MachineBuilder(MachineFunction function)
{
    private readonly Dictionary<ValueKey, List<VReg>> _known = [];
    private readonly Stack<(ValueKey Key, List<VReg>? Before)> _undo = new();
    private readonly Dictionary<int, VReg> _constants = [];
    private readonly Dictionary<(string, int), VReg> _addresses = [];
    private readonly EntityMap<VReg, MachineInst?> _definitions = new();
    private readonly EntityMap<VReg, MachineBlock?> _blocks = new();
    private readonly EntityMap<VReg, ValueFacts> _facts = new(ValueFacts.Unknown);
    private readonly Stack<(VReg Register, ValueFacts Facts)> _undoFacts = new();

    /// <summary>The function being built.</summary>
    public MachineFunction Function { get; } = function;

    /// <summary>Where instructions go.</summary>
    public MachineBlock Block { get; set; } = function.Blocks[0];

    /// <summary>Source offset of the instructions.</summary>
    public int Source { get; set; } = -1;

    /// <summary>A mark to return to with <see cref="Leave"/> when the blocks that this one dominates are done.</summary>
    public (int Values, int Facts) Enter() => (_undo.Count, _undoFacts.Count);

    /// <summary>Forgets what was computed since <paramref name="mark"/>.</summary>
    public void Leave((int Values, int Facts) mark)
    {
        while (_undo.Count > mark.Values)
        {
            var (key, before) = _undo.Pop();
            if (before is null)
            {
                _known.Remove(key);
            }
            else
            {
                _known[key] = before;
            }
        }

        while (_undoFacts.Count > mark.Facts)
        {
            var (register, facts) = _undoFacts.Pop();
            _facts[register] = facts;
        }
    }

    /// <summary>The instruction that defines <paramref name="register"/>, or null for a parameter.</summary>
    public MachineInst? DefinitionOf(VReg register) => _definitions[register];

    /// <summary>The block that defines <paramref name="register"/>, or null for constants and addresses.</summary>
    public MachineBlock? BlockOf(VReg register) => _blocks[register];

    /// <summary>What is known of <paramref name="register"/> here.</summary>
    public ValueFacts FactsOf(VReg register) => _facts[register];

    /// <summary>Adds knowledge of <paramref name="register"/> that holds in this block and those it dominates.</summary>
    public void Refine(VReg register, ValueFacts facts)
    {
        var old = _facts[register];
        var met = old.Meet(facts);
        if (met != old && met.Min <= met.Max && !IsConstant(register, out _))
        {
            _undoFacts.Push((register, old));
            _facts[register] = met;
        }
    }

    /// <summary>Whether <paramref name="register"/> is a constant.</summary>
    public bool IsConstant(VReg register, out int value)
    {
        var definition = _definitions[register];
        value = definition?.Immediate ?? 0;
        return definition?.Op == MachineOp.Constant;
    }

    /// <summary>A parameter of <paramref name="block"/>.</summary>
    public VReg Parameter(MachineBlock block)
    {
        var register = Function.NewRegister();
        block.Parameters.Add(register);
        _blocks[register] = block;
        return register;
    }

    /// <summary>A constant.</summary>
    public VReg Constant(int value)
    {
        if (!_constants.TryGetValue(value, out var register))
        {
            register = Float(new MachineInst(MachineOp.Constant) { Immediate = value });
            _facts[register] = ValueFacts.Of(value);
            _constants.Add(value, register);
        }

        return register;
    }

    /// <summary>The address of a symbol plus <paramref name="addend"/>.</summary>
    public VReg Address(string symbol, int addend = 0)
    {
        if (!_addresses.TryGetValue((symbol, addend), out var register))
        {
            register = Float(new MachineInst(MachineOp.Address) { Symbol = symbol, Immediate = addend });
            _addresses.Add((symbol, addend), register);
        }

        return register;
    }

    /// <summary>Appends <paramref name="inst"/> as it is.</summary>
    public MachineInst Append(MachineInst inst)
    {
        inst.Source = Source;
        Block.Insts.Add(inst);
        foreach (var def in inst.Defs)
        {
            _definitions[def] = inst;
            _blocks[def] = Block;
        }

        return inst;
    }

    /// <summary>Appends an instruction with <paramref name="results"/> results.</summary>
    public MachineInst Append(MachineOp op, int results, params ReadOnlySpan<VReg> uses)
    {
        var inst = new MachineInst(op);
        for (var i = 0; i < results; i++)
        {
            inst.Defs.Add(Function.NewRegister());
        }

        foreach (var use in uses)
        {
            inst.Uses.Add(use);
        }

        return Append(inst);
    }

    /// <summary>The result of a pure instruction, found or appended; <paramref name="facts"/> says what is known of it.</summary>
    private VReg Value(MachineInst inst, ValueFacts facts) => Values(inst, 1, facts)[0];

    private List<VReg> Values(MachineInst inst, int results, ValueFacts facts)
    {
        var key = KeyOf(inst);
        if (_known.TryGetValue(key, out var found))
        {
            return found;
        }

        for (var i = 0; i < results; i++)
        {
            inst.Defs.Add(Function.NewRegister());
        }

        Append(inst);
        var defs = inst.HasScratch ? inst.Defs.Skip(1).ToList() : inst.Defs;
        Remember(key, defs);
        _facts[inst.Defs[^1]] = facts;
        return defs;
    }

    private void Remember(ValueKey key, List<VReg> values)
    {
        _undo.Push((key, _known.GetValueOrDefault(key)));
        _known[key] = values;
    }

    /// <summary>The results of a routine that has been called with the same operands on every way here, or null.</summary>
    public List<VReg>? Known(string routine, ReadOnlySpan<RegisterPair> operands) => _known.GetValueOrDefault(KeyOf(routine, operands));

    /// <summary>Remembers the results of a routine that does nothing but compute them.</summary>
    public List<VReg> Remember(string routine, ReadOnlySpan<RegisterPair> operands, List<VReg> results)
    {
        Remember(KeyOf(routine, operands), results);
        return results;
    }

    private static ValueKey KeyOf(string routine, ReadOnlySpan<RegisterPair> operands)
    {
        var (a, b) = (operands[0], operands[1]);
        return new(MachineOp.Call, CompareKind.None, Condition.AL, 0, 0, a.Low.Index, a.High.Index, b.Low.Index, b.High.Index, -1, -1, routine);
    }

    private VReg Float(MachineInst inst)
    {
        var register = Function.NewRegister();
        inst.Defs.Add(register);
        _definitions[register] = inst;
        Function.Floating[register] = inst;
        return register;
    }

    private static ValueKey KeyOf(MachineInst inst) => new(
        inst.Op, inst.Compare, inst.Condition, inst.Immediate, inst.Width,
        Use(inst, 0), Use(inst, 1), Use(inst, 2), Use(inst, 3), Use(inst, 4), Use(inst, 5));

    private static int Use(MachineInst inst, int index) => index < inst.Uses.Count ? inst.Uses[index].Register.Index : -1;

    private readonly record struct ValueKey(
        MachineOp Op, CompareKind Compare, Condition Condition, int Immediate, int Width, int A, int B, int C, int D, int E, int F, string? Routine = null);
}
