using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm;

// One type per index space; imports come first in each.

/// <summary>Index of a type.</summary>
internal readonly record struct TypeIndex(int Index) : IEntityId<TypeIndex>
{
    public static TypeIndex FromIndex(int index) => new(index);
}

/// <summary>Index of a function.</summary>
internal readonly record struct FuncIndex(int Index) : IEntityId<FuncIndex>
{
    public static FuncIndex FromIndex(int index) => new(index);
}

/// <summary>Index of a table.</summary>
internal readonly record struct TableIndex(int Index) : IEntityId<TableIndex>
{
    public static TableIndex FromIndex(int index) => new(index);
}

/// <summary>Index of a memory.</summary>
internal readonly record struct MemoryIndex(int Index) : IEntityId<MemoryIndex>
{
    public static MemoryIndex FromIndex(int index) => new(index);
}

/// <summary>Index of a global.</summary>
internal readonly record struct GlobalIndex(int Index) : IEntityId<GlobalIndex>
{
    public static GlobalIndex FromIndex(int index) => new(index);
}

/// <summary>Index of an element segment.</summary>
internal readonly record struct ElementIndex(int Index) : IEntityId<ElementIndex>
{
    public static ElementIndex FromIndex(int index) => new(index);
}

/// <summary>Index of a data segment.</summary>
internal readonly record struct DataIndex(int Index) : IEntityId<DataIndex>
{
    public static DataIndex FromIndex(int index) => new(index);
}

/// <summary>Index of a function's parameter or local.</summary>
internal readonly record struct LocalIndex(int Index) : IEntityId<LocalIndex>
{
    public static LocalIndex FromIndex(int index) => new(index);
}
