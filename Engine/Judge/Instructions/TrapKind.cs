namespace Pulse.Build.Engine.Judge.Instructions;

/// <summary>Why an instruction traps: the causes that the specification's interpreter tells apart. Which one it is, is observed.</summary>
internal enum TrapKind
{
    Unreachable, IntegerDivideByZero, IntegerOverflow, InvalidConversionToInteger, OutOfBoundsMemoryAccess, OutOfBoundsTableAccess,

    /// <summary>Of call_indirect: no such slot, an empty slot, a function of another type.</summary>
    UndefinedElement, UninitializedElement, IndirectCallTypeMismatch,

    /// <summary>Of atomic instructions.</summary>
    UnalignedAtomic, ExpectedSharedMemory,
}
