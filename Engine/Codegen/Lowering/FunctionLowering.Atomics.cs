using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Atomic accesses. There is one core, so what must not be torn is torn by interrupts alone.</summary>
/// <example><code>
/// i32.atomic.load        =>   ldr
/// i32.atomic.rmw.add     =>   again: ldrex; add; strex; cmp; bne again
/// i64.atomic.load        =>   mrs m, primask; cpsid i; ldr; ldr; msr primask, m
/// </code></example>
/// <remarks>
/// Threads proposal, "Atomic Memory Accesses": an access that is not aligned to its width traps. ARMv7-M has no exclusive access of 64 bits: those
/// run with interrupts masked, which takes at most two loads and two stores.
/// </remarks>
internal sealed partial class FunctionLowering
{
    /// <summary>The operations of read-modify-write instructions; each has seven opcodes in a row, one a width.</summary>
    private enum AtomicOperation
    {
        Add,
        Sub,
        And,
        Or,
        Xor,
        Exchange,
        CompareExchange,
    }

    private const int WidthsOfAnOperation = 7;

    /// <summary>Whether the instruction, which agrees with other threads on an order, means something without any.</summary>
    internal static bool LowersAtomic(Opcode opcode) => opcode == Opcode.AtomicFence || opcode is >= Opcode.I32AtomicLoad and <= Opcode.I64AtomicRmw32CmpxchgU;

    private void CheckAlignment(Inst inst, OpcodeInfo info)
    {
        if (info.AccessBytes > 1)
        {
            var address = _builder.Add(Argument(inst, 0), _builder.Constant(unchecked((int)_function.ImmediatesOf(inst).Wide)));
            _builder.TrapIf(new MachineCondition(CompareKind.Tst, Condition.NE, [address, _builder.Constant(info.AccessBytes - 1)]), TrapKind.UnalignedAtomic);
        }
    }

    private void LowerAtomic(Inst inst, OpcodeInfo info, AtomicPlace place)
    {
        if (info.Opcode < Opcode.I32AtomicStore)
        {
            Define(inst, Masked(info.AccessBytes == 8, () => LoadAtomic(place)));
        }
        else if (info.Opcode < Opcode.I32AtomicRmwAdd)
        {
            var value = WideArgument(inst, 1);
            Masked(info.AccessBytes == 8, () => StoreAtomic(place, value));
        }
        else
        {
            var operation = (AtomicOperation)((info.Opcode - Opcode.I32AtomicRmwAdd) / WidthsOfAnOperation);
            var (first, last) = (WideArgument(inst, 1), WideArgument(inst, info.Pops.Length - 1));
            Define(inst, info.AccessBytes < 8 ? Update(operation, place, first.Low, last.Low) : Masked(true, () =>
            {
                var old = LoadAtomic(place);
                StoreAtomic(place, Changed(operation, old, first, last));
                return old;
            }));
        }
    }

    /// <summary>Changes a word or less; what is compared with bytes that are extended by zeros must have zeros above them.</summary>
    private RegisterPair Update(AtomicOperation operation, AtomicPlace place, VReg value, VReg replacement)
    {
        var (address, offset) = place.Address;
        if (operation == AtomicOperation.CompareExchange)
        {
            var expected = place.Bytes == 4 ? value : _builder.And(value, _builder.Constant((1 << (8 * place.Bytes)) - 1));
            return _builder.ZeroExtend(_builder.UpdateAtomically(MachineOp.Select, place.Bytes, address, offset, expected, replacement));
        }

        var combine = operation switch
        {
            AtomicOperation.Add => MachineOp.Add,
            AtomicOperation.Sub => MachineOp.Sub,
            AtomicOperation.And => MachineOp.And,
            AtomicOperation.Or => MachineOp.Orr,
            AtomicOperation.Xor => MachineOp.Eor,
            _ => MachineOp.Copy,
        };
        return _builder.ZeroExtend(_builder.UpdateAtomically(combine, place.Bytes, address, offset, value));
    }

    private readonly record struct AtomicPlace((VReg Base, int Offset) Address, int Bytes);

    /// <summary>What 64 bits of memory hold afterwards.</summary>
    private RegisterPair Changed(AtomicOperation operation, RegisterPair old, RegisterPair value, RegisterPair replacement)
    {
        RegisterPair Each(Func<VReg, VReg, VReg> combine) => new(combine(old.Low, value.Low), combine(old.High, value.High));
        switch (operation)
        {
            case AtomicOperation.Add or AtomicOperation.Sub:
                return _builder.AddWide(old, value, subtract: operation == AtomicOperation.Sub);
            case AtomicOperation.And:
                return Each(_builder.And);
            case AtomicOperation.Or:
                return Each(_builder.Or);
            case AtomicOperation.Xor:
                return Each(_builder.Xor);
            case AtomicOperation.Exchange:
                return value;
            default:
                var isEqual = _builder.SetIfWide(Condition.EQ, old, value);
                return new(_builder.Select(isEqual, replacement.Low, old.Low), _builder.Select(isEqual, replacement.High, old.High));
        }
    }

    /// <summary>What memory holds, as a pair; narrow values are extended by zeros.</summary>
    private RegisterPair LoadAtomic(AtomicPlace place)
    {
        var (address, offset) = place.Address;
        var op = place.Bytes switch { 1 => MachineOp.Load8U, 2 => MachineOp.Load16U, _ => MachineOp.Load32 };
        var low = _builder.Load(op, address, offset, isVolatile: true);
        return place.Bytes == 8 ? new(low, _builder.Load(op, address, offset + 4, isVolatile: true)) : _builder.ZeroExtend(low);
    }

    private RegisterPair StoreAtomic(AtomicPlace place, RegisterPair value)
    {
        var (address, offset) = place.Address;
        var op = place.Bytes switch { 1 => MachineOp.Store8, 2 => MachineOp.Store16, _ => MachineOp.Store32 };
        _builder.Store(op, value.Low, address, offset, isVolatile: true);
        if (place.Bytes == 8)
        {
            _builder.Store(op, value.High, address, offset + 4, isVolatile: true);
        }

        return value;
    }

    /// <summary>Runs <paramref name="access"/> between disabling interrupts and putting the mask back as it was, where <paramref name="masked"/>.</summary>
    private RegisterPair Masked(bool masked, Func<RegisterPair> access)
    {
        if (!masked)
        {
            return access();
        }

        var mask = _builder.Append(MachineOp.ReadInterruptMask, 1).Defs[0];
        _builder.Append(MachineOp.DisableInterrupts, 0);
        var result = access();
        _builder.Append(MachineOp.WriteInterruptMask, 0, mask);
        return result;
    }
}
