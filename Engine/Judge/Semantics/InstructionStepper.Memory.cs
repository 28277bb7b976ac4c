using System.Numerics;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Loads, stores, sizes and bulk operations on every memory of a module. An access of n bytes at a + offset traps when a + offset + n exceeds
/// the size in bytes, as whole numbers: 32-bit addresses are added in 64 bits, 64-bit ones are compared with what the size leaves.
/// </summary>
internal sealed partial class InstructionStepper
{
    public Term[] Load(FlowInstruction i, Term index, int count, int bytes)
    {
        var (part, address) = Locate(i, index, count * bytes);
        var contents = Seen(part, index, i.First, Terms.Constant((ulong)(count * bytes), 32));
        return [.. Enumerable.Range(0, count).Select(k => Terms.Load(contents, Terms.AddConstant(address, (ulong)(k * bytes)), bytes))];
    }

    public void Store(FlowInstruction i, Term index, params Term[] values)
    {
        var bytes = values.Sum(v => v.Width) / 8;
        var (part, address) = Locate(i, index, bytes);
        foreach (var value in values)
        {
            _state.Set(part, Terms.Store(_state.Parts[part], address, value.Width / 8, value));
            address = Terms.AddConstant(address, (ulong)value.Width / 8);
        }

        Wrote(part, index, i.First, Terms.Constant((ulong)bytes, 32));
    }

    public Term Size(ulong memory) => _state.Parts[MemoryPart(memory) + 1];

    public void Fill(ulong memory, Term to, Term value, Term length)
    {
        var part = MemoryPart(memory);
        CheckRange(part, to, length);
        _state.Set(part, Terms.Fill(_state.Parts[part], to, value, length));
        Wrote(part, to, 0, length);
    }

    public void Copy(ulong target, ulong source, Term to, Term from, Term length)
    {
        var (part, origin) = (MemoryPart(target), MemoryPart(source));
        CheckRange(origin, from, length);
        CheckRange(part, to, length);
        var seen = Seen(origin, from, 0, length);
        _state.Set(part, Terms.Copy(_state.Parts[part], seen, to, from, length));
        Wrote(part, to, 0, length);
    }

    /// <summary>The memory and the address of an access, once the trap of one that lies outside has been noted.</summary>
    private (int Part, Term Address) Locate(FlowInstruction i, Term index, int bytes)
    {
        var part = MemoryPart(i.Second);
        Trap(TrapKind.OutOfBoundsMemoryAccess, Outside(part, index, (UInt128)i.First + (uint)bytes));
        return (part, Terms.AddConstant(index, i.First));
    }

    /// <summary>The old size or -1. Whether growth succeeds is an event of the world; where it does, the size is the sum, within the limit.</summary>
    public Term Grow(ulong index, Term delta)
    {
        var memory = MemoryPart(index);
        var size = _state.Parts[memory + 1];
        var attempt = Terms.Apply("memory.grow:" + memory, World, size, delta);
        var most = view.Layout.Parts[memory + 1].High;
        var fits = size.Width == 64
            ? Terms.Not(Terms.LessUnsigned(Terms.Subtract(Terms.Constant(most, 64), size), delta))
            : Terms.Not(Terms.LessUnsigned(Terms.Constant(most, 64), Terms.Add(Terms.ZeroExtend(size, 64), Terms.ZeroExtend(delta, 64))));
        var succeeds = Terms.Both(Terms.Result(attempt, 0, Sort.Bool), fits);
        Happens(Terms.Result(attempt, 1, Sort.Token));
        _state.Set(memory + 1, Terms.IfThenElse(succeeds, Terms.Add(size, delta), size));
        return Terms.IfThenElse(succeeds, size, Terms.Constant(ulong.MaxValue, size.Width));
    }

    public void Initialize(ulong data, ulong memory, Term to, Term from, Term count)
    {
        var segment = view.Module.Data[(int)data];
        var part = MemoryPart(memory);
        var length = view.DataParts[segment.Index] is var known and >= 0 ? _state.Parts[known]
            : Terms.Constant(segment.Mode == SegmentMode.Passive ? (ulong)segment.Bytes.Length : 0, 32);
        var end = Terms.Add(Terms.ZeroExtend(from, 64), Terms.ZeroExtend(count, 64));
        Trap(TrapKind.OutOfBoundsMemoryAccess, Terms.LessUnsigned(Terms.ZeroExtend(length, 64), end));
        CheckRange(part, to, count);
        _state.Set(part, Terms.Copy(_state.Parts[part], Terms.Variable(view.DataNames[segment.Index], Sort.Memory), to, from, count));
        Wrote(part, to, 0, count);
    }

    public void DropData(ulong data)
    {
        var part = view.DataParts[(int)data];
        InvariantException.Require(part >= 0, "a dropped segment has no length in the state");
        _state.Set(part, Terms.Constant(0, 32));
    }

    /// <summary>Whether some of the <paramref name="reach"/> bytes from an address lie outside.</summary>
    private Term Outside(int memory, Term address, UInt128 reach)
        => reach > (address.Width == 64 ? 1UL << 62 : 1UL << 33) ? Terms.True // larger than any memory
            : Outside(memory, address, Terms.Constant((ulong)reach, 64));

    private Term Outside(int memory, Term address, Term reach)
    {
        var limit = Limit(memory);
        return address.Width == 64
            ? Terms.Either(Terms.LessUnsigned(limit, reach), Terms.LessUnsigned(Terms.Subtract(limit, reach), address))
            : Terms.LessUnsigned(limit, Terms.Add(Terms.ZeroExtend(address, 64), reach));
    }

    private void CheckRange(int memory, Term start, Term length)
        => Trap(TrapKind.OutOfBoundsMemoryAccess, Outside(memory, start, Terms.ZeroExtend(length, 64)));

    /// <summary>The size in bytes, in 64 bits.</summary>
    private Term Limit(int memory)
        => Terms.Multiply(Terms.ZeroExtend(_state.Parts[memory + 1], 64), Terms.Constant(1UL << view.Layout.Parts[memory].PageSizeLog2, 64));

    private int MemoryPart(ulong memory) => view.MemoryParts[memory] is var part and >= 0 ? part
        : throw new UnmodelledException($"memory {memory}, which the other module lacks or which is too large");

    // Atomic operations as events of the world, like calls of the host: the same operation, on the same memory in the same state, with the same
    // operands, in the same order. After one, every shared memory may hold something else, since that is when another thread's writes are seen
    // (AX-SHARED). Alignment and bounds are checked exactly, in this order.
    public Term? Atomic(AtomicAccess access, FlowInstruction i, Term[] x)
    {
        if (access.Bytes == 0)
        {
            Event(i, [], AdapterRuntime, AdapterRuntime);
            return null;
        }

        if (access.Bytes > 1)
        {
            var low = Terms.Extract(Terms.AddConstant(x[0], i.First), BitOperations.Log2((uint)access.Bytes) - 1, 0);
            Trap(TrapKind.UnalignedAtomic, Terms.Not(Terms.Equal(low, Terms.Constant(0, low.Width))));
        }

        var (part, address) = Locate(i, x[0], access.Bytes);
        if (access.Waits && !view.Layout.Parts[part].Shared)
        {
            Trap(TrapKind.ExpectedSharedMemory, Terms.True);
        }

        // A wait may never end, and then all that can be seen is as it was left.
        int[] seen = access.Waits ? [.. Enumerable.Range(1, _state.Parts.Length - 1)] : [.. AdapterRuntime.Union([part, part + 1])];
        int[] changed = view.Layout.Parts[part].Shared ? AdapterRuntime : access.Writes ? [part] : [];
        var application = Event(i, [address, .. x[1..]], seen, changed, part);
        return access.Result == InstructionRow.None ? null : Terms.Result(application, 0, access.Result);
    }

    private Term Event(FlowInstruction i, Term[] operands, int[] seen, int[] changed, int memoryPart = 0)
    {
        var name = FormattableString.Invariant($"atomic:{i.Opcode & 0xFFFF:x}:{memoryPart}");
        var application = Terms.Apply(name, [World, .. operands, .. seen.Select(p => _state.Parts[p])]);
        foreach (var part in changed)
        {
            _state.Set(part, Terms.Result(application, 1 + part, _state.Parts[part].Width, view.Layout.Parts[part].Bounds));
        }

        Happens(Terms.Result(application, 1 + StateLayout.World, Sort.Token));
        return application;
    }

    /// <summary>Shared memories and their sizes.</summary>
    private int[] AdapterRuntime => [.. view.Layout.Parts.Where(p => p.Shared).Select(p => p.Index)];
}
