namespace Pulse.Build.Engine.Wasm;

/// <summary>The index spaces of a module that instructions and segments refer to.</summary>
internal enum IndexSpace
{
    Type,
    Function,
    Table,
    Memory,
    Global,
    Element,
    Data,
}

/// <summary>Which of an instruction's immediates are indices, by the kind of its immediates: the one place that knows.</summary>
internal static class IndexImmediates
{
    /// <summary>The space of <see cref="Instruction.A"/>, or null. A block type is an index only when it is not negative.</summary>
    public static IndexSpace? First(ImmediateKind kind) => kind switch
    {
        ImmediateKind.BlockType or ImmediateKind.TypeTable => IndexSpace.Type,
        ImmediateKind.Function => IndexSpace.Function,
        ImmediateKind.Table or ImmediateKind.TableTable => IndexSpace.Table,
        ImmediateKind.Memory or ImmediateKind.MemoryMemory or ImmediateKind.MemArg or ImmediateKind.AtomicMemArg
            or ImmediateKind.MemArgLane => IndexSpace.Memory,
        ImmediateKind.Global => IndexSpace.Global,
        ImmediateKind.Data or ImmediateKind.DataMemory => IndexSpace.Data,
        ImmediateKind.Element or ImmediateKind.ElementTable => IndexSpace.Element,
        _ => null,
    };

    /// <summary>The space of <see cref="Instruction.B"/>, or null.</summary>
    public static IndexSpace? Second(ImmediateKind kind) => kind switch
    {
        ImmediateKind.TypeTable or ImmediateKind.TableTable or ImmediateKind.ElementTable => IndexSpace.Table,
        ImmediateKind.MemoryMemory or ImmediateKind.DataMemory => IndexSpace.Memory,
        _ => null,
    };
}
