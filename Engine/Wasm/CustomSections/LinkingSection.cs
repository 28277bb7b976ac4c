using System.Collections.Immutable;

namespace Pulse.Build.Engine.Wasm.CustomSections;

/// <summary>What a symbol stands for.</summary>
internal enum SymbolKind
{
    Function = 0,
    Data = 1,
    Global = 2,
    Section = 3,
    Tag = 4,
    Table = 5,
}

/// <summary>Flags of a symbol.</summary>
[Flags]
internal enum SymbolFlags
{
    None = 0,
    BindingWeak = 0x01,
    BindingLocal = 0x02,
    VisibilityHidden = 0x04,
    Undefined = 0x10,
    Exported = 0x20,
    ExplicitName = 0x40,
    NoStrip = 0x80,
    ThreadLocal = 0x100,
    Absolute = 0x200,
}

/// <summary>A symbol of the symbol table.</summary>
/// <param name="Kind">What it stands for.</param>
/// <param name="Flags">Binding, visibility and the like.</param>
/// <param name="Name">Its name; empty for a section and for an import that goes by its import name.</param>
/// <param name="Index">Function, global, table, section or data-segment index; -1 for undefined data.</param>
/// <param name="Offset">Of data: where it starts in its segment.</param>
/// <param name="Size">Of data: how many bytes it has.</param>
internal sealed record LinkingSymbol(SymbolKind Kind, SymbolFlags Flags, string Name, int Index, ulong Offset = 0, ulong Size = 0)
{
    /// <summary>Whether something else must define it.</summary>
    public bool IsUndefined => (Flags & SymbolFlags.Undefined) != 0;
}

/// <summary>Name, alignment and flags of a data segment.</summary>
internal sealed record LinkingSegment(string Name, int AlignLog2, uint Flags);

/// <summary>An initialisation function of the object's symbol <paramref name="Symbol"/>.</summary>
internal readonly record struct InitFunction(uint Priority, int Symbol);

/// <summary>The <c>linking</c> section that LLVM's linker leaves with <c>--emit-relocs</c>.</summary>
/// <remarks>tool-conventions Linking.md#linking-metadata-section</remarks>
internal sealed record LinkingSection(
    ImmutableArray<LinkingSegment> Segments,
    ImmutableArray<LinkingSymbol> Symbols,
    ImmutableArray<InitFunction> InitFunctions)
{
    /// <summary>The version that is read.</summary>
    public const int Version = 2;

    private const int SegmentInfoId = 5;
    private const int InitFunctionsId = 6;
    private const int SymbolTableId = 8;

    /// <summary>The linking section of <paramref name="module"/>, or null when it has none.</summary>
    public static LinkingSection? Read(Module module, string path)
    {
        foreach (var section in module.Source?.Sections ?? [])
        {
            if (section.Custom is { Name: "linking" } custom)
            {
                return Read(new ByteReader(custom.Bytes.Span, section.EndOffset - custom.Bytes.Length, path));
            }
        }

        return null;
    }

    private static LinkingSection Read(ByteReader reader)
    {
        var start = reader.Offset;
        if (reader.U32() is var version && version != Version)
        {
            throw reader.Malformed($"linking section of version {version}, where {Version} is understood", start);
        }

        var result = new LinkingSection([], [], []);
        while (!reader.AtEnd)
        {
            var id = reader.U8();
            var size = reader.Count();
            var subsection = new ByteReader(reader.Bytes(size), reader.Offset - size, reader.Path);
            result = id switch
            {
                SegmentInfoId => result with { Segments = ReadSegments(ref subsection) },
                InitFunctionsId => result with { InitFunctions = ReadInitFunctions(ref subsection) },
                SymbolTableId => result with { Symbols = ReadSymbols(ref subsection) },
                _ => result,
            };
        }

        return result;
    }

    private static ImmutableArray<LinkingSegment> ReadSegments(ref ByteReader reader)
    {
        var segments = new LinkingSegment[reader.Count(3)];
        for (var i = 0; i < segments.Length; i++)
        {
            segments[i] = new LinkingSegment(reader.Name(), reader.Index(), reader.U32());
        }

        return ImmutableArray.Create(segments);
    }

    private static ImmutableArray<InitFunction> ReadInitFunctions(ref ByteReader reader)
    {
        var functions = new InitFunction[reader.Count(2)];
        for (var i = 0; i < functions.Length; i++)
        {
            functions[i] = new InitFunction(reader.U32(), reader.Index());
        }

        return ImmutableArray.Create(functions);
    }

    private static ImmutableArray<LinkingSymbol> ReadSymbols(ref ByteReader reader)
    {
        var symbols = new LinkingSymbol[reader.Count(3)];
        for (var i = 0; i < symbols.Length; i++)
        {
            symbols[i] = ReadSymbol(ref reader);
        }

        return ImmutableArray.Create(symbols);
    }

    private static LinkingSymbol ReadSymbol(ref ByteReader reader)
    {
        var start = reader.Offset;
        var kind = (SymbolKind)reader.U8();
        var flags = (SymbolFlags)reader.Index();
        var defined = (flags & SymbolFlags.Undefined) == 0;
        switch (kind)
        {
            case SymbolKind.Section:
                return new LinkingSymbol(kind, flags, "", reader.Index());
            case SymbolKind.Data:
                var data = reader.Name();
                return defined
                    ? new LinkingSymbol(kind, flags, data, reader.Index(), reader.U64(), reader.U64())
                    : new LinkingSymbol(kind, flags, data, -1);
            case SymbolKind.Function or SymbolKind.Global or SymbolKind.Tag or SymbolKind.Table:
                var index = reader.Index();
                var named = defined || (flags & SymbolFlags.ExplicitName) != 0;
                return new LinkingSymbol(kind, flags, named ? reader.Name() : "", index);
            default:
                throw reader.Malformed($"unknown symbol kind {(int)kind}", start);
        }
    }
}
