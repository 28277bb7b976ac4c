using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Codegen.RegisterAllocator;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;

namespace Pulse.Build.Engine.Codegen.Emission;

/// <summary>Instructions that are not control flow.</summary>
internal sealed partial class FunctionEmitter
{
    private void EmitInst(MachineInst inst, MachineBlock? next)
    {
        if (inst.Op.IsTerminator())
        {
            EmitTerminator(inst, next);
        }
        else if (inst.Op.IsLoad() || inst.Op.IsStore())
        {
            EmitAccess(inst);
        }
        else if (inst.Op < MachineOp.SetIf)
        {
            EmitValue(inst);
        }
        else
        {
            EmitOther(inst);
        }
    }

    private void EmitValue(MachineInst inst)
    {
        var rd = RegisterOf(inst.Defs[0]);
        switch (inst.Op)
        {
            case MachineOp.Constant:
                MakeConstant(rd, inst.Immediate);
                break;
            case MachineOp.Address:
                Flush();
                // MOVW and MOVT hold the addend in their 16 bits.
                var literal = _options.Mode != CostMode.Speed || inst.Immediate is < short.MinValue or > short.MaxValue;
                _assembler.SymbolAddress(rd, inst.Symbol!, inst.Immediate, literal);
                Wrote(rd);
                break;
            case MachineOp.Copy:
                Perform([(Location.In(rd), _allocation.Of(inst.Uses[0]))]);
                break;
            case MachineOp.Lsl or MachineOp.Lsr or MachineOp.Asr or MachineOp.Ror when inst.Uses.Count == 1:
                PutValue(Shift(OperationOf(inst.Op), rd, RegisterOf(inst.Uses[0]), inst.Immediate));
                break;
            case MachineOp.Mvn:
                PutValue(Not(rd, RegisterOf(inst.Uses[0]), inst.Shift, inst.Amount));
                break;
            case MachineOp.Mla or MachineOp.Mls:
                Put(MultiplyAccumulate(OperationOf(inst.Op), rd, RegisterOf(inst.Uses[0]), RegisterOf(inst.Uses[1]), RegisterOf(inst.Uses[2])));
                break;
            case MachineOp.Umull or MachineOp.Smull:
                Put(LongMultiply(OperationOf(inst.Op), rd, RegisterOf(inst.Defs[1]), RegisterOf(inst.Uses[0]), RegisterOf(inst.Uses[1])));
                Wrote(RegisterOf(inst.Defs[1]));
                break;
            case MachineOp.Clz or MachineOp.Rbit or MachineOp.Rev or MachineOp.Rev16 or MachineOp.Uxtb or MachineOp.Uxth or MachineOp.Sxtb or MachineOp.Sxth:
                Put(Unary(OperationOf(inst.Op), rd, RegisterOf(inst.Uses[0])));
                break;
            case MachineOp.Ubfx or MachineOp.Sbfx:
                Put(BitField(OperationOf(inst.Op), rd, RegisterOf(inst.Uses[0]), inst.Immediate, inst.Width));
                break;
            default:
                PutValue(inst.Uses[1].IsImmediate
                    ? Binary(OperationOf(inst.Op), rd, RegisterOf(inst.Uses[0]), inst.Uses[1].Immediate)
                    : Binary(OperationOf(inst.Op), rd, RegisterOf(inst.Uses[0]), RegisterOf(inst.Uses[1]), inst.Shift, inst.Amount));
                break;
        }
    }

    private void EmitOther(MachineInst inst)
    {
        switch (inst.Op)
        {
            case MachineOp.SetIf or MachineOp.Select or MachineOp.TrapIf:
                EmitConditional(inst);
                break;
            case MachineOp.Add64 or MachineOp.Sub64:
                EmitWide(inst);
                break;
            case MachineOp.AtomicUpdate:
                EmitUpdate(inst);
                break;
            case MachineOp.StackArgument:
                LoadFrame(RegisterOf(inst.Defs[0]), _frame.IncomingOffset(inst.Immediate));
                break;
            case MachineOp.StoreResult:
                StoreFrame(RegisterOf(inst.Uses[0]), _frame.IncomingOffset(inst.Immediate));
                break;
            case MachineOp.StoreArgument:
                StoreFrame(RegisterOf(inst.Uses[0]), inst.Immediate);
                break;
            case MachineOp.LoadResult:
                LoadFrame(RegisterOf(inst.Defs[0]), inst.Immediate);
                break;
            case MachineOp.Reload or MachineOp.Spill:
                Perform([(_allocation[inst.Defs[0]], _allocation.Of(inst.Uses[0]))]);
                break;
            case MachineOp.Entry:
                Perform(inst.Defs.Select((def, i) => (_allocation[def], Location.In(inst.DefRegisters[i]))));
                break;
            case MachineOp.Call or MachineOp.CallRegister or MachineOp.SemihostingCall:
                EmitCall(inst);
                break;
            case MachineOp.ReadInterruptMask:
                Put(ReadSpecial(RegisterOf(inst.Defs[0]), SpecialRegister.Primask));
                Wrote(RegisterOf(inst.Defs[0]));
                break;
            case MachineOp.WriteInterruptMask:
                Put(WriteSpecial(SpecialRegister.Primask, RegisterOf(inst.Uses[0])));
                break;
            default:
                EmitSystem(inst.Op);
                break;
        }
    }

    private void EmitSystem(MachineOp op)
    {
        Put(op switch
        {
            MachineOp.Wfi => Hint(Operation.Wfi),
            MachineOp.Wfe => Hint(Operation.Wfe),
            MachineOp.Sev => Hint(Operation.Sev),
            MachineOp.Nop => Hint(Operation.Nop),
            MachineOp.Dmb => Barrier(Operation.Dmb),
            MachineOp.Dsb => Barrier(Operation.Dsb),
            MachineOp.Isb => Barrier(Operation.Isb),
            MachineOp.EnableInterrupts => Interrupts(enabled: true),
            MachineOp.DisableInterrupts => Interrupts(enabled: false),
            _ => throw new InvariantException($"{op} has an emitter"),
        });
    }

    private void EmitCall(MachineInst inst)
    {
        Perform(inst.UseRegisters.Select((register, i) => (Location.In(register), _allocation.Of(inst.Uses[i]))));
        Flush();
        _flags = null;
        if (inst.Op == MachineOp.Call)
        {
            _assembler.Call(inst.Symbol!);
        }
        else
        {
            Put(inst.Op == MachineOp.CallRegister ? BranchTo(Operation.Blx, RegisterOf(inst.Uses[^1])) : Numbered(Operation.Bkpt, 0xAB));
        }

        _contents.Forget(CallingConvention.CallerSaved);
        Perform(inst.DefRegisters.Select((register, i) => (_allocation[inst.Defs[i]], Location.In(register))));
    }

    private void EmitAccess(MachineInst inst)
    {
        var at = inst.Op.IsStore() ? 1 : 0;
        var operation = inst.Op switch
        {
            MachineOp.Load8U => Operation.Ldrb,
            MachineOp.Load8S => Operation.Ldrsb,
            MachineOp.Load16U => Operation.Ldrh,
            MachineOp.Load16S => Operation.Ldrsh,
            MachineOp.Load32 => Operation.Ldr,
            MachineOp.Store8 => Operation.Strb,
            MachineOp.Store16 => Operation.Strh,
            _ => Operation.Str,
        };
        var rt = inst.Op.IsStore() ? RegisterOf(inst.Uses[0]) : RegisterOf(inst.Defs[0]);
        var rn = RegisterOf(inst.Uses[at]);
        Put(inst.Uses.Count > at + 1
            ? MemoryIndexed(operation, rt, rn, RegisterOf(inst.Uses[at + 1]), inst.Amount)
            : Memory(operation, rt, rn, inst.Immediate));
    }

    /// <summary>The low words set the carry that the high words take in.</summary>
    private void EmitWide(MachineInst inst)
    {
        var (low, high) = (RegisterOf(inst.Defs[0]), RegisterOf(inst.Defs[1]));
        var add = inst.Op == MachineOp.Add64;
        if (inst.Uses[0].IsImmediate)
        {
            var b = RegisterOf(inst.Uses[3]);
            Put(Binary(Operation.Rsb, low, RegisterOf(inst.Uses[1]), 0).WithFlags(FlagEffect.Set));
            Put(Binary(Operation.Sbc, high, b, b, ShiftKind.Lsl, 1));
            return;
        }

        var a = RegisterOf(inst.Uses[0]);
        Put((inst.Uses[1].IsImmediate
            ? Binary(add ? Operation.Add : Operation.Sub, low, a, inst.Uses[1].Immediate)
            : Binary(add ? Operation.Add : Operation.Sub, low, a, RegisterOf(inst.Uses[1]))).WithFlags(FlagEffect.Set));
        a = RegisterOf(inst.Uses[2]);
        var imm = inst.Uses[3].Immediate;
        if (!inst.Uses[3].IsImmediate)
        {
            Put(Binary(add ? Operation.Adc : Operation.Sbc, high, a, RegisterOf(inst.Uses[3])).WithFlags(FlagEffect.Clobbered));
        }
        else if (ModifiedImmediate.CanEncode(unchecked((uint)imm)))
        {
            Put(Binary(add ? Operation.Adc : Operation.Sbc, high, a, imm));
        }
        else
        {
            Put(Binary(add ? Operation.Sbc : Operation.Adc, high, a, ~imm));
        }
    }

    private void MakeConstant(Register rd, int value)
    {
        var found = _contents.Find(Location.Of(value), rd);
        if (found == rd)
        {
            return;
        }

        if (found is { } other && (!rd.IsLow() || value is < 0 or > 255))
        {
            Put(Move(rd, other));
        }
        else
        {
            Flush();
            _assembler.Constant(rd, unchecked((uint)value), FlagEffect.Clobbered, literal: _options.Mode != CostMode.Speed);
            _flags = null;
        }

        _contents.Load(rd, Location.Of(value));
    }

    private void Wrote(Register register)
    {
        _contents.Forget(register);
        if (_flags is { } known && known.Reads(register))
        {
            _flags = null;
        }
    }

    /// <summary>Emits moves that happen at the same time.</summary>
    private void Perform(IEnumerable<(Location Destination, Location Source)> moves, bool keepFlags = false)
    {
        foreach (var step in ParallelMove.Resolve(moves, _allocation.Scratch))
        {
            if (step.IsSwap)
            {
                var (a, b) = (step.Destination.Register, step.Source.Register);
                PutValue(Binary(Operation.Eor, a, a, b));
                PutValue(Binary(Operation.Eor, b, b, a));
                PutValue(Binary(Operation.Eor, a, a, b));
            }
            else if (step.Source.IsConstant && keepFlags)
            {
                Put(Move(step.Destination.Register, step.Source.Number));
            }
            else if (step.Source.IsConstant)
            {
                MakeConstant(step.Destination.Register, step.Source.Number);
            }
            else if (step.Source.IsSlot)
            {
                LoadSlot(step.Destination.Register, step.Source.Number);
            }
            else if (step.Destination.IsSlot)
            {
                StoreFrame(step.Source.Register, _frame.SlotOffset(step.Destination.Number));
                _contents.Store(step.Source.Register, step.Destination);
            }
            else
            {
                Put(Move(step.Destination.Register, step.Source.Register));
            }
        }
    }

    private static Operation OperationOf(MachineOp op) => op switch
    {
        MachineOp.Add => Operation.Add,
        MachineOp.Sub => Operation.Sub,
        MachineOp.Rsb => Operation.Rsb,
        MachineOp.And => Operation.And,
        MachineOp.Bic => Operation.Bic,
        MachineOp.Orr => Operation.Orr,
        MachineOp.Orn => Operation.Orn,
        MachineOp.Eor => Operation.Eor,
        MachineOp.Lsl => Operation.Lsl,
        MachineOp.Lsr => Operation.Lsr,
        MachineOp.Asr => Operation.Asr,
        MachineOp.Ror => Operation.Ror,
        MachineOp.Mul => Operation.Mul,
        MachineOp.Mla => Operation.Mla,
        MachineOp.Mls => Operation.Mls,
        MachineOp.Umull => Operation.Umull,
        MachineOp.Smull => Operation.Smull,
        MachineOp.Udiv => Operation.Udiv,
        MachineOp.Sdiv => Operation.Sdiv,
        MachineOp.Clz => Operation.Clz,
        MachineOp.Rbit => Operation.Rbit,
        MachineOp.Rev => Operation.Rev,
        MachineOp.Rev16 => Operation.Rev16,
        MachineOp.Uxtb => Operation.Uxtb,
        MachineOp.Uxth => Operation.Uxth,
        MachineOp.Sxtb => Operation.Sxtb,
        MachineOp.Sxth => Operation.Sxth,
        MachineOp.Ubfx => Operation.Ubfx,
        MachineOp.Sbfx => Operation.Sbfx,
        _ => throw new InvariantException($"{op} is one instruction"),
    };
}
