using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>The imports that are instructions: one row each.</summary>
internal static class ChipOperations
{
    /// <summary>The package whose interfaces these are.</summary>
    public const string Package = "pulse:hal/";

    /// <summary>Semihosting operation that ends the program.</summary>
    public const int SysExit = 0x18;

    /// <summary>ADP_Stopped_ApplicationExit.</summary>
    public const int ApplicationExit = 0x20026;

    /// <summary>ADP_Stopped_RunTimeErrorUnknown.</summary>
    public const int RunTimeError = 0x20023;

    private static readonly (string Interface, string Name, MachineOp Op)[] Rows =
    [
        ("mmio",        "read8",              MachineOp.Load8U),
        ("mmio",        "read16",             MachineOp.Load16U),
        ("mmio",        "read32",             MachineOp.Load32),
        ("mmio",        "write8",             MachineOp.Store8),
        ("mmio",        "write16",            MachineOp.Store16),
        ("mmio",        "write32",            MachineOp.Store32),
        ("cpu",         "wfi",                MachineOp.Wfi),
        ("cpu",         "wfe",                MachineOp.Wfe),
        ("cpu",         "dmb",                MachineOp.Dmb),
        ("cpu",         "dsb",                MachineOp.Dsb),
        ("cpu",         "isb",                MachineOp.Isb),
        ("cpu",         "enable-interrupts",  MachineOp.EnableInterrupts),
        ("cpu",         "disable-interrupts", MachineOp.DisableInterrupts),
        ("semihosting", "call",               MachineOp.SemihostingCall),
        ("semihosting", "exit",               MachineOp.SemihostingCall),
    ];

    /// <summary>The operation that <paramref name="import"/> is, or null. A version after <c>@</c> is ignored.</summary>
    public static MachineOp? Find(Import import)
    {
        var name = import.Module.Split('@')[0];
        var row = Array.Find(Rows, row => name == Package + row.Interface && row.Name == import.Name);
        return row.Interface is null ? null : row.Op;
    }
}
