using Pulse.Build.Engine.Codegen.Emission;

namespace Pulse.Build.Engine.Firmware;

/// <summary>Symbols that the linker defines once memory is laid out; objects may refer to them.</summary>
internal static class LinkerSymbols
{
    public const string StackTop = "__stack_top";
    public const string StackLimit = "__stack_limit";
    /// <summary>The lowest stack pointer at the entry of the function that refers to it: each has its own, so the image has no such symbol.</summary>
    public const string StackGuard = FunctionEmitter.StackGuard;

    public const string DataStart = "__data_start";
    public const string DataEnd = "__data_end";

    /// <summary>What RAM starts with, as <see cref="Codegen.InitialValues"/> writes it.</summary>
    public const string InitialValues = "__initial_values";

    public const string BssStart = "__bss_start";
    public const string BssEnd = "__bss_end";

    /// <summary>What each region of RAM has; those that the project adds, with a number behind it.</summary>
    public static readonly string[] OfRegion = [DataStart, DataEnd, InitialValues, BssStart, BssEnd];

    public const string RamEnd = "__ram_end";

    /// <summary>The CRC behind the image, when the project wants one.</summary>
    public const string ImageCrc = "__image_crc";

    /// <summary>RAM that start-up leaves as it is, when the project keeps some.</summary>
    public const string NoInitStart = "__noinit_start";

    /// <summary>Its end, which is that of the chip's RAM.</summary>
    public const string NoInitEnd = "__noinit_end";

    public const string FlashEnd = "__flash_end";

    /// <summary>What a fault leaves at the top of the stack; not defined with <see cref="FaultAction.SemihostingExit"/>.</summary>
    public const string FaultRecord = "__pulse_fault";
}
