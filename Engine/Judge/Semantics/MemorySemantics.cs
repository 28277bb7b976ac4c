using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Loads, stores, sizes and bulk operations on every memory of a module. An access of n bytes at a + offset traps when a + offset + n exceeds
/// the size in bytes, as whole numbers: 32-bit addresses are added in 64 bits, 64-bit ones are compared with what the size leaves.
/// </summary>
internal sealed class MemorySemantics(TermFactory factory, ModuleView view, TrapCollector traps, SharedAccess shared)
{
    public Term[] Load(FlowInstruction i, Term index, int count, int bytes, MachineState s, Term path)
    {
        var (part, address) = Locate(i, index, count * bytes, s, path);
        var contents = shared.Seen(part, index, i.First, factory.Constant((ulong)(count * bytes), 32), s);
        return [.. Enumerable.Range(0, count).Select(k => factory.Load(contents, factory.AddConstant(address, (ulong)(k * bytes)), bytes))];
    }

    public void Store(FlowInstruction i, Term index, Term[] values, MachineState s, Term path)
    {
        var bytes = values.Sum(v => v.Width) / 8;
        var (part, address) = Locate(i, index, bytes, s, path);
        foreach (var value in values)
        {
            s.Set(part, factory.Store(s.Parts[part], address, value.Width / 8, value));
            address = factory.AddConstant(address, (ulong)value.Width / 8);
        }

        shared.Wrote(part, index, i.First, factory.Constant((ulong)bytes, 32), s);
    }

    public Term Size(ulong memory, MachineState s) => s.Parts[Part(memory) + 1];

    public void Fill(ulong memory, Term to, Term value, Term length, MachineState s, Term path)
    {
        var part = Part(memory);
        CheckRange(part, to, length, s, path);
        s.Set(part, factory.Fill(s.Parts[part], to, value, length));
        shared.Wrote(part, to, 0, length, s);
    }

    public void Copy(ulong target, ulong source, Term to, Term from, Term length, MachineState s, Term path)
    {
        var (part, origin) = (Part(target), Part(source));
        CheckRange(origin, from, length, s, path);
        CheckRange(part, to, length, s, path);
        var seen = shared.Seen(origin, from, 0, length, s);
        s.Set(part, factory.Copy(s.Parts[part], seen, to, from, length));
        shared.Wrote(part, to, 0, length, s);
    }

    /// <summary>The memory and the address of an access, once the trap of one that lies outside has been noted.</summary>
    public (int Part, Term Address) Locate(FlowInstruction i, Term index, int bytes, MachineState s, Term path)
    {
        var part = Part(i.Second);
        traps.Add(path, TrapKind.OutOfBoundsMemoryAccess, Outside(part, index, (UInt128)i.First + (uint)bytes, s), s.Parts);
        return (part, factory.AddConstant(index, i.First));
    }

    /// <summary>The old size or -1. Whether growth succeeds is an event of the world; where it does, the size is the sum, within the limit.</summary>
    public Term Grow(ulong index, Term delta, MachineState s)
    {
        var memory = Part(index);
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

    public void Initialize(ulong data, ulong memory, Term to, Term from, Term count, MachineState s, Term path)
    {
        var segment = view.Module.Data[(int)data];
        var part = Part(memory);
        var length = view.DataParts[segment.Index] is var known and >= 0 ? s.Parts[known]
            : factory.Constant(segment.Mode == SegmentMode.Passive ? (ulong)segment.Bytes.Length : 0, 32);
        var end = factory.Add(factory.ZeroExtend(from, 64), factory.ZeroExtend(count, 64));
        traps.Add(path, TrapKind.OutOfBoundsMemoryAccess, factory.LessUnsigned(factory.ZeroExtend(length, 64), end), s.Parts);
        CheckRange(part, to, count, s, path);
        s.Set(part, factory.Copy(s.Parts[part], factory.Variable(view.DataNames[segment.Index], Sort.Memory), to, from, count));
        shared.Wrote(part, to, 0, count, s);
    }

    public void Drop(ulong data, MachineState s)
    {
        var part = view.DataParts[(int)data];
        InvariantException.Require(part >= 0, "a dropped segment has no length in the state");
        s.Set(part, factory.Constant(0, 32));
    }

    /// <summary>Whether some of the <paramref name="reach"/> bytes from an address lie outside.</summary>
    private Term Outside(int memory, Term address, UInt128 reach, MachineState s)
        => reach > (address.Width == 64 ? 1UL << 62 : 1UL << 33) ? factory.True // larger than any memory
            : Outside(memory, address, factory.Constant((ulong)reach, 64), s);

    private Term Outside(int memory, Term address, Term reach, MachineState s)
    {
        var limit = Limit(memory, s);
        return address.Width == 64
            ? factory.Either(factory.LessUnsigned(limit, reach), factory.LessUnsigned(factory.Subtract(limit, reach), address))
            : factory.LessUnsigned(limit, factory.Add(factory.ZeroExtend(address, 64), reach));
    }

    private void CheckRange(int memory, Term start, Term length, MachineState s, Term path)
        => traps.Add(path, TrapKind.OutOfBoundsMemoryAccess, Outside(memory, start, factory.ZeroExtend(length, 64), s), s.Parts);

    /// <summary>The size in bytes, in 64 bits.</summary>
    private Term Limit(int memory, MachineState s)
        => factory.Multiply(factory.ZeroExtend(s.Parts[memory + 1], 64), factory.Constant(1UL << view.Layout.Parts[memory].PageSizeLog2, 64));

    private int Part(ulong memory) => view.MemoryParts[memory] is var part and >= 0 ? part
        : throw new UnmodelledException($"memory {memory}, which the other module lacks or which is too large");
}
