using System.Collections.Immutable;

namespace Pulse.Build.Engine.Wasm.CustomSections;

/// <summary>What a relocation asks to be put where it points.</summary>
/// <remarks>tool-conventions Linking.md#relocation-sections</remarks>
internal enum RelocationType
{
    FunctionIndexLeb = 0,
    TableIndexSleb = 1,
    TableIndexI32 = 2,
    MemoryAddrLeb = 3,
    MemoryAddrSleb = 4,
    MemoryAddrI32 = 5,
    TypeIndexLeb = 6,
    GlobalIndexLeb = 7,
    FunctionOffsetI32 = 8,
    SectionOffsetI32 = 9,
    TagIndexLeb = 10,
    MemoryAddrRelSleb = 11,
    TableIndexRelSleb = 12,
    GlobalIndexI32 = 13,
    MemoryAddrLeb64 = 14,
    MemoryAddrSleb64 = 15,
    MemoryAddrI64 = 16,
    MemoryAddrRelSleb64 = 17,
    TableIndexSleb64 = 18,
    TableIndexI64 = 19,
    TableNumberLeb = 20,
    MemoryAddrTlsSleb = 21,
    FunctionOffsetI64 = 22,
    MemoryAddrLocrelI32 = 23,
    TableIndexRelSleb64 = 24,
    MemoryAddrTlsSleb64 = 25,
    FunctionIndexI32 = 26,
}

/// <summary>One place to relocate.</summary>
/// <param name="Type">What to put there.</param>
/// <param name="Offset">Byte offset from the start of the target section's content.</param>
/// <param name="Index">A symbol of the <c>linking</c> section; for <see cref="RelocationType.TypeIndexLeb"/> a type index.</param>
/// <param name="Addend">Added to the symbol's address or offset.</param>
internal readonly record struct RelocationEntry(RelocationType Type, int Offset, int Index, long Addend)
{
    /// <summary>Whether relocations of <paramref name="type"/> carry an addend.</summary>
    public static bool HasAddend(RelocationType type) => type is RelocationType.MemoryAddrLeb or RelocationType.MemoryAddrSleb
        or RelocationType.MemoryAddrI32 or RelocationType.FunctionOffsetI32 or RelocationType.SectionOffsetI32
        or RelocationType.MemoryAddrRelSleb or RelocationType.MemoryAddrLeb64 or RelocationType.MemoryAddrSleb64
        or RelocationType.MemoryAddrI64 or RelocationType.MemoryAddrRelSleb64 or RelocationType.MemoryAddrTlsSleb
        or RelocationType.FunctionOffsetI64 or RelocationType.MemoryAddrLocrelI32 or RelocationType.MemoryAddrTlsSleb64;
}

/// <summary>A <c>reloc.*</c> section: places in one other section, by rising offset.</summary>
/// <param name="Name">Name of the custom section, <c>reloc.CODE</c>.</param>
/// <param name="SectionIndex">Position of the target among all sections of the file, custom ones included.</param>
/// <param name="TargetId">The target's <see cref="SectionId"/>.</param>
/// <param name="TargetOffset">Byte offset in the file of the target's content; an entry's place in the file is this plus its offset.</param>
/// <param name="Entries">The places.</param>
internal sealed record RelocationSection(string Name, int SectionIndex, int TargetId, int TargetOffset, ImmutableArray<RelocationEntry> Entries)
{
    /// <summary>Every relocation section of <paramref name="module"/>, which must have been read from a file.</summary>
    public static ImmutableArray<RelocationSection> Read(Module module, string path)
    {
        if (module.Source is not { } source)
        {
            return [];
        }

        var result = ImmutableArray.CreateBuilder<RelocationSection>();
        foreach (var section in source.Sections)
        {
            if (section.Custom is { } custom && custom.Name.StartsWith("reloc.", StringComparison.Ordinal))
            {
                result.Add(Read(section, custom, source, path));
            }
        }

        return result.ToImmutable();
    }

    private static RelocationSection Read(SourceSection section, CustomSection custom, ModuleSource source, string path)
    {
        var reader = new ByteReader(custom.Bytes.Span, section.EndOffset - custom.Bytes.Length, path);
        var start = reader.Offset;
        var target = reader.Index();
        if (target >= source.Sections.Length)
        {
            throw reader.Malformed("relocations for a section that does not exist", start);
        }

        var entries = ImmutableArray.CreateBuilder<RelocationEntry>(reader.Count(3));
        var size = source.Sections[target].EndOffset - source.Sections[target].ContentOffset;
        for (var left = entries.Capacity; left > 0; left--)
        {
            var at = reader.Offset;
            var type = (RelocationType)reader.U8();
            if (type > RelocationType.FunctionIndexI32)
            {
                throw reader.Malformed($"unknown relocation type {(int)type}", at);
            }

            var offset = reader.Index();
            if (offset >= size)
            {
                throw reader.Malformed("relocation outside its section", at);
            }

            var index = reader.Index();
            entries.Add(new RelocationEntry(type, offset, index, RelocationEntry.HasAddend(type) ? reader.S64() : 0));
        }

        return new RelocationSection(custom.Name, target, source.Sections[target].Id, source.Sections[target].ContentOffset, entries.MoveToImmutable());
    }
}
