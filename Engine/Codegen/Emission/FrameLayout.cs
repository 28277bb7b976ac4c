using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Codegen.RegisterAllocator;
using Pulse.Build.Engine.Thumb;

namespace Pulse.Build.Engine.Codegen.Emission;

/// <summary>
/// The stack of a function, from high to low addresses: arguments that came on the stack, saved registers, slots of spilled values,
/// arguments of calls.
/// </summary>
internal sealed class FrameLayout
{
    /// <summary>The largest offset of a load or a store from the stack pointer.</summary>
    public const int Reach = 4095;

    /// <summary>Lays out the frame of an allocated function.</summary>
    public FrameLayout(MachineFunction function, Allocation allocation, bool alignForCalls)
    {
        var insts = function.Blocks.SelectMany(block => block.Insts).ToList();
        var calls = insts.Exists(inst => inst.Op is MachineOp.Call or MachineOp.CallRegister);
        var saved = calls ? RegisterList.Of(Register.LR) : default;
        saved = allocation.Far is { } far ? saved.With(far) : saved;
        foreach (var inst in insts)
        {
            foreach (var def in inst.Defs.Where(def => allocation[def].IsRegister))
            {
                saved = Save(saved, allocation[def].Register);
            }
        }

        foreach (var parameter in function.Blocks.SelectMany(block => block.Parameters).Where(parameter => allocation[parameter].IsRegister))
        {
            saved = Save(saved, allocation[parameter].Register);
        }

        Saved = saved;
        LocalBytes = allocation.Slots * 4 + function.OutgoingBytes;
        _slots = function.OutgoingBytes;
        if (calls && alignForCalls && ((saved.Count * 4 + LocalBytes) & 7) != 0)
        {
            LocalBytes += 4;
        }
    }

    private readonly int _slots;

    /// <summary>Registers that are pushed, lr among them when the function calls.</summary>
    public RegisterList Saved { get; }

    /// <summary>Bytes below the saved registers.</summary>
    public int LocalBytes { get; }

    /// <summary>Bytes of stack that the function itself takes.</summary>
    public int TotalBytes => LocalBytes + Saved.Count * 4;

    /// <summary>Offset of a slot from the stack pointer.</summary>
    public int SlotOffset(int slot) => _slots + slot * 4;

    /// <summary>Offset from the stack pointer of a byte of the arguments that came on the stack.</summary>
    public int IncomingOffset(int offset) => TotalBytes + offset;

    private static RegisterList Save(RegisterList saved, Register register) =>
        register is >= Register.R4 and <= Register.R11 or Register.LR ? saved.With(register) : saved;
}
