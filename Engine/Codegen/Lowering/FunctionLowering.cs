using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Ir.Analyses;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>
/// Turns a function of the IR into a machine function over 32-bit virtual registers: i64 values become pairs, accesses get their bounds
/// checks and the address of the memory, traps become explicit.
/// </summary>
/// <remarks>Blocks are visited in dominator order, so that every operand is lowered before its uses.</remarks>
internal sealed partial class FunctionLowering
{
    private readonly ModulePlan _plan;
    private readonly FuncIndex _index;
    private readonly Function _function;
    private readonly ControlFlow _flow;
    private readonly DominatorTree _dominators;
    private readonly LoopForest _loops;
    private readonly MachineFunction _machine;
    private readonly MachineBuilder _builder;
    private readonly EntityMap<Block, MachineBlock?> _blocks = new();
    private readonly EntityMap<Value, RegisterPair> _values = new(new(new(-1), new(-1)));
    private readonly AccessShapes _shapes;

    private FunctionLowering(ModulePlan plan, FuncIndex index, Function function)
    {
        (_plan, _index, _function) = (plan, index, function);
        _flow = new ControlFlow(function);
        _dominators = new DominatorTree(_flow);
        _loops = new LoopForest(_dominators);
        _machine = new MachineFunction(plan.FunctionSymbol(index));
        foreach (var block in function.Blocks.Where(_flow.IsReachable))
        {
            var machine = new MachineBlock(_machine.Blocks.Count) { LoopDepth = _loops.Depth(block) };
            _machine.Blocks.Add(machine);
            _blocks[block] = machine;
        }

        _builder = new MachineBuilder(_machine);
        _shapes = new AccessShapes(function);
        _facts = new BoundsFacts();
    }

    /// <summary>Lowers <paramref name="function"/>.</summary>
    public static MachineFunction Lower(ModulePlan plan, FuncIndex index, Function function)
    {
        var lowering = new FunctionLowering(plan, index, function);
        lowering.Parameters();
        lowering.Blocks();
        Cleanup.Run(lowering._machine);
        return lowering._machine;
    }

    private Opcode OpcodeOf(Inst inst) => _function.OpcodeOf(inst);

    private VReg Low(Value value) => _values[value].Low;

    private RegisterPair Pair(Value value) => _values[value];

    private VReg Argument(Inst inst, int position) => Low(_function.Arguments(inst)[position]);

    private RegisterPair WideArgument(Inst inst, int position) => Pair(_function.Arguments(inst)[position]);

    private void Define(Inst inst, VReg register) => _values[_function.Result(inst)] = new(register, new(-1));

    private void Define(Inst inst, RegisterPair pair) => _values[_function.Result(inst)] = pair;

    private DiagnosticException Unsupported(Inst inst, string what) => new(
        DiagnosticId.PULSE4002,
        Location.AtOffset(_plan.Path, _function.SourceOf(inst)),
        _function.Name,
        what,
        "cortex-m3");

    private void Parameters()
    {
        var (words, bytes) = CallingConvention.Arguments(_function.Type.Parameters);
        _machine.IncomingBytes = bytes;
        var entry = new MachineInst(MachineOp.Entry);
        _builder.Block = _blocks[_function.Entry]!;
        var registers = words.Select(_ => _machine.NewRegister()).ToArray();
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i].Register is not null)
            {
                entry.Defs.Add(registers[i]);
            }
        }

        entry.DefRegisters = [.. words.Where(word => word.Register is not null).Select(word => word.Register!.Value)];
        _builder.Append(entry);
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i].Register is null)
            {
                var load = new MachineInst(MachineOp.StackArgument) { Immediate = words[i].Offset };
                load.Defs.Add(registers[i]);
                _builder.Append(load);
            }
        }

        var next = 0;
        foreach (var parameter in _function.Parameters(_function.Entry))
        {
            _values[parameter] = TakeWords(parameter, registers, ref next);
        }

        foreach (var block in _function.Blocks.Where(block => block != _function.Entry && _flow.IsReachable(block)))
        {
            foreach (var parameter in _function.Parameters(block))
            {
                var low = _builder.Parameter(_blocks[block]!);
                _values[parameter] = new(low, IsWide(parameter) ? _builder.Parameter(_blocks[block]!) : new VReg(-1));
            }
        }
    }

    private RegisterPair TakeWords(Value value, IReadOnlyList<VReg> registers, ref int next)
    {
        var low = registers[next++];
        return new(low, IsWide(value) ? registers[next++] : new VReg(-1));
    }

    private bool IsWide(Value value) => _function.TypeOf(value) is ValType.I64 or ValType.F64;

    /// <summary>Visits the dominator tree with a stack of its own: it can be deep.</summary>
    private void Blocks()
    {
        var work = new Stack<(Block Block, (int, int) Mark, int Facts, bool IsExit)>();
        work.Push((_function.Entry, default, 0, false));
        while (work.TryPop(out var item))
        {
            if (item.IsExit)
            {
                _builder.Leave(item.Mark);
                _facts.Leave(item.Facts);
                continue;
            }

            work.Push((item.Block, _builder.Enter(), _facts.Enter(), true));
            LowerBlock(item.Block);
            foreach (var child in _dominators.Children(item.Block).Reverse())
            {
                work.Push((child, default, 0, false));
            }
        }
    }

    private void LowerBlock(Block block)
    {
        _builder.Block = _blocks[block]!;
        AssumeFromEdge(block);
        for (var inst = _function.First(block); inst.Exists; inst = _function.Next(inst))
        {
            _builder.Source = _function.SourceOf(inst);
            LowerInst(inst);
        }
    }

    /// <summary>A block with one way in knows how the branch to it went.</summary>
    private void AssumeFromEdge(Block block)
    {
        var predecessors = _flow.Predecessors(block);
        if (predecessors.Count == 1 && OpcodeOf(predecessors[0].Terminator) == Opcode.BrIf)
        {
            var condition = _builder.ConditionOf(Argument(predecessors[0].Terminator, 0));
            _builder.Assume(predecessors[0].Position == 0 ? condition : condition.Invert());
        }
    }

    private void LowerInst(Inst inst)
    {
        var info = _function.InfoOf(inst);
        if (info.AccessBytes > 0)
        {
            LowerAccess(inst, info);
        }
        else if (info.IsCustom)
        {
            LowerCustom(inst);
        }
        else if (info.Pops.Concat(info.Pushes).Any(type => type is ValType.F32 or ValType.F64))
        {
            LowerFloat(inst);
        }
        else if (info.Pops.Concat(info.Pushes).Contains(ValType.I64))
        {
            LowerWide(inst);
        }
        else
        {
            LowerWord(inst);
        }
    }

    /// <summary>A float is the word or the pair that its bits are: what only moves it needs no arithmetic.</summary>
    private void LowerFloat(Inst inst)
    {
        var bits = unchecked((long)_function.ImmediatesOf(inst).Wide);
        switch (OpcodeOf(inst))
        {
            case Opcode.F32Const: Define(inst, _builder.Constant(unchecked((int)bits))); break;
            case Opcode.F64Const: Define(inst, _builder.Wide(bits)); break;
            case Opcode.I32ReinterpretF32 or Opcode.F32ReinterpretI32: Define(inst, Argument(inst, 0)); break;
            case Opcode.I64ReinterpretF64 or Opcode.F64ReinterpretI64: Define(inst, WideArgument(inst, 0)); break;
            default: throw Unsupported(inst, $"'{_function.InfoOf(inst).Mnemonic}' (floating point)");
        }
    }

    private void LowerCustom(Inst inst)
    {
        switch (OpcodeOf(inst))
        {
            case Opcode.Select or Opcode.SelectTyped:
                LowerSelect(inst);
                break;
            case Opcode.GlobalGet or Opcode.GlobalSet:
                LowerGlobal(inst);
                break;
            case Opcode.Call or Opcode.CallIndirect or Opcode.ReturnCall or Opcode.ReturnCallIndirect:
                LowerCall(inst);
                break;
            default:
                LowerControl(inst);
                break;
        }
    }

    private void LowerSelect(Inst inst)
    {
        var condition = Argument(inst, 2);
        var (a, b) = (WideArgument(inst, 0), WideArgument(inst, 1));
        var low = _builder.Select(condition, a.Low, b.Low);
        Define(inst, IsWide(_function.Result(inst)) ? new RegisterPair(low, _builder.Select(condition, a.High, b.High)) : new(low, new(-1)));
    }
}
