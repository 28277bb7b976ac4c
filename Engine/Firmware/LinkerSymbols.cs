namespace Pulse.Build.Engine.Firmware;

/// <summary>Symbols that the linker defines once memory is laid out; objects may refer to them.</summary>
internal static class LinkerSymbols
{
    public const string StackTop = "__stack_top";
    public const string StackLimit = "__stack_limit";
    public const string DataStart = "__data_start";
    public const string DataEnd = "__data_end";
    public const string DataLoad = "__data_load";
    public const string BssStart = "__bss_start";
    public const string BssEnd = "__bss_end";
    public const string RamEnd = "__ram_end";
    public const string FlashEnd = "__flash_end";
}
