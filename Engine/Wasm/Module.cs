using System.Collections.Immutable;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Wasm;

/// <summary>A core module. Index spaces are lists with the imported entities first; bodies and constant expressions stay encoded.</summary>
/// <remarks>Core 3.0 #syntax-module</remarks>
internal sealed class Module
{
    private readonly Dictionary<FuncType, int> _typeIndices = [];
    private int _indexedTypes;

    /// <summary>Function types.</summary>
    public List<FuncType> Types { get; } = [];

    /// <summary>Imports in the order of the binary; every one also stands first in its index space.</summary>
    public List<Import> Imports { get; } = [];

    /// <summary>Functions, imported first.</summary>
    public List<ModuleFunction> Functions { get; } = [];

    /// <summary>Tables, imported first.</summary>
    public List<ModuleTable> Tables { get; } = [];

    /// <summary>Memories, imported first.</summary>
    public List<ModuleMemory> Memories { get; } = [];

    /// <summary>Globals, imported first.</summary>
    public List<ModuleGlobal> Globals { get; } = [];

    /// <summary>Exports in the order of the binary.</summary>
    public List<Export> Exports { get; } = [];

    /// <summary>The start function.</summary>
    public FuncIndex? Start { get; set; }

    /// <summary>Element segments.</summary>
    public List<ElementSegment> Elements { get; } = [];

    /// <summary>Data segments.</summary>
    public List<DataSegment> Data { get; } = [];

    /// <summary>Whether a data count section is present; needed when code names data segments.</summary>
    public bool HasDataCount { get; set; }

    /// <summary>Custom sections, each with the known section that it follows.</summary>
    public List<CustomSection> CustomSections { get; } = [];

    /// <summary>The bytes that the module was read from, or null. The writer repeats those of every section that is as it was read.</summary>
    public ModuleSource? Source { get; set; }

    /// <summary>Number of imported functions.</summary>
    public int ImportedFunctions => Functions.TakeWhile(f => f.Import is not null).Count();

    /// <summary>Number of imported globals.</summary>
    public int ImportedGlobals => Globals.TakeWhile(g => g.Import is not null).Count();

    /// <summary>The type of <paramref name="function"/>.</summary>
    public FuncType TypeOf(FuncIndex function) => Types[Functions[function.Index].Type.Index];

    /// <summary>A copy whose lists change on their own; the entities are shared, they do not change.</summary>
    public Module Clone()
    {
        var copy = new Module { Start = Start, HasDataCount = HasDataCount, Source = Source };
        copy.Types.AddRange(Types);
        copy.Imports.AddRange(Imports);
        copy.Functions.AddRange(Functions);
        copy.Tables.AddRange(Tables);
        copy.Memories.AddRange(Memories);
        copy.Globals.AddRange(Globals);
        copy.Exports.AddRange(Exports);
        copy.Elements.AddRange(Elements);
        copy.Data.AddRange(Data);
        copy.CustomSections.AddRange(CustomSections);
        return copy;
    }

    /// <summary>The index of <paramref name="type"/>, added when it is new.</summary>
    public TypeIndex AddType(FuncType type)
    {
        IndexTypes();
        if (_typeIndices.TryGetValue(type, out var index) && Types[index].Equals(type))
        {
            return new TypeIndex(index);
        }

        Types.Add(type);
        return new TypeIndex(Types.Count - 1);
    }

    /// <summary>Types are only ever added, or all cleared: what was indexed before stays where it was.</summary>
    private void IndexTypes()
    {
        if (_indexedTypes > Types.Count)
        {
            _typeIndices.Clear();
            _indexedTypes = 0;
        }

        for (; _indexedTypes < Types.Count; _indexedTypes++)
        {
            _typeIndices.TryAdd(Types[_indexedTypes], _indexedTypes);
        }
    }
}

/// <summary>What an import or export is.</summary>
internal enum ExternKind
{
    Function = 0,
    Table = 1,
    Memory = 2,
    Global = 3,
}

/// <summary>An import; its type stands with the entity it puts into an index space.</summary>
internal sealed record Import(string Module, string Name, ExternKind Kind);

/// <summary>An export of the entity <paramref name="Index"/> of its index space.</summary>
internal sealed record Export(string Name, ExternKind Kind, int Index);

/// <summary>Size limits, in entries of a table or pages of a memory.</summary>
/// <param name="Minimum">Initial size.</param>
/// <param name="Maximum">Largest size, or null.</param>
/// <param name="Is64">Addressed by i64.</param>
/// <param name="Shared">A shared memory.</param>
internal sealed record Limits(ulong Minimum, ulong? Maximum, bool Is64 = false, bool Shared = false);

/// <summary>A function: imported, or with a body.</summary>
internal sealed record ModuleFunction(TypeIndex Type, Import? Import, FunctionBody? Body);

/// <summary>A table: imported, or defined with an optional initialiser.</summary>
internal sealed record ModuleTable(ValType ElementType, Limits Limits, Import? Import, ConstantExpression? Initial = null);

/// <summary>A memory.</summary>
/// <param name="Limits">Its size in pages.</param>
/// <param name="Import">Where it comes from; null for one that is defined.</param>
/// <param name="StatedPageSizeLog2">The page size where the module states one, be it the usual one.</param>
internal sealed record ModuleMemory(Limits Limits, Import? Import, int? StatedPageSizeLog2 = null)
{
    /// <summary>Bits of an offset within a page.</summary>
    public int PageSizeLog2 => StatedPageSizeLog2 ?? 16;
}

/// <summary>A global: imported, or with an initial value.</summary>
internal sealed record ModuleGlobal(ValType Type, bool IsMutable, Import? Import, ConstantExpression? Initial);

/// <summary>A run of locals of one type.</summary>
internal readonly record struct LocalGroup(uint Count, ValType Type);

/// <summary>A function body as encoded.</summary>
/// <param name="Locals">Declared locals, parameters not included.</param>
/// <param name="Code">The instructions, the final <c>end</c> included.</param>
/// <param name="Offset">Byte offset of <paramref name="Code"/> in its file; 0 for a body made here.</param>
internal sealed record FunctionBody(ImmutableArray<LocalGroup> Locals, ReadOnlyMemory<byte> Code, int Offset = 0)
{
    /// <summary>
    /// Of a body that was rewritten or emitted anew: for each instruction that calls or may trap, in the order of the code, the byte offset in the file
    /// of the one that it was, -1 when it was none. Default: they are where they were read.
    /// </summary>
    public ImmutableArray<int> Sources { get; init; }

    /// <summary>Bytes of the declarations of locals, which stand in front of the code.</summary>
    public int LocalsLength
    {
        get
        {
            var locals = new ByteWriter();
            WriteLocals(locals);
            return locals.Length;
        }
    }

    /// <summary>Encodes the declarations of locals.</summary>
    public void WriteLocals(ByteWriter output)
    {
        output.Uleb((ulong)Locals.Length);
        foreach (var group in Locals)
        {
            output.Uleb(group.Count);
            output.U8((byte)group.Type);
        }
    }
}

/// <summary>When a segment takes effect.</summary>
internal enum SegmentMode
{
    Active = 0,
    Passive = 1,
    Declarative = 2,
}

/// <summary>An element segment: function indices, or expressions; at most one of the two lists has entries, and neither is default.</summary>
internal sealed record ElementSegment(
    SegmentMode Mode,
    TableIndex Table,
    ConstantExpression? Offset,
    ValType Type,
    ImmutableArray<FuncIndex> Functions,
    ImmutableArray<ConstantExpression> Expressions)
{
    /// <summary>Whether the entries are expressions.</summary>
    public bool UsesExpressions => !Expressions.IsDefaultOrEmpty || Type != ValType.FuncRef;

    /// <summary>Number of entries.</summary>
    public int Count => UsesExpressions ? Expressions.Length : Functions.Length;
}

/// <summary>A data segment. <paramref name="FileOffset"/> is the byte offset of <paramref name="Bytes"/> in its file; 0 when made here.</summary>
internal sealed record DataSegment(SegmentMode Mode, MemoryIndex Memory, ConstantExpression? Offset, ReadOnlyMemory<byte> Bytes, int FileOffset = 0);

/// <summary>A custom section. <paramref name="After"/> is the id of the non-custom section it follows, 0 at the start of the module.</summary>
internal sealed record CustomSection(string Name, ReadOnlyMemory<byte> Bytes, int After);
