using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Terminators.</summary>
internal sealed partial class FunctionLowering
{
    private void LowerControl(Inst inst)
    {
        switch (OpcodeOf(inst))
        {
            case Opcode.Br:
                Jump(inst, 0);
                break;
            case Opcode.BrIf:
                LowerBranch(inst);
                break;
            case Opcode.BrTable:
                LowerSwitch(inst);
                break;
            case Opcode.Return:
                Return([.. Words(_function.Arguments(inst).ToArray())]);
                break;
            case Opcode.Unreachable:
                _builder.Append(new MachineInst(MachineOp.Trap) { Trap = TrapKind.Unreachable });
                break;
            default:
                throw Unsupported(inst, $"'{_function.InfoOf(inst).Mnemonic}'");
        }
    }

    private void Jump(Inst inst, int position)
    {
        var jump = new MachineInst(MachineOp.Jump);
        jump.Targets.Add(EdgeOf(inst, position));
        _builder.Append(jump);
    }

    private void LowerBranch(Inst inst)
    {
        var condition = Argument(inst, 0);
        if (_builder.IsConstant(condition, out var decided))
        {
            Jump(inst, decided != 0 ? 0 : 1);
            return;
        }

        var branch = new MachineInst(MachineOp.Branch);
        _builder.ConditionOf(condition).ApplyTo(branch);
        if (branch.HasScratch)
        {
            branch.Defs.Add(_machine.NewRegister());
        }

        branch.Targets.Add(EdgeOf(inst, 0));
        branch.Targets.Add(EdgeOf(inst, 1));
        _builder.Append(branch);
    }

    private void LowerSwitch(Inst inst)
    {
        var last = _function.TargetCount(inst) - 1;
        var index = Argument(inst, 0);
        if (_builder.IsConstant(index, out var decided))
        {
            Jump(inst, decided >= 0 && decided < last ? decided : last);
        }
        else if (last == 0)
        {
            Jump(inst, 0);
        }
        else
        {
            var table = new MachineInst(MachineOp.Switch);
            table.Uses.Add(index);

            // An index that cannot reach the default needs no check.
            table.Immediate = _builder.FactsOf(index).UnsignedMax < last ? 0 : 1;
            for (var i = 0; i <= last; i++)
            {
                table.Targets.Add(EdgeOf(inst, i));
            }

            _builder.Append(table);
        }
    }

    private MachineEdge EdgeOf(Inst inst, int position) => new(
        _blocks[_function.Target(inst, position)]!,
        [.. Words(_function.TargetArguments(inst, position).ToArray()).Select(word => (MachineOperand)word)]);

    private IEnumerable<VReg> Words(Value[] values) => values.SelectMany(value => IsWide(value) ? [Pair(value).Low, Pair(value).High] : new[] { Low(value) });

    private void Return(IReadOnlyList<VReg> words)
    {
        var inst = new MachineInst(MachineOp.Return);
        var (locations, bytes) = CallingConvention.Results(_function.Type.Results);
        _machine.ResultWords = bytes / 4;
        for (var i = 0; i < words.Count; i++)
        {
            if (locations[i].Register is null)
            {
                var store = new MachineInst(MachineOp.StoreResult) { Immediate = _machine.IncomingBytes + locations[i].Offset };
                store.Uses.Add(words[i]);
                _builder.Append(store);
            }
            else
            {
                inst.Uses.Add(words[i]);
            }
        }

        inst.UseRegisters = [.. locations.Where(location => location.Register is not null).Select(location => location.Register!.Value)];
        _builder.Append(inst);
    }
}
