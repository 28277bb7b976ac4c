using System.Buffers.Binary;
using System.Text;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Elf;

/// <summary>
/// Reads objects and images. The input may be anything: every offset, count and index is checked before it is used,
/// and what does not hold is a PULSE4030 with the byte offset.
/// </summary>
internal sealed class ElfReader
{
    // More than any object that fits a microcontroller; bounds what a hostile header can make us allocate.
    private const int MostSymbols = 1 << 20;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly string _file;
    private readonly List<SectionHeader> _headers = [];
    private readonly Dictionary<int, ElfSection> _sections = [];

    private ElfReader(ReadOnlyMemory<byte> bytes, string file) => (_bytes, _file) = (bytes, file);

    private readonly record struct SectionHeader(
        uint At, uint Name, uint Type, uint Flags, uint Address, uint Offset, uint Size, uint Link, uint Info, uint Alignment, uint EntrySize);

    /// <summary>Reads a relocatable object.</summary>
    public static ElfObject ReadObject(ReadOnlyMemory<byte> bytes, string file)
    {
        var reader = new ElfReader(bytes, file);
        reader.Header(ElfNative.TypeRelocatable, "a relocatable object");
        reader.ReadSections();
        var result = new ElfObject();
        result.Sections.AddRange(reader._sections.OrderBy(pair => pair.Key).Select(pair => pair.Value));
        var symbols = reader.ReadSymbols();
        result.Symbols.AddRange(symbols.Skip(1));
        reader.ReadRelocations(symbols);
        return result;
    }

    /// <summary>Reads an executable image.</summary>
    public static ElfImage ReadImage(ReadOnlyMemory<byte> bytes, string file)
    {
        var reader = new ElfReader(bytes, file);
        reader.Header(ElfNative.TypeExecutable, "an executable");
        reader.ReadSections();
        var result = new ElfImage { Entry = reader.U32(24) };
        result.Sections.AddRange(reader._sections.OrderBy(pair => pair.Key).Select(pair => pair.Value));
        result.Symbols.AddRange(reader.ReadSymbols().Skip(1));
        reader.ReadSegments(result);
        return result;
    }

    private void Header(ushort type, string wanted)
    {
        if (_bytes.Length < ElfNative.HeaderSize || !_bytes.Span[..7].SequenceEqual(ElfNative.Identification[..7]))
        {
            throw Malformed(0, "this is not a 32-bit little-endian ELF file");
        }

        if (U16(18) != ElfNative.MachineArm)
        {
            throw Malformed(18, "the machine is not Arm");
        }

        if (U16(16) != type)
        {
            throw Malformed(16, $"this is not {wanted}");
        }

        if (U16(46) is not (0 or ElfNative.SectionHeaderSize))
        {
            throw Malformed(46, "section headers have an unexpected size");
        }
    }

    private void ReadSections()
    {
        var (table, count, names) = (U32(32), U16(48), U16(50));
        _ = Slice(table, (ulong)count * ElfNative.SectionHeaderSize, 32, "the section headers");
        for (uint i = 0; i < count; i++)
        {
            var at = table + i * ElfNative.SectionHeaderSize;
            uint Word(uint n) => U32(at + n * 4);
            _headers.Add(new(at, Word(0), Word(1), Word(2), Word(3), Word(4), Word(5), Word(6), Word(7), Word(8), Word(9)));
        }

        for (var i = 1; i < count; i++)
        {
            var header = _headers[i];
            var type = (SectionType)header.Type;
            if (type is SectionType.Null or SectionType.SymbolTable or SectionType.StringTable or SectionType.Rel or SectionType.RelA or SectionType.Group)
            {
                continue;
            }

            if (header.Alignment > 1 << 20 || (header.Alignment != 0 && !System.Numerics.BitOperations.IsPow2(header.Alignment)))
            {
                throw Malformed(header.At + 32, "a section's alignment is not a power of two");
            }

            _sections.Add(i, new ElfSection(Name(names, header.Name, header.At), type, (SectionFlags)header.Flags)
            {
                Alignment = Math.Max(1, (int)header.Alignment),
                Address = header.Address,
                ZeroSize = type == SectionType.NoBits ? header.Size : 0,
                Content = type == SectionType.NoBits ? [] : Content(header).ToArray(),
            });
        }
    }

    private List<ElfSymbol> ReadSymbols()
    {
        var symbols = new List<ElfSymbol> { new("", null, 0, 0, SymbolBinding.Local, SymbolType.None) };
        foreach (var header in _headers.Where(h => h.Type == (uint)SectionType.SymbolTable).Take(1))
        {
            var content = Content(header);
            var count = content.Length / ElfNative.SymbolSize;
            if (content.Length % ElfNative.SymbolSize != 0 || count > MostSymbols)
            {
                throw Malformed(header.At + 20, "the symbol table has a bad size");
            }

            for (var i = 1; i < count; i++)
            {
                symbols.Add(Symbol(content.Span.Slice(i * ElfNative.SymbolSize, ElfNative.SymbolSize), header, header.Offset + (uint)(i * ElfNative.SymbolSize)));
            }
        }

        return symbols;
    }

    private ElfSymbol Symbol(ReadOnlySpan<byte> entry, in SectionHeader table, uint at)
    {
        var name = Name(table.Link, BinaryPrimitives.ReadUInt32LittleEndian(entry), at);
        var home = BinaryPrimitives.ReadUInt16LittleEndian(entry[14..]);
        ElfSection? section = null;
        if (home is not ElfNative.SectionUndefined and < ElfNative.SectionReservedFirst && !_sections.TryGetValue(home, out section))
        {
            // Symbols of tables that the model leaves out (section symbols of .rel) carry nothing.
            section = home < _headers.Count ? null : throw Malformed(at + 14, $"symbol '{name}' names a section that does not exist");
        }

        if (home == ElfNative.SectionCommon)
        {
            throw Malformed(at + 14, $"symbol '{name}' is a common symbol; compile with -fno-common");
        }

        var binding = (SymbolBinding)(entry[12] >> 4);
        if (binding > SymbolBinding.Weak)
        {
            throw Malformed(at + 12, $"symbol '{name}' has an unknown binding");
        }

        return new ElfSymbol(name, section, BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]),
            binding, (SymbolType)(entry[12] & 15), IsAbsolute: home == ElfNative.SectionAbsolute);
    }

    private void ReadRelocations(List<ElfSymbol> symbols)
    {
        foreach (var header in _headers)
        {
            if (header.Type == (uint)SectionType.RelA)
            {
                throw Malformed(header.At + 4, "relocations with explicit addends are not used on Arm");
            }

            if (header.Type != (uint)SectionType.Rel || !_sections.TryGetValue((int)Math.Min(header.Info, int.MaxValue), out var section))
            {
                continue;
            }

            var content = Content(header).Span;
            for (var at = 0; at + ElfNative.RelocationSize <= content.Length; at += ElfNative.RelocationSize)
            {
                var offset = BinaryPrimitives.ReadUInt32LittleEndian(content[at..]);
                var info = BinaryPrimitives.ReadUInt32LittleEndian(content[(at + 4)..]);
                if (info >> 8 >= symbols.Count)
                {
                    throw Malformed(header.Offset + (uint)at + 4, "a relocation names a symbol that does not exist");
                }

                if (offset > section.Size || section.Size - offset < 4)
                {
                    throw Malformed(header.Offset + (uint)at, $"a relocation lies outside of section '{section.Name}'");
                }

                section.Relocations.Add(new(offset, (RelocationType)(info & 0xFF), symbols[(int)(info >> 8)]));
            }
        }
    }

    private void ReadSegments(ElfImage image)
    {
        var (table, count) = (U32(28), U16(44));
        _ = Slice(table, (ulong)count * ElfNative.ProgramHeaderSize, 28, "the program headers");
        for (uint i = 0; i < count; i++)
        {
            var at = table + i * ElfNative.ProgramHeaderSize;
            uint Word(uint n) => U32(at + n * 4);
            if (Word(0) == ElfNative.SegmentLoad)
            {
                if (Word(5) < Word(4))
                {
                    throw Malformed(at + 20, "a segment is smaller in memory than in the file");
                }

                image.Segments.Add(new(Word(2), Word(3), Slice(Word(1), Word(4), at + 4, "a segment"), Word(5), (SegmentFlags)Word(6)));
            }
        }
    }

    private ReadOnlyMemory<byte> Content(in SectionHeader header) => Slice(header.Offset, header.Size, header.At + 16, "a section");

    private ReadOnlyMemory<byte> Slice(uint offset, ulong size, uint at, string what)
        => offset + size <= (ulong)_bytes.Length ? _bytes.Slice((int)offset, (int)size) : throw Malformed(at, $"{what} lies outside of the file");

    private string Name(uint table, uint offset, uint at)
    {
        if (table >= _headers.Count)
        {
            throw Malformed(at, "a string table does not exist");
        }

        var content = Content(_headers[(int)table]).Span;
        if (offset >= content.Length)
        {
            return offset == 0 ? "" : throw Malformed(at, "a name lies outside of its string table");
        }

        var rest = content[(int)offset..];
        var end = rest.IndexOf((byte)0);
        return end < 0 ? throw Malformed(at, "a name does not end") : Encoding.UTF8.GetString(rest[..end]);
    }

    private ushort U16(uint at) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.Span[(int)at..]);

    private uint U32(uint at) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Span[(int)at..]);

    private DiagnosticException Malformed(uint at, string what) => new(DiagnosticId.PULSE4030, Location.AtOffset(_file, at), what);
}
