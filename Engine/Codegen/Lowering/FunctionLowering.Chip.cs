using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Imports of the chip: operations, registers, semihosting.</summary>
internal sealed partial class FunctionLowering
{
    private void LowerChipOperation(Inst inst, Import import, FuncType type, Value[] arguments)
    {
        var words = Words(arguments).ToArray();
        if (ChipRegisters.Find(import, type) is { } register)
        {
            LowerRegister(inst, register.Use, register.Address, words);
            return;
        }

        if (TargetIntrinsics.Find(import, type) is not { } operation)
        {
            throw Unsupported(inst, $"the import '{import.Module}' '{import.Name}' of type {type}");
        }

        if (operation.IsLoad())
        {
            Define(inst, _builder.Load(operation, words[0], 0, isVolatile: true));
        }
        else if (operation.IsStore())
        {
            _builder.Store(operation, words[1], words[0], 0, isVolatile: true);
        }
        else if (operation == MachineOp.SemihostingCall)
        {
            LowerSemihosting(inst, words);
        }
        else if (operation == MachineOp.ReadInterruptMask)
        {
            Define(inst, _builder.Append(operation, 1).Defs[0]);
            _builder.Append(MachineOp.DisableInterrupts, 0);
        }
        else if (operation == MachineOp.Call)
        {
            CallRoutine(RuntimeRoutines.Reset, 0);
        }
        else
        {
            _builder.Append(operation, 0, words);
        }
    }

    private void LowerRegister(Inst inst, RegisterUse use, int address, VReg[] words)
    {
        void Store(VReg value, VReg at, int offset = 0) => _builder.Store(MachineOp.Store32, value, at, offset, isVolatile: true);
        var register = _builder.Constant(address);
        switch (use)
        {
            case RegisterUse.Read:
                Define(inst, _builder.Load(MachineOp.Load32, register, 0, isVolatile: true));
                break;
            case RegisterUse.Clear:
                Store(_builder.Constant(0), register);
                break;
            case RegisterUse.Bit or RegisterUse.BitNow:
                var interrupt = Interrupt(words[0]);
                Store(Shift(MachineOp.Lsl, _builder.Constant(1), interrupt), _builder.Add(register, _builder.Lsl(_builder.Lsr(interrupt, 5), 2)));
                if (use == RegisterUse.BitNow)
                {
                    _builder.Append(MachineOp.Dsb, 0);
                    _builder.Append(MachineOp.Isb, 0);
                }

                break;
            case RegisterUse.Byte:
                _builder.Store(MachineOp.Store8, words[1], _builder.Add(register, Interrupt(words[0])), 0, isVolatile: true);
                break;
            default:
                Store(words[0], register, 4);
                Store(_builder.Constant(0), register, 8);
                Store(_builder.Constant(ChipRegisters.TimerOn), register);
                break;
        }
    }

    // As the WIT types it, a byte: no other number can reach a register that is none of interrupts.
    private VReg Interrupt(VReg number) => _builder.And(number, _builder.Constant(0xFF));

    /// <summary>exit(status) is SYS_EXIT with "application exit" for 0, a run-time error for anything else.</summary>
    private void LowerSemihosting(Inst inst, VReg[] words)
    {
        var isCall = words.Length == 2;
        var call = new MachineInst(MachineOp.SemihostingCall) { UseRegisters = [Register.R0, Register.R1], DefRegisters = [Register.R0] };
        call.Uses.Add(isCall ? words[0] : _builder.Constant(TargetIntrinsics.SysExit));
        call.Uses.Add(isCall
            ? words[1]
            : _builder.Select(words[0], _builder.Constant(TargetIntrinsics.RunTimeError), _builder.Constant(TargetIntrinsics.ApplicationExit)));
        call.Defs.Add(_machine.NewRegister());
        _builder.Append(call);
        if (isCall)
        {
            Define(inst, call.Defs[0]);
        }
    }
}
