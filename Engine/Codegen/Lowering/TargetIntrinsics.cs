using Pulse.Build.Engine.Codegen.Machine;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>The imports that are instructions: one row each.</summary>
internal static class TargetIntrinsics
{
    /// <summary>The package whose interfaces these are.</summary>
    public const string Package = "pulse:hal/";

    /// <summary>Semihosting operation that ends the program.</summary>
    public const int SysExit = 0x18;

    /// <summary>ADP_Stopped_ApplicationExit.</summary>
    public const int ApplicationExit = 0x20026;

    /// <summary>ADP_Stopped_RunTimeErrorUnknown.</summary>
    public const int RunTimeError = 0x20023;

    /// <summary>Parameters and results are i32, so many of each.</summary>
    private static readonly (string Interface, string Name, int Parameters, int Results, MachineOp Op)[] Rows =
    [
        ("mmio",        "read8",              1, 1, MachineOp.Load8U),
        ("mmio",        "read16",             1, 1, MachineOp.Load16U),
        ("mmio",        "read32",             1, 1, MachineOp.Load32),
        ("mmio",        "write8",             2, 0, MachineOp.Store8),
        ("mmio",        "write16",            2, 0, MachineOp.Store16),
        ("mmio",        "write32",            2, 0, MachineOp.Store32),
        ("cpu",         "wfi",                0, 0, MachineOp.Wfi),
        ("cpu",         "wfe",                0, 0, MachineOp.Wfe),
        ("cpu",         "sev",                0, 0, MachineOp.Sev),
        ("cpu",         "nop",                0, 0, MachineOp.Nop),
        ("cpu",         "dmb",                0, 0, MachineOp.Dmb),
        ("cpu",         "dsb",                0, 0, MachineOp.Dsb),
        ("cpu",         "isb",                0, 0, MachineOp.Isb),
        ("cpu",         "enable-interrupts",  0, 0, MachineOp.EnableInterrupts),
        ("cpu",         "disable-interrupts", 0, 0, MachineOp.DisableInterrupts),
        ("cpu",         "disable",            0, 1, MachineOp.ReadInterruptMask),
        ("cpu",         "restore",            1, 0, MachineOp.WriteInterruptMask),
        ("cpu",         "reset",              0, 0, MachineOp.Call),
        ("semihosting", "call",               2, 1, MachineOp.SemihostingCall),
        ("semihosting", "exit",               1, 0, MachineOp.SemihostingCall),
    ];

    /// <summary>The operation that <paramref name="import"/> of <paramref name="type"/> is, or null.</summary>
    public static MachineOp? Find(Import import, FuncType type)
    {
        var row = Array.Find(Rows, row => IsOf(import, type, row.Interface, row.Name, row.Parameters, row.Results));
        return row.Name is null ? null : row.Op;
    }

    /// <summary>Whether <paramref name="import"/> is that function. A version after <c>@</c> is ignored.</summary>
    public static bool IsOf(Import import, FuncType type, string face, string name, int parameters, int results)
        => import.Name == name && import.Module.Split('@')[0] == Package + face
            && type.Parameters.Length == parameters && type.Results.Length == results && type.Parameters.Concat(type.Results).All(t => t == ValType.I32);
}
