using System.Buffers.Binary;
using System.Text;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Wasm.Dwarf;

/// <summary>The custom sections that are read.</summary>
internal enum DwarfSection
{
    Info,
    Abbreviations,
    Line,
    Strings,
    LineStrings,
    StringOffsets,
    Addresses,
}

/// <summary>A NUL-terminated string, by where it stands: it is decoded when somebody asks for it.</summary>
internal readonly record struct DwarfString(DwarfSection Section, long Offset);

/// <summary>The bytes of a module's DWARF sections, with their places in the file.</summary>
internal sealed class DwarfSections
{
    /// <summary>Longer strings are cut: a section that overlaps its strings must not multiply itself.</summary>
    private const int LongestString = 4096;

    private static readonly string[] Names =
        [".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".debug_line_str", ".debug_str_offsets", ".debug_addr"];

    private readonly (ReadOnlyMemory<byte> Bytes, int Offset)[] _sections = new (ReadOnlyMemory<byte>, int)[Names.Length];
    private readonly string _path;

    private DwarfSections(string path) => _path = path;

    /// <summary>The sections of <paramref name="module"/>; those it lacks are empty.</summary>
    public static DwarfSections Of(Module module, string path)
    {
        var result = new DwarfSections(path);
        foreach (var section in module.Source?.Sections ?? [])
        {
            if (section.Custom is { } custom && Array.IndexOf(Names, custom.Name) is var index and >= 0)
            {
                result._sections[index] = (custom.Bytes, section.EndOffset - custom.Bytes.Length);
            }
        }

        return result;
    }

    /// <summary>Sections of a file of another kind, by name; others than those of DWARF are left out.</summary>
    public static DwarfSections Of(IEnumerable<(string Name, ReadOnlyMemory<byte> Bytes)> sections, string path)
    {
        var result = new DwarfSections(path);
        foreach (var (name, bytes) in sections)
        {
            if (Array.IndexOf(Names, name) is var index and >= 0)
            {
                result._sections[index] = (bytes, 0);
            }
        }

        return result;
    }

    /// <summary>The name of <paramref name="section"/> in the file.</summary>
    public static string NameOf(DwarfSection section) => Names[(int)section];

    /// <summary>Number of bytes of <paramref name="section"/>.</summary>
    public int Length(DwarfSection section) => _sections[(int)section].Bytes.Length;

    /// <summary>A reader of the bytes of <paramref name="section"/> from <paramref name="start"/> to <paramref name="end"/>, the section's end by default.</summary>
    public ByteReader Reader(DwarfSection section, long start = 0, long end = long.MaxValue)
    {
        var (bytes, offset) = _sections[(int)section];
        end = Math.Min(end, bytes.Length);
        return start >= 0 && start <= end
            ? new ByteReader(bytes.Span[(int)start..(int)end], offset + (int)start, _path, DiagnosticId.PULSE1020)
            : throw new DiagnosticException(DiagnosticId.PULSE1020, Location.AtOffset(_path, offset), $"{NameOf(section)} has no byte 0x{start:x}");
    }

    /// <summary>The text of <paramref name="text"/>; empty when it is outside its section.</summary>
    public string Text(DwarfString text)
    {
        var bytes = _sections[(int)text.Section].Bytes.Span;
        if (text.Offset < 0 || text.Offset >= bytes.Length)
        {
            return "";
        }

        var rest = bytes[(int)text.Offset..];
        var length = rest.IndexOf((byte)0);
        rest = rest[..Math.Min(length < 0 ? rest.Length : length, LongestString)];
        return Encoding.UTF8.GetString(rest);
    }

    /// <summary>The <paramref name="index"/>-th entry of <paramref name="size"/> bytes from <paramref name="start"/>, or null outside the section.</summary>
    public ulong? Entry(DwarfSection section, ulong start, ulong index, int size)
    {
        var bytes = _sections[(int)section].Bytes.Span;
        var limit = (ulong)bytes.Length;
        if (start > limit || index >= limit || start + (index * (ulong)size) + (ulong)size > limit)
        {
            return null;
        }

        var entry = bytes.Slice((int)(start + (index * (ulong)size)), size);
        return size == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(entry) : BinaryPrimitives.ReadUInt32LittleEndian(entry);
    }
}
