using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Atomic accesses. There is one core, so what must not be torn is torn by interrupts alone.</summary>
/// <example><code>
/// i32.atomic.load        =>   ldr
/// i32.atomic.rmw.add     =>   mrs m, primask; cpsid i; ldr; add; str; msr primask, m
/// i64.atomic.load        =>   mrs m, primask; cpsid i; ldr; ldr; msr primask, m
/// </code></example>
/// <remarks>Threads proposal, "Atomic Memory Accesses": an access that is not aligned to its width traps. A masked section has at most two loads and two stores.</remarks>
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
            Define(inst, Masked(true, () =>
            {
                var old = LoadAtomic(place);
                StoreAtomic(place, Changed(operation, old, Wrapped(first, info.AccessBytes), last, info.Pushes[0] == ValType.I64));
                return old;
            }));
        }
    }

    /// <summary>A narrow access takes the low bytes of its operands; what is compared with zero-extended bytes must have zeros above them.</summary>
    private RegisterPair Wrapped(RegisterPair value, int bytes) => bytes switch
    {
        1 or 2 => _builder.ZeroExtend(_builder.And(value.Low, _builder.Constant((1 << (8 * bytes)) - 1))),
        4 => _builder.ZeroExtend(value.Low),
        _ => value,
    };

    private readonly record struct AtomicPlace((VReg Base, int Offset) Address, int Bytes);

    /// <summary>What memory holds afterwards, in its low bytes.</summary>
    private RegisterPair Changed(AtomicOperation operation, RegisterPair old, RegisterPair value, RegisterPair replacement, bool isWide)
    {
        RegisterPair Each(Func<VReg, VReg, VReg> combine) => new(combine(old.Low, value.Low), isWide ? combine(old.High, value.High) : new(-1));
        switch (operation)
        {
            case AtomicOperation.Add or AtomicOperation.Sub when isWide:
                return _builder.AddWide(old, value, subtract: operation == AtomicOperation.Sub);
            case AtomicOperation.Add:
                return Each(_builder.Add);
            case AtomicOperation.Sub:
                return Each(_builder.Sub);
            case AtomicOperation.And:
                return Each(_builder.And);
            case AtomicOperation.Or:
                return Each(_builder.Or);
            case AtomicOperation.Xor:
                return Each(_builder.Xor);
            case AtomicOperation.Exchange:
                return value;
            default:
                var isEqual = isWide ? _builder.SetIfWide(Condition.EQ, old, value) : _builder.SetIf(Condition.EQ, old.Low, value.Low);
                return new(_builder.Select(isEqual, replacement.Low, old.Low), isWide ? _builder.Select(isEqual, replacement.High, old.High) : new(-1));
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
