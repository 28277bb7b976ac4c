using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Elf;

/// <summary>
/// Writes objects and images: header, program headers, section contents, tables, section headers.
/// The same model always gives the same bytes.
/// </summary>
internal sealed class ElfWriter
{
    private readonly ByteWriter _file = new();
    private readonly StringTable _sectionNames = new();
    private readonly ByteWriter _headers = new();
    private readonly Dictionary<ElfSection, int> _indices = [];
    private int _sectionCount = 1;

    private ElfWriter()
    {
    }

    /// <summary>The bytes of a relocatable object.</summary>
    public static byte[] Write(ElfObject source)
    {
        var writer = new ElfWriter();
        writer._file.Bytes(new byte[ElfNative.HeaderSize]);
        writer.NullSection();
        writer.Sections(source.Sections, segments: []);
        var (symbols, indices) = writer.SymbolTables(source.Symbols);
        foreach (var section in source.Sections)
        {
            writer.Relocations(section, symbols, indices);
        }

        return writer.Finish(ElfNative.TypeRelocatable, ElfNative.FlagsEabi5, entry: 0, segmentCount: 0);
    }

    /// <summary>The bytes of an executable.</summary>
    public static byte[] Write(ElfImage source)
    {
        var writer = new ElfWriter();
        writer._file.Bytes(new byte[ElfNative.HeaderSize + source.Segments.Count * ElfNative.ProgramHeaderSize]);
        writer.NullSection();
        var offsets = writer.Segments(source.Segments);
        writer.Sections(source.Sections, offsets);
        writer.SymbolTables(source.Symbols);
        return writer.Finish(ElfNative.TypeExecutable, ElfNative.FlagsEabi5 | ElfNative.FlagsSoftFloat, source.Entry, source.Segments.Count, offsets);
    }

    private void NullSection() => _headers.Bytes(new byte[ElfNative.SectionHeaderSize]);

    private List<(ElfSegment Segment, uint Offset)> Segments(List<ElfSegment> segments)
    {
        var offsets = new List<(ElfSegment, uint)>();
        foreach (var segment in segments)
        {
            // Offset and address agree modulo 4 KiB would waste flash images' file size; loaders of firmware ask for word alignment only.
            Align(4);
            offsets.Add((segment, (uint)_file.Length));
            _file.Bytes(segment.Content.Span);
        }

        return offsets;
    }

    private void Sections(List<ElfSection> sections, List<(ElfSegment Segment, uint Offset)> segments)
    {
        foreach (var section in sections)
        {
            _indices.Add(section, _sectionCount);
            var home = segments.Find(s => section.IsAllocated && section.Address >= s.Segment.Address
                && section.Address + (ulong)section.Size <= s.Segment.Address + (ulong)s.Segment.MemorySize);
            uint offset;
            if (home.Segment is not null)
            {
                offset = home.Offset + Math.Min(section.Address - home.Segment.Address, (uint)home.Segment.Content.Length);
            }
            else
            {
                Align(section.Alignment);
                offset = (uint)_file.Length;
                _file.Bytes(section.Content);
            }

            Header(section.Name, section.Type, section.Flags, section.Address, offset, section.Size, 0, 0, section.Alignment, 0);
        }
    }

    private (int SymbolTable, Dictionary<ElfSymbol, uint> Indices) SymbolTables(List<ElfSymbol> symbols)
    {
        var names = new StringTable();
        var table = new ByteWriter();
        table.Bytes(new byte[ElfNative.SymbolSize]);
        var indices = new Dictionary<ElfSymbol, uint>();
        var ordered = symbols.Where(s => s.Binding == SymbolBinding.Local).Concat(symbols.Where(s => s.Binding != SymbolBinding.Local));
        var locals = symbols.Count(s => s.Binding == SymbolBinding.Local) + 1;
        foreach (var symbol in ordered)
        {
            indices.Add(symbol, (uint)(indices.Count + 1));
            table.U32(names.Add(symbol.Name));
            table.U32(symbol.Value);
            table.U32(symbol.Size);
            table.U8((byte)((int)symbol.Binding << 4 | (int)symbol.Type));
            table.U8(0);
            table.U16(symbol.IsAbsolute ? ElfNative.SectionAbsolute : symbol.Section is null ? ElfNative.SectionUndefined : IndexOf(symbol));
        }

        var index = _sectionCount;
        Table(".symtab", SectionType.SymbolTable, table.Written, link: index + 1, info: locals, 4, ElfNative.SymbolSize);
        Table(".strtab", SectionType.StringTable, names.ToArray(), 0, 0, 1, 0);
        return (index, indices);
    }

    private ushort IndexOf(ElfSymbol symbol) => _indices.TryGetValue(symbol.Section!, out var index)
        ? (ushort)index
        : throw new InvariantException($"symbol '{symbol.Name}' is defined in a section of the file");

    private void Relocations(ElfSection section, int symbolTable, Dictionary<ElfSymbol, uint> indices)
    {
        if (section.Relocations.Count == 0)
        {
            return;
        }

        var table = new ByteWriter();
        foreach (var relocation in section.Relocations)
        {
            table.U32(relocation.Offset);
            table.U32(indices[relocation.Symbol] << 8 | (byte)relocation.Type);
        }

        Table(".rel" + section.Name, SectionType.Rel, table.Written, symbolTable, _indices[section], 4, ElfNative.RelocationSize, SectionFlags.InfoLink);
    }

    private void Table(string name, SectionType type, ReadOnlySpan<byte> content, int link, int info, int alignment, int entrySize, SectionFlags flags = SectionFlags.None)
    {
        Align(alignment);
        var offset = (uint)_file.Length;
        _file.Bytes(content);
        Header(name, type, flags, 0, offset, (uint)content.Length, link, info, alignment, entrySize);
    }

    private void Header(string name, SectionType type, SectionFlags flags, uint address, uint offset, uint size, int link, int info, int alignment, int entrySize)
    {
        _headers.U32(_sectionNames.Add(name));
        _headers.U32((uint)type);
        _headers.U32((uint)flags);
        _headers.U32(address);
        _headers.U32(offset);
        _headers.U32(size);
        _headers.U32((uint)link);
        _headers.U32((uint)info);
        _headers.U32((uint)alignment);
        _headers.U32((uint)entrySize);
        _sectionCount++;
    }

    private byte[] Finish(ushort type, uint flags, uint entry, int segmentCount, List<(ElfSegment Segment, uint Offset)>? segments = null)
    {
        var nameIndex = _sectionCount;
        _sectionNames.Add(".shstrtab");
        Table(".shstrtab", SectionType.StringTable, _sectionNames.ToArray(), 0, 0, 1, 0);
        InvariantException.Require(_sectionCount < ElfNative.SectionReservedFirst, "an object has fewer than 65280 sections");
        Align(4);
        var headers = (uint)_file.Length;
        _file.Bytes(_headers.Written);

        var start = new ByteWriter();
        start.Bytes(ElfNative.Identification);
        start.U16(type);
        start.U16(ElfNative.MachineArm);
        start.U32(1);
        start.U32(entry);
        start.U32(segmentCount == 0 ? 0u : ElfNative.HeaderSize);
        start.U32(headers);
        start.U32(flags);
        start.U16(ElfNative.HeaderSize);
        start.U16((ushort)(segmentCount == 0 ? 0 : ElfNative.ProgramHeaderSize));
        start.U16((ushort)segmentCount);
        start.U16(ElfNative.SectionHeaderSize);
        start.U16((ushort)_sectionCount);
        start.U16((ushort)nameIndex);
        foreach (var (segment, offset) in segments ?? [])
        {
            start.U32(ElfNative.SegmentLoad);
            start.U32(offset);
            start.U32(segment.Address);
            start.U32(segment.LoadAddress);
            start.U32((uint)segment.Content.Length);
            start.U32(segment.MemorySize);
            start.U32((uint)segment.Flags);
            start.U32(4);
        }

        var bytes = _file.ToArray();
        start.Written.CopyTo(bytes);
        return bytes;
    }

    private void Align(int alignment)
    {
        while (_file.Length % alignment != 0)
        {
            _file.U8(0);
        }
    }
}
