using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.Plan;
using Pulse.Build.Engine.Ir;
using Pulse.Build.Engine.Thumb;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>Instructions on whole memories and data segments.</summary>
internal sealed partial class FunctionLowering
{
    private void LowerBulk(Inst inst)
    {
        var immediates = _function.ImmediatesOf(inst);
        switch (OpcodeOf(inst))
        {
            case Opcode.MemorySize:
                Define(inst, _plan.Grows(immediates.A)
                    ? _builder.Lsr(SizeOf(immediates.A), PageBits)
                    : _builder.Constant((int)_plan.Module.Memories[immediates.A].Limits.Minimum));
                break;
            case Opcode.MemoryGrow:
                Define(inst, Grow(immediates.A, Argument(inst, 0)));
                break;
            case Opcode.MemoryCopy:
                CheckRange(immediates.A, Argument(inst, 0), Argument(inst, 2));
                CheckRange(immediates.B, Argument(inst, 1), Argument(inst, 2));
                CallRoutine(RuntimeRoutines.Copy, 0, MachineAddress(immediates.A, Argument(inst, 0)), MachineAddress(immediates.B, Argument(inst, 1)), Argument(inst, 2));
                break;
            case Opcode.MemoryFill:
                CheckRange(immediates.A, Argument(inst, 0), Argument(inst, 2));
                CallRoutine(RuntimeRoutines.Fill, 0, MachineAddress(immediates.A, Argument(inst, 0)), Argument(inst, 1), Argument(inst, 2));
                break;
            case Opcode.MemoryInit:
                Initialize(immediates.A, immediates.B, Argument(inst, 0), Argument(inst, 1), Argument(inst, 2));
                break;
            case Opcode.DataDrop:
                if (_plan.IsDropped(immediates.A))
                {
                    _builder.Store(MachineOp.Store32, _builder.Constant(0), _builder.Address(_plan.DataLengthSymbol(immediates.A)), 0);
                }

                break;
            default:
                throw Unsupported(inst, $"'{_function.InfoOf(inst).Mnemonic}'");
        }
    }

    private const int PageBits = 16;

    /// <summary>The bytes of a memory: a constant, unless it grows.</summary>
    private VReg SizeOf(int memory) => _plan.Grows(memory)
        ? _builder.Load(MachineOp.Load32, _builder.Address(_plan.MemorySizeSymbol(memory)), 0)
        : _builder.Constant(unchecked((int)_plan.InitialBytes(memory)));

    /// <summary>A memory grows into what was laid out for it; where that is what it starts with, growing by nothing works, by anything else does not.</summary>
    private VReg Grow(int memory, VReg delta)
    {
        if (!_plan.Grows(memory))
        {
            var pages = _builder.Constant((int)_plan.Module.Memories[memory].Limits.Minimum);
            return _builder.Select(_builder.Not(delta), pages, _builder.Constant(-1));
        }

        var size = SizeOf(memory);
        var old = _builder.Lsr(size, PageBits);
        var most = _builder.Constant((int)_plan.MostPages(memory));
        var fits = _builder.SetIf(Condition.LS, delta, _builder.Sub(most, old));
        var grown = _builder.Select(fits, _builder.Add(size, _builder.Lsl(delta, PageBits)), size);
        _builder.Store(MachineOp.Store32, grown, _builder.Address(_plan.MemorySizeSymbol(memory)), 0);
        return _builder.Select(fits, old, _builder.Constant(-1));
    }

    /// <summary>Copies a part of a data segment; one that took effect when the program started, or was dropped, has no bytes left.</summary>
    private void Initialize(int segment, int memory, VReg to, VReg from, VReg count)
    {
        CheckRange(memory, to, count);
        if (_plan.Options.Bounds == BoundsMode.Software)
        {
            var length = _plan.IsDropped(segment)
                ? _builder.Load(MachineOp.Load32, _builder.Address(_plan.DataLengthSymbol(segment)), 0)
                : _builder.Constant(_plan.SegmentBytes(segment));
            CheckInside(length, from, count);
        }

        if (_plan.SegmentBytes(segment) > 0)
        {
            CallRoutine(RuntimeRoutines.Copy, 0, MachineAddress(memory, to), _builder.Add(from, _builder.Address(_plan.DataSymbol(segment))), count);
        }
    }

    private VReg MachineAddress(int memory, VReg address) => _builder.Add(address, _builder.Address(ModulePlan.MemorySymbol(memory)));

    /// <summary>Traps unless <paramref name="length"/> bytes from <paramref name="start"/> are inside; nothing is written before.</summary>
    private void CheckRange(int memory, VReg start, VReg length)
    {
        if (_plan.Options.Bounds == BoundsMode.Software)
        {
            CheckInside(SizeOf(memory), start, length);
        }
    }

    private void CheckInside(VReg limit, VReg start, VReg length)
    {
        _builder.TrapIf(new MachineCondition(CompareKind.Cmp, Condition.HI, [length, limit]), TrapKind.MemoryBounds);
        _builder.TrapIf(new MachineCondition(CompareKind.Cmp, Condition.HI, [start, _builder.Sub(limit, length)]), TrapKind.MemoryBounds);
    }
}
