using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Accesses to linear memory: the bounds check, the machine address, the load or store.</summary>
/// <remarks>
/// The check is on the address that wasm forms; once it has passed, all machine arithmetic may wrap, since base + root + distance is the
/// same modulo 2^32 in whatever order it is added.
/// </remarks>
internal sealed partial class FunctionLowering
{
    private readonly BoundsFacts _facts;
    private readonly Dictionary<(VReg Root, int Memory), VReg> _bases = [];

    private void LowerAccess(Inst inst, OpcodeInfo info)
    {
        if ((info.Effects & Effects.Synchronizes) != 0)
        {
            CheckAlignment(inst, info);
        }

        if (_plan.Options.Bounds == BoundsMode.Software)
        {
            CheckBounds(inst, info);
        }

        var (bases, offset) = MachineAddress(inst);
        if ((info.Effects & Effects.Synchronizes) != 0)
        {
            LowerAtomic(inst, info, new AtomicPlace((bases, offset), info.AccessBytes));
        }
        else if (info.IsLoad)
        {
            LowerLoad(inst, info, bases, offset);
        }
        else
        {
            LowerStore(inst, info, bases, offset);
        }
    }

    private void CheckBounds(Inst inst, OpcodeInfo info)
    {
        var immediates = _function.ImmediatesOf(inst);
        var (root, addend) = _shapes.AddressOf(inst);
        var address = Argument(inst, 0);
        var limit = _plan.InitialBytes(immediates.A);
        var bytes = (long)immediates.Wide + info.AccessBytes;
        if (bytes <= limit && (_builder.FactsOf(address).UnsignedMax <= limit - bytes || _facts.Covers(root, immediates.A, addend, bytes)))
        {
            return;
        }

        var wanted = Math.Max(bytes, MergedExtent(inst, root, addend, immediates.A));
        bytes = wanted <= limit ? wanted : bytes;
        if (_plan.Grows(immediates.A))
        {
            CheckGrown(immediates.A, address, bytes);
        }
        else if (bytes > limit)
        {
            // Every address is outside.
            _builder.TrapIf(new MachineCondition(CompareKind.Cmp, Condition.HS, [address, _builder.Constant(0)]), TrapKind.MemoryBounds);
            TrapAlways(TrapKind.MemoryBounds);
            return;
        }
        else
        {
            _builder.TrapIf(
                new MachineCondition(CompareKind.Cmp, Condition.HI, [address, _builder.Constant(unchecked((int)(limit - bytes)))]),
                TrapKind.MemoryBounds);
        }

        _facts.Add(root, immediates.A, addend, bytes);
    }

    /// <summary>
    /// How many bytes from this address on the accesses need that will be executed after this one with nothing in between that anyone could
    /// observe: one check can speak for all of them, since where it fails one of them would trap.
    /// </summary>
    private long MergedExtent(Inst first, Value root, int addend, int memory)
    {
        var extent = 0L;
        for (var inst = first; inst.Exists; inst = _function.Next(inst))
        {
            var info = _function.InfoOf(inst);
            if (inst != first && (info.Effects & Effects.Synchronizes) != 0)
            {
                // Its alignment is looked at first.
                break;
            }

            if (info.AccessBytes > 0)
            {
                var (otherRoot, otherAddend) = _shapes.AddressOf(inst);
                var immediates = _function.ImmediatesOf(inst);
                var distance = (long)otherAddend - addend;
                if (otherRoot == root && immediates.A == memory && distance is >= 0 and < 65536)
                {
                    extent = Math.Max(extent, distance + (long)immediates.Wide + info.AccessBytes);
                }
            }

            if ((info.Effects & ~(Effects.ReadsMemory | Effects.ReadsGlobal | Effects.Traps)) != 0 || (info.AccessBytes == 0 && (info.Effects & Effects.Traps) != 0))
            {
                break;
            }
        }

        return extent;
    }

    /// <summary>The same for a memory whose size is a variable. What was inside once stays inside: memories do not shrink.</summary>
    private void CheckGrown(int memory, VReg address, long bytes)
    {
        if (bytes > _plan.MemoryBytes[memory])
        {
            TrapAlways(TrapKind.MemoryBounds);
            return;
        }

        var size = SizeOf(memory);
        if (bytes > _plan.InitialBytes(memory))
        {
            _builder.TrapIf(new MachineCondition(CompareKind.Cmp, Condition.LO, [size, _builder.Constant((int)bytes)]), TrapKind.MemoryBounds);
        }

        _builder.TrapIf(new MachineCondition(CompareKind.Cmp, Condition.HI, [address, _builder.Sub(size, _builder.Constant((int)bytes))]), TrapKind.MemoryBounds);
    }

    /// <summary>The trap of code that cannot go on; what follows it is dead but still has to be lowered.</summary>
    private void TrapAlways(TrapKind kind)
    {
        var zero = _builder.Append(MachineOp.Copy, 1, _builder.Constant(0)).Defs[0];
        _builder.TrapIf(new MachineCondition(CompareKind.Cmp, Condition.EQ, [zero, _builder.Constant(0)]), kind);
    }

    /// <summary>The machine address of an access: a register, or two to be added, and an offset.</summary>
    private (VReg Base, int Offset) MachineAddress(Inst inst)
    {
        var immediates = _function.ImmediatesOf(inst);
        var symbol = ModulePlan.MemorySymbol(immediates.A);
        var (root, addend) = _shapes.AddressOf(inst);
        var distance = unchecked(addend + (int)immediates.Wide);
        var register = Low(root);
        if (_builder.IsConstant(register, out var constant))
        {
            return (_builder.Address(symbol), unchecked(constant + distance));
        }

        if (distance is < -255 or > 4088 || _shapes.HasOneDistance(root, immediates.A))
        {
            return (_builder.Add(register, _builder.Address(symbol, distance)), 0);
        }

        return (BaseOf(register, immediates.A, symbol), distance);
    }

    /// <summary>The address of the memory plus a value; formed where the value is, when that is outside the loop of the access.</summary>
    private VReg BaseOf(VReg register, int memory, string symbol)
    {
        var home = _builder.BlockOf(register);
        if (home is null || home.LoopDepth >= _builder.Block.LoopDepth)
        {
            return _builder.Add(register, _builder.Address(symbol));
        }

        if (!_bases.TryGetValue((register, memory), out var found))
        {
            found = _builder.AddAtDefinition(register, _builder.Address(symbol), home);
            _bases.Add((register, memory), found);
        }

        return found;
    }

    private void LowerLoad(Inst inst, OpcodeInfo info, VReg address, int offset)
    {
        var op = info.Opcode switch
        {
            Opcode.I32Load8S or Opcode.I64Load8S => MachineOp.Load8S,
            Opcode.I32Load8U or Opcode.I64Load8U => MachineOp.Load8U,
            Opcode.I32Load16S or Opcode.I64Load16S => MachineOp.Load16S,
            Opcode.I32Load16U or Opcode.I64Load16U => MachineOp.Load16U,
            _ => MachineOp.Load32,
        };
        var low = _builder.Load(op, address, offset);
        if (info.Pushes[0] is ValType.I32 or ValType.F32)
        {
            Define(inst, low);
        }
        else if (info.Opcode is Opcode.I64Load or Opcode.F64Load)
        {
            Define(inst, new RegisterPair(low, _builder.Load(MachineOp.Load32, address, offset + 4)));
        }
        else
        {
            var signed = info.Opcode is Opcode.I64Load8S or Opcode.I64Load16S or Opcode.I64Load32S;
            Define(inst, signed ? _builder.SignExtend(low) : _builder.ZeroExtend(low));
        }
    }

    private void LowerStore(Inst inst, OpcodeInfo info, VReg address, int offset)
    {
        var value = WideArgument(inst, 1);
        var op = info.AccessBytes switch { 1 => MachineOp.Store8, 2 => MachineOp.Store16, _ => MachineOp.Store32 };
        _builder.Store(op, value.Low, address, offset);
        if (info.AccessBytes == 8)
        {
            _builder.Store(op, value.High, address, offset + 4);
        }
    }

    private void LowerGlobal(Inst inst)
    {
        var global = _function.ImmediatesOf(inst).A;
        var type = _plan.Module.Globals[global].Type;
        if (type is not (ValType.I32 or ValType.I64 or ValType.F32 or ValType.F64))
        {
            throw Unsupported(inst, $"a global of type {type.Name()}");
        }

        var isRead = OpcodeOf(inst) == Opcode.GlobalGet;
        if (isRead && _plan.GlobalConstant(global) is { } constant)
        {
            Define(inst, type.Bits() == 64 ? _builder.Wide(constant) : new RegisterPair(_builder.Constant(unchecked((int)constant)), new(-1)));
            return;
        }

        var address = _builder.Address(ModulePlan.GlobalSymbol(global));
        if (isRead)
        {
            var low = _builder.Load(MachineOp.Load32, address, 0);
            Define(inst, new RegisterPair(low, type.Bits() == 64 ? _builder.Load(MachineOp.Load32, address, 4) : new(-1)));
        }
        else
        {
            var value = WideArgument(inst, 0);
            _builder.Store(MachineOp.Store32, value.Low, address, 0);
            if (type.Bits() == 64)
            {
                _builder.Store(MachineOp.Store32, value.High, address, 4);
            }
        }
    }
}
