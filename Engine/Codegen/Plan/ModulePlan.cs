using System.Globalization;
using Pulse.Build.Engine.Wasm;

namespace Pulse.Build.Engine.Codegen.Plan;

/// <summary>
/// What is decided for a module before its functions are lowered: the symbol of each entity, the bytes of each memory, the globals that are
/// constants, the tables of code addresses that indirect calls go through.
/// </summary>
internal sealed class ModulePlan
{
    private readonly string[] _functions;
    private readonly string?[] _titles;
    private readonly long?[] _constants;
    private readonly SortedSet<(int Table, int Type)> _callTables = [];
    private readonly MutableParts _mutable;

    /// <summary>Plans <paramref name="module"/>.</summary>
    public ModulePlan(Module module, string path, CompilerOptions options)
    {
        (Module, Path, Options) = (module, path, options);
        var symbols = new SymbolNames(module, path);
        (_functions, _titles) = (symbols.Functions, symbols.Titles);
        _constants = [.. module.Globals.Select(ConstantOf)];
        MemoryBytes = MemoryExtents.Of(module, path);
        _mutable = new MutableParts(module);
    }

    /// <summary>The module.</summary>
    public Module Module { get; }

    /// <summary>Its file, for diagnostics.</summary>
    public string Path { get; }

    /// <summary>What was asked for.</summary>
    public CompilerOptions Options { get; }

    /// <summary>Bytes of each memory that the object lays out.</summary>
    public IReadOnlyList<uint> MemoryBytes { get; }

    /// <summary>Bytes of a memory at the start: what it declares, or less where less is laid out.</summary>
    public uint InitialBytes(int memory) => (uint)Math.Min(MemoryBytes[memory], DeclaredBytes(memory));

    /// <summary>Bytes that a memory declares to start with.</summary>
    public ulong DeclaredBytes(int memory) => Module.Memories[memory].Limits.Minimum << Module.Memories[memory].PageSizeLog2;

    /// <summary>Pages that a memory can grow to: what is laid out for it, and not more than it declares.</summary>
    public uint MostPages(int memory) => (uint)Math.Min(MemoryBytes[memory] >> Module.Memories[memory].PageSizeLog2, Module.Memories[memory].Limits.Maximum ?? uint.MaxValue);

    /// <summary>Whether code asks a memory to grow and more pages are laid out than it starts with.</summary>
    public bool Grows(int memory) => _mutable.IsGrown(memory) && MostPages(memory) > Module.Memories[memory].Limits.Minimum;

    /// <summary>Memories whose size is a variable that code refers to.</summary>
    public SortedSet<int> MemorySizes { get; } = [];

    /// <summary>Memories that the start symbol fills.</summary>
    public SortedSet<int> Filled { get; } = [];

    /// <summary>Data segments whose bytes code refers to.</summary>
    public SortedSet<int> DataSegments { get; } = [];

    /// <summary>Data segments whose length is a variable that code refers to.</summary>
    public SortedSet<int> DataLengths { get; } = [];

    /// <summary>The bytes that code finds in a data segment: active ones have none left when it runs.</summary>
    public int SegmentBytes(int segment) => Module.Data[segment].Mode == SegmentMode.Passive ? Module.Data[segment].Bytes.Length : 0;

    /// <summary>Whether code drops a data segment that has something to drop.</summary>
    public bool IsDropped(int segment) => _mutable.IsDropped(segment) && SegmentBytes(segment) > 0;

    /// <summary>Whether some call leaves the object, so that the stack must be aligned to 8 at calls.</summary>
    public bool CallsOut => Module.Functions.Any(function => function.Import is { } import && !import.Module.StartsWith(Lowering.TargetIntrinsics.Package, StringComparison.Ordinal));

    /// <summary>Tables that calls of one type go through, as they are asked for.</summary>
    public IEnumerable<(int Table, int Type)> CallTables => _callTables;

    /// <summary>Runtime routines that are called.</summary>
    public SortedSet<string> Routines { get; } = new(StringComparer.Ordinal);

    /// <summary>The symbol of a function.</summary>
    public string FunctionSymbol(FuncIndex function) => _functions[function.Index];

    /// <summary>A second symbol of an exported function, for people: the name that it would have without the export, which says the component.</summary>
    public string? Title(FuncIndex function) => _titles[function.Index];

    /// <summary>The symbol of a memory.</summary>
    public static string MemorySymbol(int memory) => Numbered("__pulse_memory", memory);

    /// <summary>The symbol of the variable with the bytes of a memory that grows; remembers that it is needed.</summary>
    public string MemorySizeSymbol(int memory)
    {
        MemorySizes.Add(memory);
        return Numbered("__pulse_memory_size", memory);
    }

    /// <summary>The symbol of a data segment's bytes; remembers that they are needed.</summary>
    public string DataSymbol(int segment)
    {
        DataSegments.Add(segment);
        return Numbered("__pulse_data", segment);
    }

    /// <summary>The symbol of the variable with the length of a data segment; remembers that it is needed.</summary>
    public string DataLengthSymbol(int segment)
    {
        DataLengths.Add(segment);
        return Numbered("__pulse_data_length", segment);
    }

    /// <summary>The symbol of a global.</summary>
    public static string GlobalSymbol(int global) => Numbered("__pulse_global", global);

    /// <summary>The symbol of the table for calls of one type; remembers that it is needed.</summary>
    public string CallTableSymbol(int table, int type)
    {
        _callTables.Add((table, type));
        return CallTableName(table, type);
    }

    /// <summary>The symbol of the table for calls of one type.</summary>
    public static string CallTableName(int table, int type) => string.Create(CultureInfo.InvariantCulture, $"__pulse_table{table}_type{type}");

    /// <summary>The value of a global that never changes, or null.</summary>
    public long? GlobalConstant(int global) => _constants[global];

    /// <summary>Whether one of the exported, mutable or immutable globals has storage.</summary>
    public bool HasStorage(int global) => _constants[global] is null;

    private static string Numbered(string stem, int index) => string.Create(CultureInfo.InvariantCulture, $"{stem}{index}");

    private static long? ConstantOf(ModuleGlobal global)
    {
        if (global.IsMutable || global.Initial is null)
        {
            return null;
        }

        return global.Initial.TryEvaluate(out var value) && !value.Type.IsReference() ? unchecked((long)value.Bits) : null;
    }
}
