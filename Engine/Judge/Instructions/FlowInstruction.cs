namespace Pulse.Build.Engine.Judge.Instructions;

/// <summary>Opcodes of flow instructions: those that no wasm byte stands for, and those that others ask for by name.</summary>
internal static class FlowCode
{
    /// <summary>Output 0 becomes input 0: local.get, local.set, local.tee and values carried by branches.</summary>
    public const int Move = 0x1_0000;

    /// <summary>Output 0 becomes the immediate, <see cref="FlowInstruction.Second"/> bits wide.</summary>
    public const int Constant = 0x1_0001;

    /// <summary>Output 0 becomes the vector of the two immediates, the low half first.</summary>
    public const int Vector = 0x1_0002;

    /// <summary>The outputs become the results of a call; a tail call is one that says so.</summary>
    public const int Call = 0x10, CallIndirect = 0x11;
}

/// <summary>An instruction over numbered slots: the locals first, then one slot for each height of the operand stack.</summary>
/// <param name="Opcode">A wasm opcode or a <see cref="FlowCode"/>.</param>
/// <param name="Inputs">Slots read, in operand order.</param>
/// <param name="Outputs">Slots written.</param>
/// <param name="First">First immediate.</param>
/// <param name="Second">Second immediate.</param>
/// <param name="Site">Byte offset in the module, for reports.</param>
internal sealed record FlowInstruction(int Opcode, int[] Inputs, int[] Outputs, ulong First, ulong Second, int Site)
{
    /// <summary>The lane of a vector instruction that names one.</summary>
    public int Lane { get; init; }

    /// <summary>Whether it is a call that leaves nothing of its caller on the stack.</summary>
    public bool IsTail { get; init; }

    /// <summary>The call sites, outermost first, whose expansion brought the instruction here.</summary>
    public string Path { get; init; } = "";

    /// <summary>The instruction's place, unlike any other's in its graph.</summary>
    public string Place => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Path}/{Site:x}");
}
