namespace Pulse.Build.Engine.Ir.Evaluation.Scalars;

/// <summary>Why a program trapped.</summary>
internal enum TrapKind
{
    None,
    Unreachable,
    IntegerDivideByZero,
    IntegerOverflow,
    InvalidConversion,
    OutOfBoundsMemory,
    OutOfBoundsTable,
    UninitialisedElement,
    IndirectCallTypeMismatch,
    StackExhausted,
    UnalignedAtomic,
    MemoryNotShared,
}
