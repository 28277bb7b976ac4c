namespace Pulse.Build.Engine.Wasm;

/// <summary>Which immediates follow an opcode, and where <see cref="Instruction"/> keeps them (A, B and so on).</summary>
internal enum ImmediateKind
{
    None,

    /// <summary>A: the block type as its signed LEB128 (-64 empty, another negative a value type, else a type index).</summary>
    BlockType,

    /// <summary>A: the label's depth.</summary>
    Label,

    /// <summary>Labels: the depths, the default last.</summary>
    LabelTable,

    /// <summary>A: function index.</summary>
    Function,

    /// <summary>A: type index, B: table index.</summary>
    TypeTable,

    /// <summary>A: local index.</summary>
    Local,

    /// <summary>A: global index.</summary>
    Global,

    /// <summary>A: table index.</summary>
    Table,

    /// <summary>A: memory index, B: log2 of the alignment, Wide: offset.</summary>
    MemArg,

    /// <summary>As <see cref="MemArg"/>; the alignment must be the natural one.</summary>
    AtomicMemArg,

    /// <summary>As <see cref="MemArg"/>, High: the lane.</summary>
    MemArgLane,

    /// <summary>A: memory index.</summary>
    Memory,

    /// <summary>A: destination memory, B: source memory.</summary>
    MemoryMemory,

    /// <summary>A: data segment, B: memory.</summary>
    DataMemory,

    /// <summary>A: data segment.</summary>
    Data,

    /// <summary>A: element segment, B: table.</summary>
    ElementTable,

    /// <summary>A: element segment.</summary>
    Element,

    /// <summary>A: destination table, B: source table.</summary>
    TableTable,

    /// <summary>Wide: the bits, zero-extended.</summary>
    Const32,

    /// <summary>Wide: the bits.</summary>
    Const64,

    /// <summary>Wide: the bits, zero-extended.</summary>
    Float32,

    /// <summary>Wide: the bits.</summary>
    Float64,

    /// <summary>Wide: the lower 64 bits, High: the upper ones.</summary>
    Const128,

    /// <summary>Sixteen lanes, a byte each, the first in the lowest byte of Wide, the ninth in that of High.</summary>
    Shuffle,

    /// <summary>A: the lane.</summary>
    Lane,

    /// <summary>A zero byte, which stands for the only memory order.</summary>
    Fence,

    /// <summary>Labels: the value types' codes.</summary>
    SelectTypes,

    /// <summary>A: the heap type's code.</summary>
    HeapType,
}
