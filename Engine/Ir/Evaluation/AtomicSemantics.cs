using Pulse.Build.Engine.Ir.Evaluation.Scalars;
using Pulse.Build.Engine.Support;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>
/// Atomic accesses, wait and notify, as a program with one thread sees them: nobody waits, and nobody wakes who does.
/// </summary>
/// <remarks>Threads proposal, "Atomic Memory Accesses" and "Wait and Notify operators"</remarks>
internal static class AtomicSemantics
{
    private const int Widths = 7;

    /// <summary>What read-modify-write instructions write, in the order of their opcodes, from what is there and the operand.</summary>
    private static readonly Func<ulong, ulong, ulong>[] Written =
    [
        (there, x) => unchecked(there + x),
        (there, x) => unchecked(there - x),
        (there, x) => there & x,
        (there, x) => there | x,
        (there, x) => there ^ x,
        (_, x) => x,
    ];

    /// <summary>Runs <paramref name="inst"/>, of the threads proposal.</summary>
    public static void Run(Frame frame, Inst inst, OpcodeInfo row)
    {
        if (row.Opcode == Opcode.AtomicFence)
        {
            return;
        }

        if (unchecked(frame.Argument(inst, 0).Bits + frame.Function.ImmediatesOf(inst).Wide) % (ulong)row.AccessBytes != 0)
        {
            throw new TrapException(TrapKind.UnalignedAtomic);
        }

        var (memory, address) = Semantics.Access(frame, inst, row);
        switch (row.Opcode)
        {
            case Opcode.MemoryAtomicNotify:
                frame.SetResult(inst, 0);
                break;
            case Opcode.MemoryAtomicWait32 or Opcode.MemoryAtomicWait64:
                frame.SetResult(inst, Wait(memory, memory.Read(address, row.AccessBytes), frame.Argument(inst, 1).Bits, frame.Argument(inst, 2).AsI64));
                break;
            case >= Opcode.I32AtomicLoad and <= Opcode.I64AtomicLoad32U:
                frame.SetResult(inst, memory.Read(address, row.AccessBytes));
                break;
            case >= Opcode.I32AtomicStore and <= Opcode.I64AtomicStore32:
                memory.Write(address, row.AccessBytes, frame.Argument(inst, 1).Bits);
                break;
            case >= Opcode.I32AtomicRmwAdd and <= Opcode.I64AtomicRmw32CmpxchgU:
                frame.SetResult(inst, Exchange(frame, inst, row, memory, address));
                break;
            default:
                throw new InvariantException($"{row.Mnemonic} has no row in the evaluator");
        }
    }

    /// <summary>What is there before; a narrow comparison looks at as many bits of what is expected.</summary>
    private static ulong Exchange(Frame frame, Inst inst, OpcodeInfo row, MemoryInstance memory, ulong address)
    {
        var there = memory.Read(address, row.AccessBytes);
        var x = frame.Argument(inst, 1).Bits;
        if (row.Opcode < Opcode.I32AtomicRmwCmpxchg)
        {
            memory.Write(address, row.AccessBytes, Written[(row.Opcode - Opcode.I32AtomicRmwAdd) / Widths](there, x));
        }
        else if (there == (x & (ulong.MaxValue >> (64 - (8 * row.AccessBytes)))))
        {
            memory.Write(address, row.AccessBytes, frame.Argument(inst, 2).Bits);
        }

        return there;
    }

    /// <summary>1 when memory does not hold what is expected, 2 when the time is over: no other thread notifies.</summary>
    private static ulong Wait(MemoryInstance memory, ulong there, ulong expected, long nanoseconds)
    {
        if (!memory.Limits.Shared)
        {
            throw new TrapException(TrapKind.MemoryNotShared);
        }

        if (there != expected)
        {
            return 1;
        }

        return nanoseconds >= 0 ? 2UL : throw new EvaluationStoppedException(OutcomeKind.WaitsForever);
    }
}
