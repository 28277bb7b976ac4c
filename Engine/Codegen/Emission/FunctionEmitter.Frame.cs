using Pulse.Build.Engine.Codegen.RegisterAllocator;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Thumb;
using static Pulse.Build.Engine.Thumb.Instructions;

namespace Pulse.Build.Engine.Codegen.Emission;

/// <summary>Loads and stores of the frame. What an offset does not reach is reached by an index, which leaves the flags alone.</summary>
/// <example><code>ldr r0, [sp, #8404]   =>   movw r0, #8404; ldr.w r0, [sp, r0]</code></example>
internal sealed partial class FunctionEmitter
{
    private void LoadFrame(Register rd, int offset)
    {
        if (offset <= FrameLayout.Reach)
        {
            Put(Memory(Operation.Ldr, rd, Register.SP, offset));
            return;
        }

        PutDistance(rd, offset);
        Put(MemoryIndexed(Operation.Ldr, rd, Register.SP, rd, 0));
    }

    private void StoreFrame(Register rt, int offset)
    {
        if (offset <= FrameLayout.Reach)
        {
            Put(Memory(Operation.Str, rt, Register.SP, offset));
            return;
        }

        var far = _allocation.Far ?? throw new InvariantException("a function with a large frame has a register for distances");
        PutDistance(far, offset);
        Put(MemoryIndexed(Operation.Str, rt, Register.SP, far, 0));
    }

    private void PutDistance(Register rd, int distance)
    {
        Put(Move(rd, distance & 0xFFFF));
        if (distance > 0xFFFF)
        {
            Put(MoveTop(rd, distance >> 16));
        }
    }

    /// <summary>Loads a slot, unless some register has what is in it.</summary>
    private void LoadSlot(Register rd, int slot)
    {
        var found = _contents.Find(Location.At(slot), rd);
        if (found is null)
        {
            LoadFrame(rd, _frame.SlotOffset(slot));
        }
        else if (found != rd)
        {
            Put(Move(rd, found.Value));
        }

        _contents.Load(rd, Location.At(slot));
    }
}
