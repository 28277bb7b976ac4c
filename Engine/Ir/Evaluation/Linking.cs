using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Ir.Evaluation;

/// <summary>Matches what a module imports with what it is given.</summary>
/// <remarks>Core 3.0 #match-externtype</remarks>
internal static class Linking
{
    /// <summary>An imported function.</summary>
    public static FunctionInstance Function(Imports imports, Import import, FuncType type)
    {
        var function = imports.Get<FunctionInstance>(import);
        return function.Type.Equals(type) ? function : throw Imports.Incompatible(import);
    }

    /// <summary>A memory, imported or new.</summary>
    public static MemoryInstance Memory(Imports imports, ModuleMemory memory)
    {
        if (memory.Import is not { } import)
        {
            return new MemoryInstance(memory.Limits, memory.PageSizeLog2);
        }

        var given = imports.Get<MemoryInstance>(import);
        var fits = Fits(given.Pages, given.Limits, memory.Limits) && given.PageSizeLog2 == memory.PageSizeLog2
            && given.Limits.Shared == memory.Limits.Shared;
        return fits ? given : throw Imports.Incompatible(import);
    }

    /// <summary>An imported table, or null for one that the module makes.</summary>
    public static TableInstance? Table(Imports imports, ModuleTable table)
    {
        if (table.Import is not { } import)
        {
            return null;
        }

        var given = imports.Get<TableInstance>(import);
        return given.ElementType == table.ElementType && Fits(given.Size, given.Limits, table.Limits) ? given : throw Imports.Incompatible(import);
    }

    /// <summary>An imported global, or null for one that the module makes.</summary>
    public static GlobalInstance? Global(Imports imports, ModuleGlobal global)
    {
        if (global.Import is not { } import)
        {
            return null;
        }

        var given = imports.Get<GlobalInstance>(import);
        return given.Value.Type == global.Type && given.IsMutable == global.IsMutable ? given : throw Imports.Incompatible(import);
    }

    private static bool Fits(ulong size, Limits given, Limits wanted) =>
        given.Is64 == wanted.Is64 && size >= wanted.Minimum
        && (wanted.Maximum is not { } maximum || (given.Maximum is { } largest && largest <= maximum));
}
