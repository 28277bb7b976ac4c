using Pulse.Build.Engine.Smt.Terms;

namespace Pulse.Build.Engine.Judge.Instructions;

/// <summary>What a table instruction does.</summary>
internal enum TableOperation { Get, Set, Size, Grow, Fill, Copy, Initialize, Drop }

/// <summary>An atomic access to <paramref name="Bytes"/> bytes, which its address must be a multiple of.</summary>
/// <param name="Bytes">0: the fence, which accesses nothing.</param>
/// <param name="Result">Bits of what comes back; 0: nothing.</param>
/// <param name="Writes">Whether it may change the memory.</param>
/// <param name="Waits">Whether it waits, and so may never end.</param>
internal readonly record struct AtomicAccess(int Bytes, int Result, bool Writes, bool Waits = false);

/// <summary>What the meaning of an instruction speaks of: the state of a module instance. One machine is symbolic, another concrete.</summary>
internal interface IMachine
{
    TermFactory Terms { get; }

    /// <summary>The instruction stops here when the condition holds, with all that it has done so far visible.</summary>
    void Trap(TrapKind kind, Term condition);

    /// <summary><paramref name="count"/> numbers of <paramref name="bytes"/> bytes that lie one behind the other; traps when one lies outside.</summary>
    Term[] Load(FlowInstruction i, Term index, int count, int bytes);

    /// <summary>Writes numbers one behind the other; traps before it does when one lies outside.</summary>
    void Store(FlowInstruction i, Term index, params Term[] values);

    /// <summary>The size of a memory in pages.</summary>
    Term Size(ulong memory);

    /// <summary>The old size, or -1.</summary>
    Term Grow(ulong memory, Term delta);

    void Fill(ulong memory, Term to, Term value, Term length);

    void Copy(ulong target, ulong source, Term to, Term from, Term length);

    void Initialize(ulong data, ulong memory, Term to, Term from, Term length);

    void DropData(ulong data);

    Term ReadGlobal(ulong global);

    void WriteGlobal(ulong global, Term value);

    /// <summary>The result, if the operation has one.</summary>
    Term? OnTable(TableOperation operation, FlowInstruction i, Term[] x);

    /// <summary>A reference to a function.</summary>
    Term Reference(ulong function);

    /// <summary>The result, if the access has one.</summary>
    Term? Atomic(AtomicAccess access, FlowInstruction i, Term[] x);
}

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

/// <summary>Why an instruction traps: the causes that the specification's interpreter tells apart. Which one it is, is observed.</summary>
internal enum TrapKind
{
    Unreachable, IntegerDivideByZero, IntegerOverflow, InvalidConversionToInteger, OutOfBoundsMemoryAccess, OutOfBoundsTableAccess,

    /// <summary>Of call_indirect: no such slot, an empty slot, a function of another type.</summary>
    UndefinedElement, UninitializedElement, IndirectCallTypeMismatch,

    /// <summary>Of atomic instructions.</summary>
    UnalignedAtomic, ExpectedSharedMemory,
}
