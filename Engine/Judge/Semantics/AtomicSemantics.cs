using System.Numerics;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Atomic operations as events of the world, like calls of the host: the same operation, on the same memory in the same state, with the same
/// operands, in the same order. After one, every shared memory may hold something else, since that is when another thread's writes are seen
/// (AX-SHARED). Alignment and bounds are checked exactly, in this order.
/// </summary>
internal sealed class AtomicSemantics(TermFactory factory, ModuleView view, MemorySemantics memory, TrapCollector traps)
{
    public Term? Apply(AtomicAccess access, FlowInstruction i, Term[] x, MachineState s, Term path)
    {
        if (access.Bytes == 0)
        {
            Event(i, [], Shared(), Shared(), s);
            return null;
        }

        if (access.Bytes > 1)
        {
            var low = factory.Extract(factory.AddConstant(x[0], i.First), BitOperations.Log2((uint)access.Bytes) - 1, 0);
            traps.Add(path, TrapKind.UnalignedAtomic, factory.Not(factory.Equal(low, factory.Constant(0, low.Width))), s.Parts);
        }

        var (part, address) = memory.Locate(i, x[0], access.Bytes, s, path);
        if (access.Waits && !view.Layout.Parts[part].Shared)
        {
            traps.Add(path, TrapKind.ExpectedSharedMemory, factory.True, s.Parts);
        }

        // A wait may never end, and then all that can be seen is as it was left.
        int[] seen = access.Waits ? [.. Enumerable.Range(1, s.Parts.Length - 1)] : [.. Shared().Union([part, part + 1])];
        int[] changed = view.Layout.Parts[part].Shared ? Shared() : access.Writes ? [part] : [];
        var application = Event(i, [address, .. x[1..]], seen, changed, s, part);
        return access.Result == InstructionRow.None ? null : factory.Result(application, 0, access.Result);
    }

    private Term Event(FlowInstruction i, Term[] operands, int[] seen, int[] changed, MachineState s, int memoryPart = 0)
    {
        var name = FormattableString.Invariant($"atomic:{i.Opcode & 0xFFFF:x}:{memoryPart}");
        var application = factory.Apply(name, [s.Parts[StateLayout.World], .. operands, .. seen.Select(p => s.Parts[p])]);
        foreach (var part in changed)
        {
            s.Set(part, factory.Result(application, 1 + part, s.Parts[part].Width, view.Layout.Parts[part].Bounds));
        }

        s.Set(StateLayout.World, factory.Result(application, 1 + StateLayout.World, Sort.Token));
        return application;
    }

    /// <summary>Shared memories and their sizes.</summary>
    private int[] Shared() => [.. view.Layout.Parts.Where(p => p.Shared).Select(p => p.Index)];
}
