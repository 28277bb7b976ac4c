using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Lowering;

/// <summary>How a function of <see cref="ChipRegisters"/> uses its register.</summary>
internal enum RegisterUse
{
    /// <summary>Gives its value.</summary>
    Read,

    /// <summary>Writes zero.</summary>
    Clear,

    /// <summary>Writes the bit of an interrupt, in the row of words that begins here.</summary>
    Bit,

    /// <summary>The same, and waits until it holds.</summary>
    BitNow,

    /// <summary>Writes the byte of an interrupt, in the row of bytes that begins here.</summary>
    Byte,

    /// <summary>Sets reload value and count behind it, then itself to <see cref="ChipRegisters.TimerOn"/>.</summary>
    StartTimer,
}

/// <summary>The imports that are accesses to registers of the processor: one row each.</summary>
internal static class ChipRegisters
{
    /// <summary>SysTick counts the processor's clock and interrupts.</summary>
    public const int TimerOn = 7;

    private static readonly (string Interface, string Name, int Parameters, int Results, RegisterUse Use, uint Address)[] Rows =
    [
        ("nvic",    "enable",        1, 0, RegisterUse.Bit,        0xE000_E100),
        ("nvic",    "disable",       1, 0, RegisterUse.BitNow,     0xE000_E180),
        ("nvic",    "pend",          1, 0, RegisterUse.Bit,        0xE000_E200),
        ("nvic",    "clear-pending", 1, 0, RegisterUse.Bit,        0xE000_E280),
        ("nvic",    "set-priority",  2, 0, RegisterUse.Byte,       0xE000_E400),
        ("systick", "start",         1, 0, RegisterUse.StartTimer, 0xE000_E010),
        ("systick", "stop",          0, 0, RegisterUse.Clear,      0xE000_E010),
        ("systick", "current",       0, 1, RegisterUse.Read,       0xE000_E018),
    ];

    /// <summary>The use and the address that <paramref name="import"/> of <paramref name="type"/> is, or null.</summary>
    public static (RegisterUse Use, int Address)? Find(Import import, FuncType type)
    {
        var row = Array.Find(Rows, row => TargetIntrinsics.IsOf(import, type, row.Interface, row.Name, row.Parameters, row.Results));
        return row.Name is null ? null : (row.Use, unchecked((int)row.Address));
    }
}
