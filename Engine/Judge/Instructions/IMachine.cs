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
