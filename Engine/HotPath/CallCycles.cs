using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.HotPath;

/// <summary>
/// Cycles of the parts of a call on a Cortex-M3 with code in flash without wait states. A taken branch refills the pipeline in 1 to 3
/// cycles; 2 is the middle.
/// </summary>
/// <remarks>DDI 0337 "Processor instructions": BL and BX 1+P, PUSH and POP 1+N, a POP of the program counter 1+N+P.</remarks>
internal static class CallCycles
{
    public const int Branch = 3;

    /// <summary>BX LR, or what returns from a function that nothing is known of.</summary>
    public const int Return = 3;

    /// <summary>PUSH of one register and POP of the program counter: what a callee that nothing is known of is supposed to do.</summary>
    public const int UnknownFrame = 4;

    /// <summary>An indirect call compares the index, loads the entry and traps for the wrong one.</summary>
    public const int IndirectDispatch = 6;

    /// <summary>Saves or restores <paramref name="registers"/>.</summary>
    public static int Block(int registers) => 1 + registers;

    /// <summary>Restores <paramref name="registers"/>, the program counter among them.</summary>
    public static int BlockReturn(int registers) => Block(registers) + 2;

    /// <summary>The estimate without machine code: a move for each argument word in a register, the branch, a frame and the return.</summary>
    public static int Estimate(FuncType type, bool isIndirect)
    {
        var words = type.Parameters.Sum(parameter => parameter is ValType.I64 or ValType.F64 ? 2 : 1);
        return Branch + Return + UnknownFrame + Math.Min(words, 4) + (isIndirect ? IndirectDispatch : 0);
    }
}
