using System.Numerics;
using Pulse.Build.Engine.Judge.Instructions;
using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Semantics;

/// <summary>
/// Atomic operations as events of the world, like calls of the host: the same operation, on the same memory in the same state, with the same
/// operands, in the same order. After one, every shared memory may hold something else, since that is when another thread's writes are seen
/// (AX-SHARED). Alignment and bounds are checked exactly, in this order.
/// </summary>
internal sealed partial class InstructionStepper
{
    public Term? Atomic(AtomicAccess access, FlowInstruction i, Term[] x)
    {
        if (access.Bytes == 0)
        {
            Event(i, [], SharedParts, SharedParts);
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
        int[] seen = access.Waits ? [.. Enumerable.Range(1, _state.Parts.Length - 1)] : [.. SharedParts.Union([part, part + 1])];
        int[] changed = view.Layout.Parts[part].Shared ? SharedParts : access.Writes ? [part] : [];
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
    private int[] SharedParts => [.. view.Layout.Parts.Where(p => p.Shared).Select(p => p.Index)];
}
