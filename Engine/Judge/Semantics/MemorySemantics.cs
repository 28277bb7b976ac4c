using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Loads, stores, sizes and bulk operations on every memory of a module. An access of n bytes at a + offset traps when a + offset + n exceeds
/// the size in bytes, as whole numbers: 32-bit addresses are added in 64 bits, 64-bit ones are compared with what the size leaves.
/// </summary>
internal sealed class MemorySemantics(TermFactory factory, ModuleView view, TrapCollector traps, SharedAccess shared)
{
    /// <summary>Whether the instruction is one of these; then it has been applied.</summary>
    public bool Step(FlowInstruction i, Term[] x, MachineState s, Term path)
    {
        if (InstructionTable.TryAccess(i.Opcode, out var access))
        {
            Access(i, access, x, s, path);
            return true;
        }

        switch (i.Opcode)
        {
            case 0x3F:
                s.Slots[i.Outputs[0]] = s.Parts[Part(i.First) + 1];
                return true;
            case 0x40:
                s.Slots[i.Outputs[0]] = Grow(Part(i.First), x[0], s);
                return true;
            case 0xFC0008:
                Initialize(i, x, s, path);
                return true;
            case 0xFC0009:
                Drop((int)i.First, s);
                return true;
            case 0xFC000A:
                var (to, from) = (Part(i.First), Part(i.Second));
                CheckRange(from, x[1], x[2], s, path);
                CheckRange(to, x[0], x[2], s, path);
                var source = shared.Seen(from, x[1], 0, x[2], s);
                s.Set(to, factory.Copy(s.Parts[to], source, x[0], x[1], x[2]));
                shared.Wrote(to, x[0], 0, x[2], s);
                return true;
            case 0xFC000B:
                var part = Part(i.First);
                CheckRange(part, x[0], x[2], s, path);
                s.Set(part, factory.Fill(s.Parts[part], x[0], x[1], x[2]));
                shared.Wrote(part, x[0], 0, x[2], s);
                return true;
            default:
                return false;
        }
    }

    private void Access(FlowInstruction i, AccessRow row, Term[] x, MachineState s, Term path)
    {
        var (part, address) = Locate(i, x[0], row.Bytes, s, path);
        var length = factory.Constant((ulong)row.Bytes, 32);
        if (row.IsStore)
        {
            s.Set(part, factory.Store(s.Parts[part], address, row.Bytes, factory.Extract(x[1], 8 * row.Bytes - 1, 0)));
            shared.Wrote(part, x[0], i.First, length, s);
            return;
        }

        var value = factory.Load(shared.Seen(part, x[0], i.First, length, s), address, row.Bytes);
        s.Slots[i.Outputs[0]] = row.Signed ? factory.SignExtend(value, row.Width) : factory.ZeroExtend(value, row.Width);
    }

    /// <summary>The memory and the address of an access, once the trap of one that lies outside has been noted.</summary>
    public (int Part, Term Address) Locate(FlowInstruction i, Term index, int bytes, MachineState s, Term path)
    {
        var part = Part(i.Second);
        traps.Add(path, TrapKind.OutOfBoundsMemoryAccess, Outside(part, index, (UInt128)i.First + (uint)bytes, s), s.Parts);
        return (part, factory.AddConstant(index, i.First));
    }

    /// <summary>The old size or -1. Whether growth succeeds is an event of the world; where it does, the size is the sum, within the limit.</summary>
    private Term Grow(int memory, Term delta, MachineState s)
    {
        var size = s.Parts[memory + 1];
        var world = s.Parts[StateLayout.World];
        var attempt = factory.Apply("memory.grow:" + memory, world, size, delta);
        var most = view.Layout.Parts[memory + 1].High;
        var fits = size.Width == 64
            ? factory.Not(factory.LessUnsigned(factory.Subtract(factory.Constant(most, 64), size), delta))
            : factory.Not(factory.LessUnsigned(factory.Constant(most, 64), factory.Add(factory.ZeroExtend(size, 64), factory.ZeroExtend(delta, 64))));
        var succeeds = factory.Both(factory.Result(attempt, 0, Sort.Bool), fits);
        s.Set(StateLayout.World, factory.Result(attempt, 1, Sort.Token));
        s.Set(memory + 1, factory.IfThenElse(succeeds, factory.Add(size, delta), size));
        return factory.IfThenElse(succeeds, size, factory.Constant(ulong.MaxValue, size.Width));
    }

    private void Initialize(FlowInstruction i, Term[] x, MachineState s, Term path)
    {
        var segment = Segment((int)i.First);
        var part = Part(i.Second);
        var length = view.DataParts[segment.Index] is var known and >= 0 ? s.Parts[known]
            : factory.Constant(segment.Mode == SegmentMode.Passive ? (ulong)segment.Bytes.Length : 0, 32);
        var end = factory.Add(factory.ZeroExtend(x[1], 64), factory.ZeroExtend(x[2], 64));
        traps.Add(path, TrapKind.OutOfBoundsMemoryAccess, factory.LessUnsigned(factory.ZeroExtend(length, 64), end), s.Parts);
        CheckRange(part, x[0], x[2], s, path);
        s.Set(part, factory.Copy(s.Parts[part], factory.Variable(view.DataNames[segment.Index], Sort.Memory), x[0], x[1], x[2]));
        shared.Wrote(part, x[0], 0, x[2], s);
    }

    private void Drop(int index, MachineState s)
    {
        var segment = Segment(index);
        InvariantException.Require(view.DataParts[segment.Index] >= 0, "a dropped segment has no length in the state");
        s.Set(view.DataParts[segment.Index], factory.Constant(0, 32));
    }

    private DataSegment Segment(int index)
        => index < view.Module.Data.Count ? view.Module.Data[index] : throw new UnmodelledException("invalid code: data index out of range");

    /// <summary>Whether some of the <paramref name="reach"/> bytes from an address lie outside.</summary>
    private Term Outside(int memory, Term address, UInt128 reach, MachineState s)
    {
        if (reach > (address.Width == 64 ? 1UL << 62 : 1UL << 33))
        {
            return factory.True; // larger than any memory
        }

        var limit = Limit(memory, s);
        var length = factory.Constant((ulong)reach, 64);
        return address.Width == 64
            ? factory.Either(factory.LessUnsigned(limit, length), factory.LessUnsigned(factory.Subtract(limit, length), address))
            : factory.LessUnsigned(limit, factory.Add(factory.ZeroExtend(address, 64), length));
    }

    private void CheckRange(int memory, Term start, Term length, MachineState s, Term path)
    {
        var (limit, bytes) = (Limit(memory, s), factory.ZeroExtend(length, 64));
        traps.Add(path, TrapKind.OutOfBoundsMemoryAccess, start.Width == 64
            ? factory.Either(factory.LessUnsigned(limit, bytes), factory.LessUnsigned(factory.Subtract(limit, bytes), start))
            : factory.LessUnsigned(limit, factory.Add(factory.ZeroExtend(start, 64), bytes)), s.Parts);
    }

    /// <summary>The size in bytes, in 64 bits.</summary>
    private Term Limit(int memory, MachineState s)
        => factory.Multiply(factory.ZeroExtend(s.Parts[memory + 1], 64), factory.Constant(1UL << view.Layout.Parts[memory].PageSizeLog2, 64));

    private int Part(ulong memory)
    {
        if (memory >= (ulong)view.MemoryParts.Length)
        {
            throw new UnmodelledException("invalid code: memory index out of range");
        }

        var part = view.MemoryParts[(int)memory];
        return part >= 0 ? part : throw new UnmodelledException($"memory {memory}, which the other module lacks or which is too large");
    }
}
